"""``perftui doctor``: what of this installation, terminal and machine is well, and the way out where it is not."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable
from importlib import metadata, util
from pathlib import Path

import msgspec

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.setup import chosen_glyphs
from perftui.config.defaults import DEFAULTS
from perftui.config.load import find_config, load
from perftui.config.paths import config_folder, data_folder, journal_path, state_folder
from perftui.config.themes import theme_names
from perftui.domain.errors import Exit
from perftui.domain.units import Unit, format_value
from perftui.view.glyphs import to_ascii

_LOW_DISK_BYTES = 200e6
_PACKAGES = ("textual", "psutil", "httpx", "prometheus-api-client", "plotext", "msgspec", "platformdirs", "wcwidth")


class Finding(msgspec.Struct, frozen=True):
    """``state`` is ok, watch or bad; ``way_out`` says what to do about it."""

    name: str
    state: str
    text: str
    way_out: str = ""


def doctor(options: Options) -> int:
    """1 when something is broken."""
    found = [finding for look in _LOOKS for finding in look(options)]
    if options.json:
        print(json.dumps([msgspec.to_builtins(finding) for finding in found], indent=2))
    else:
        _print(found)
    return Exit.GATE_FAILED if any(finding.state == "bad" for finding in found) else Exit.OK


def _print(found: Iterable[Finding]) -> None:
    plain = not chosen_glyphs(DEFAULTS).braille
    for finding in found:
        sign = {"ok": "✓", "watch": "▲", "bad": "✗"}[finding.state]
        line = f"{sign} {finding.name:13} {finding.text}"
        if finding.way_out:
            line += f"\n  {'':13} → {finding.way_out}"
        print(to_ascii(line) if plain else line)


def _python(_: Options) -> list[Finding]:
    text = f"perftui {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    found = [Finding("versions", "ok", text)]
    if not sys.platform.startswith("linux"):
        found.append(Finding("system", "watch", "best effort on this system: fewer figures"))
    versions = {package: _version(package) for package in _PACKAGES}
    missing = [package for package, version in versions.items() if not version]
    if missing:
        found.append(Finding("packages", "bad", f"missing: {', '.join(missing)}", "install perftui again"))
    else:
        found.append(Finding("packages", "ok", ", ".join(f"{name} {version}" for name, version in versions.items())))
    return found


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def bytecode(_: Options) -> list[Finding]:
    """Whether Python has to compile at every start."""
    way_out = "python -m compileall -q " + str(Path(__file__).parent.parent)
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        text = "PYTHONDONTWRITEBYTECODE is set: starts can take 2 to 4 times as long"
        return [Finding("bytecode", "watch", text, "unset PYTHONDONTWRITEBYTECODE")]
    spec = util.find_spec("textual")
    cached = None if spec is None or spec.cached is None else Path(spec.cached)
    if cached is None or not cached.exists():
        text = "Textual is not compiled: the first start takes 2 to 4 times as long"
        return [Finding("bytecode", "watch", text, way_out.replace("perftui", "textual"))]
    return [Finding("bytecode", "ok", "compiled")]


def _terminal(_: Options) -> list[Finding]:
    term, size = os.environ.get("TERM", ""), shutil.get_terminal_size()
    tty = sys.stdin.isatty() and sys.stdout.isatty()
    colours = os.environ.get("COLORTERM", "") or ("none (NO_COLOR)" if os.environ.get("NO_COLOR") else "by TERM")
    text = f"TERM={term or 'unset'}, {size.columns}x{size.lines}, colours {colours}"
    if not tty or term in ("", "dumb"):
        return [
            Finding(
                "terminal", "watch", text + ", not interactive", "perftui prints text here; use a terminal to watch"
            )
        ]
    state = "watch" if size.columns < 80 or size.lines < 24 else "ok"
    return [Finding("terminal", state, text, "80x24 and more show all panels" if state == "watch" else "")]


def _locale(_: Options) -> list[Finding]:
    if chosen_glyphs(DEFAULTS).braille:
        return [Finding("locale", "ok", "UTF-8")]
    return [
        Finding("locale", "watch", "not UTF-8: charts are drawn in ASCII", 'export LANG=C.UTF-8, or glyphs = "utf8"')
    ]


def _config(options: Options) -> list[Finding]:
    path = find_config(options.config, os.environ, Path.cwd())
    loaded = load(path, os.environ)
    if loaded.problems:
        return [Finding("configuration", "bad", str(problem)) for problem in loaded.problems]
    return [Finding("configuration", "ok", str(path) if path else f"defaults; yours would be {config_folder()}")]


def _themes(_: Options) -> list[Finding]:
    return [Finding("themes", "ok", ", ".join(theme_names()))]


def _folders(_: Options) -> list[Finding]:
    found = []
    for name, folder in (("data folder", data_folder()), ("state folder", state_folder())):
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if not os.access(there, os.W_OK):
            found.append(Finding(name, "bad", f"{there} is not writable", "history is kept in memory only until it is"))
        elif folder.exists() and folder.stat().st_mode & 0o077:
            found.append(Finding(name, "watch", f"{folder} can be read by others", f"chmod 700 {folder}"))
        else:
            free = shutil.disk_usage(there).free
            state = "watch" if free < _LOW_DISK_BYTES else "ok"
            found.append(Finding(name, state, f"{folder}, {format_value(float(free), Unit.BYTES)} free"))
    return found


def _journal(options: Options) -> list[Finding]:
    loaded = load(find_config(options.config, os.environ, Path.cwd()), os.environ)
    if not loaded.config.storage.enabled:
        return [Finding("journal", "watch", "switched off in the configuration")]
    path = journal_path(loaded.config.storage.path)
    if not path.exists():
        return [Finding("journal", "ok", f"{path}, not there yet")]
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return [Finding("journal", "bad", f"{path}: {error}", "the next start sets it aside and begins a new one")]
    size = format_value(float(path.stat().st_size), Unit.BYTES)
    if answer != "ok":
        return [Finding("journal", "bad", f"{path}: {answer}", "the next start sets it aside and begins a new one")]
    return [Finding("journal", "ok", f"{path}, {size}, schema {version}, sound")]


def _machine(_: Options) -> list[Finding]:
    if not sys.platform.startswith("linux"):
        return []
    found = []
    pressure = Path("/proc/pressure/cpu").exists()
    text = "pressure figures (PSI)" if pressure else "no pressure figures: this kernel has no PSI"
    found.append(Finding("kernel", "ok" if pressure else "watch", text))
    group = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    found.append(Finding("control group", "ok", "version 2" if group else "none of version 2: no figures of it"))
    return found


_LOOKS: tuple[Callable[[Options], list[Finding]], ...] = (
    _python, bytecode, _terminal, _locale, _config, _themes, _folders, _journal, _machine,
)  # fmt: skip
