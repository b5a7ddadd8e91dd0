"""What the console remembers of its last start, so that the next one can begin with a picture of the same shape.

A plain text of a few lines: reading the configuration takes longer than the whole first frame may. It counts only when
everything that decides what is shown is as it was: the command line, the configuration file, the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from perftui.cli.first_frame.plan import FIGURES, ROLES, Plan, PlannedPanel

_FORMAT = "perftui first frame 1"
_LONGEST = 65536
_FILE = "first-frame"
_ENVIRONMENT = ("TERM", "COLORTERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG")


def folder(environ: Mapping[str, str], variable: str, usual: str) -> str:
    """perftui's folder by the XDG Base Directory rules: what ``platformdirs`` says on Linux, which takes 10 ms."""
    named = environ.get(variable, "").strip()
    base = named or usual
    return os.path.join(os.path.expanduser(base), "perftui")  # noqa: PTH111, PTH118 (pathlib is not there yet)


def memory_file(environ: Mapping[str, str]) -> str:
    """Where it is kept."""
    return os.path.join(folder(environ, "XDG_STATE_HOME", "~/.local/state"), _FILE)  # noqa: PTH118


def config_file(named: str | None, environ: Mapping[str, str]) -> str | None:
    """The configuration file that will be used, by the same rules as ``config.load.find_config``; None without one."""
    named = named or environ.get("PERFTUI_CONFIG")
    if named:
        return os.path.expanduser(named)  # noqa: PTH111
    user = folder(environ, "XDG_CONFIG_HOME", "~/.config")
    for path in ("perftui.toml", os.path.join(user, "perftui.toml")):  # noqa: PTH118
        if os.path.lexists(path):
            return path
    return None


def key_of(arguments: Sequence[str], config: str | None, environ: Mapping[str, str], version: str) -> str:
    """What has to be the same for what is remembered to count, as one line. Raises OSError without that file."""
    file: tuple[object, ...] = ()
    if config is not None:
        status = os.stat(config)  # noqa: PTH116
        file = (os.path.abspath(config), status.st_mtime_ns, status.st_size)  # noqa: PTH100
    own = sorted((name, value) for name, value in environ.items() if name.startswith("PERFTUI_"))
    terminal = [environ.get(name) for name in _ENVIRONMENT]
    return ascii((version, list(arguments), file, own, terminal))


def changed_by_environment(environ: Mapping[str, str]) -> bool:
    """Whether a variable of ours may change what is shown."""
    return any(name.startswith("PERFTUI_") for name in environ)


def written(plan: Plan, key: str) -> str:
    """The plan as text."""
    lines = [_FORMAT, f"key {key}", f"utf8 {int(plan.utf8)}"]
    lines += [f"code {role} {plan.codes[role]}" for role in ROLES]
    numbers = {name: str(number) for number, name in enumerate(plan.panels)}
    for panel in plan.panels.values():
        lines.append(f"panel {panel.least} {panel.figures or '-'} {len(panel.title)} {panel.title}{panel.note}")
    for row, weight in zip(plan.rows, plan.weights, strict=True):
        lines.append(f"row {weight:g} {' '.join(numbers[name] for name in row)}")
    lines.append(f"priority {' '.join(numbers[name] for name in plan.priority)}")
    return "\n".join(lines) + "\n"


def read_plan(path: str, key: str) -> Plan | None:
    """What is remembered under this key; None when there is nothing, or not this, or nothing that makes sense."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(fd, _LONGEST).decode()
        finally:
            os.close(fd)
        return _parsed(text.split("\n"), key)
    except (OSError, ValueError, IndexError, KeyError):
        return None


def _parsed(lines: list[str], key: str) -> Plan | None:
    if lines[:2] != [_FORMAT, f"key {key}"]:
        return None
    rows: list[tuple[str, ...]] = []
    weights: list[float] = []
    priority: tuple[str, ...] = ()
    utf8 = False
    panels: dict[str, PlannedPanel] = {}
    codes: dict[str, str] = {}
    for line in lines[2:-1]:
        kind, _, rest = line.partition(" ")
        if kind == "utf8":
            utf8 = rest == "1"
        elif kind == "code":
            role, _, code = rest.partition(" ")
            codes[role] = _checked_code(code)
        elif kind == "panel":
            panels[str(len(panels))] = _panel(rest)
        elif kind == "row":
            weight, *names = rest.split()
            rows.append(_known(names, panels))
            weights.append(float(weight))
        elif kind == "priority":
            priority = _known(rest.split(), panels)
    if set(codes) != set(ROLES):
        return None
    return Plan(rows, weights, priority, panels, codes, utf8=utf8)


def _panel(text: str) -> PlannedPanel:
    least, figures, size, words = text.split(" ", 3)
    if not words.isprintable() or figures not in (*FIGURES, "-"):
        raise ValueError(text)
    return PlannedPanel(words[: int(size)], int(least), figures.replace("-", ""), words[int(size) :])


def _known(names: list[str], panels: Mapping[str, PlannedPanel]) -> tuple[str, ...]:
    return tuple(name for name in names if panels[name])


def _checked_code(code: str) -> str:
    if code.strip("0123456789;"):
        raise ValueError(code)
    return code
