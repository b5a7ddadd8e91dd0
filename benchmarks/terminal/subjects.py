"""Who is measured: the console with both drivers, a bare Textual app, an empty Python, and the rivals that are there.

Rivals update once a second, as the console does, and have a fresh user's settings otherwise.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.terminal.exporter import Exporter
from benchmarks.terminal.link import Link
from benchmarks.terminal.program import Program
from benchmarks.terminal.screen import Screen

ROOT = Path(__file__).parents[2]
_SCENARIO = Path(__file__).with_name("scenario.toml")
_PANELS = ("CPU", "Memory", "Requests", "Latency", "Queues", "Threads", "Shards", "Regions", "Workers", "Pools")
PANELS = (*_PANELS, "Jobs", "Heap")
PERFTUI, STOCK, HELLO, PASS = "perftui", "perftui, stock driver", "bare Textual", "python -c pass"
_PERCENT = r"\d ?%"
_HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    texts = ("hello, world", "a key")

    def compose(self):
        yield Static(self.texts[0])

    def key_x(self):
        self.texts = self.texts[::-1]
        self.query_one(Static).update(self.texts[0])

    def key_q(self):
        self.exit()

Hello().run()
"""


class Subject(NamedTuple):
    """``shows`` is the first picture that tells something, ``live`` the one with everything on it.

    ``keys`` are pressed in turn for the time to their picture; ``leave`` ends it.
    """

    name: str
    command: tuple[str, ...]
    shows: Callable[[Screen], bool]
    live: Callable[[Screen], bool]
    keys: tuple[str, ...]
    leave: str
    files: Mapping[str, str] = {}

    def start(self, home: Path | None = None, *, link: Link | None = None, stamp_cpu: bool = False) -> Program:
        return Program(self.command, cwd=ROOT, home=home, files=self.files, link=link, stamp_cpu=stamp_cpu)


def console(config: Path, name: str = PERFTUI, *more: str, live: Callable[[Screen], bool] | None = None) -> Subject:
    """The console of this checkout with a configuration."""

    command = (sys.executable, "-m", "perftui", "--config", str(config), *more)
    return Subject(name, command, live or _host_told, live or all_live, ("\t", "\x1b[Z"), "q")


def _host_told(screen: Screen) -> bool:
    """Whether there is a figure of this machine, with its name."""
    text = screen.text
    return re.search("cpu|memory", text, re.IGNORECASE) is not None and re.search(_PERCENT, text) is not None


def scenario(exporter: Exporter, folder: Path) -> Path:
    """The configuration with the twelve panels, written into a folder."""
    path = folder / "scenario.toml"
    path.write_text(_SCENARIO.read_text("utf-8").replace("{url}", exporter.url), "utf-8")
    return path


def all_live(screen: Screen) -> bool:
    """Whether every panel shows a figure in its frame."""
    return all(re.search(rf"╭ {title} ─[^╮]*\d[^╮]*╮", screen.text) for title in PANELS)


def focus(screen: Screen) -> tuple[tuple[int, int, str, str], ...]:
    """Where panels begin, and the colours of frame and title: they change exactly when another panel has the focus."""
    return tuple(
        (y, x, row[x].fg, row[x + 2].fg)
        for y in range(screen.rows)
        for row in (screen.row(y),)
        for x in range(screen.columns - 2)
        if row[x].data == "╭"
    )


def hello() -> Subject:
    def shown(screen: Screen) -> bool:
        return "hello, world" in screen.text

    return Subject(HELLO, (sys.executable, "-c", _HELLO), shown, shown, ("x",), "q")


def _of(name: str, command: tuple[str, ...], keys: tuple[str, ...], files: Mapping[str, str] | None = None) -> Subject:
    def shown(screen: Screen) -> bool:
        return re.search(_PERCENT, screen.text) is not None

    return Subject(name, command, shown, shown, keys, "q", files or {})


def rivals() -> tuple[list[Subject], list[str]]:
    """Those that are installed, and words about those that are not."""
    found: list[Subject] = []
    missing: list[str] = []
    down_up = ("\x1b[B", "\x1b[A")
    btop, htop, glances = shutil.which("btop"), shutil.which("htop"), shutil.which("glances", path="/usr/bin:/bin")
    if btop:
        found.append(_of("btop", (btop, "--utf-force"), down_up, {".config/btop/btop.conf": "update_ms = 1000\n"}))
    if htop:
        found.append(_of("htop", (htop, "-d", "10"), down_up))
    if glances:
        found.append(_of("glances (apt)", (glances, "-t", "1"), ("1",)))
    newest = Path(os.environ.get("PERFTUI_BENCH_GLANCES", ROOT / ".venv/rivals/bin/glances"))
    if newest.exists():
        found.append(_of("glances (PyPI)", (str(newest), "-t", "1"), ("1",)))
    names = {subject.name for subject in found}
    missing += [f"{name}: apt-get install {name}" for name in ("btop", "htop") if name not in names]
    if "glances (apt)" not in names:
        missing.append("glances (apt): apt-get install glances")
    if "glances (PyPI)" not in names:
        missing.append("glances (PyPI): make bench-terminal installs it, or PERFTUI_BENCH_GLANCES names one")
    return found, missing
