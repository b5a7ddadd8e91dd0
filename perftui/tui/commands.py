"""Commands of the prompt: their names, arguments and what completes them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Command(NamedTuple):
    """``takes`` describes the argument, empty for none; a ``?`` at its end makes it optional."""

    name: str
    takes: str
    description: str


COMMANDS: tuple[Command, ...] = (
    Command("overview", "", "go to the overview"),
    Command("workflow", "", "go to the phases and tasks of a workflow"),
    Command("agents", "", "go to the agents and their pool"),
    Command("metrics", "EXPR?", "go to the metrics, or draw an expression"),
    Command("alerts", "WORDS?", "go to the alerts, or show those that match"),
    Command("load", "URL RATE DURATION|stop?", "go to the load, begin one, or stop the one that runs"),
    Command("host", "", "go to this machine and its processes"),
    Command("sources", "", "go to the health of sources and journal"),
    Command("window", "SPAN", "show this much time: 1m to 30d"),
    Command("goto", "TIME", "go to 12:04, 12:04:31 or 2026-11-20T12:04"),
    Command("freeze", "", "stop the picture; collection goes on"),
    Command("live", "", "back to now"),
    Command("filter", "WORDS?", "show rows of the table that match; !word excludes"),
    Command("sort", "COLUMN", "sort the table by a column"),
    Command("follow", "PID|none", "follow a process in detail"),
    Command("theme", "NAME?", "wear a theme, or choose one with a preview"),
    Command("mark", "TEXT", "note this moment in the journal"),
    Command("export", "csv|json FILE?", "write the visible window to a file"),
    Command("screenshot", "FILE?", "write the screen as SVG and text"),
    Command("copy", "", "copy the focused panel as text"),
    Command("config", "", "say which configuration is in force"),
    Command("help", "", "show the keys of this screen"),
    Command("quit", "", "leave"),
)


def control_commands(names: Iterable[str]) -> tuple[Command, ...]:
    """The commands of whoever opened the console, by their names."""
    return tuple(Command(name, "WHAT?", "a command of whoever opened this console") for name in names)


def parse(line: str, controls: Sequence[Command] = ()) -> tuple[Command, str]:
    """The command and its argument; ``controls`` come after our own. Raises ValueError with the way out."""
    name, _, argument = line.strip().partition(" ")
    known = (*COMMANDS, *controls)
    command = next((command for command in known if command.name == name), None)
    if command is None:
        close = difflib.get_close_matches(name, [command.name for command in known], 1, 0.5)
        raise ValueError(f'no command "{name}"' + (f', did you mean "{close[0]}"?' if close else "; ? shows help"))
    argument = argument.strip()
    if command.takes and not command.takes.endswith("?") and not argument:
        raise ValueError(f"{name} needs {command.takes}: {command.description}")
    if not command.takes and argument:
        raise ValueError(f"{name} takes no argument")
    return command, argument


def completions(
    line: str, themes: Sequence[str], columns: Sequence[str] = (), controls: Sequence[Command] = ()
) -> list[str]:
    """Lines that begin with what was typed; ``columns`` are those of the table in sight."""
    name, space, argument = line.partition(" ")
    if not space:
        found = [command for command in (*COMMANDS, *controls) if command.name.startswith(name)]
        return [command.name + (" " if command.takes else "") for command in found]
    known: dict[str, Sequence[str]] = {
        "theme": themes,
        "window": ("1m", "5m", "15m", "1h", "6h", "24h", "7d", "30d"),
        "load": ("stop",),
        "export": ("csv", "json"),
        "sort": columns,
        "follow": ("none",),
        **{command.name: ("off", "on") for command in controls},
    }
    return [f"{name} {value}" for value in known.get(name, ()) if value.startswith(argument)]
