"""Draws the first frame where there is a console to come and a terminal that can show it."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Sequence

from perftui import __version__
from perftui.cli.first_frame.abilities import depth, erases_in_colour, shows_braille
from perftui.cli.first_frame.asked import Asked, console_asked
from perftui.cli.first_frame.machine import read_machine
from perftui.cli.first_frame.memory import changed_by_environment, config_file, key_of, memory_file, read_plan
from perftui.cli.first_frame.picture import frame
from perftui.cli.first_frame.plan import Plan, bare_plan, default_plan
from perftui.cli.first_frame.terminal import EarlyTerminal, fits


def show(terminal: EarlyTerminal, arguments: Sequence[str]) -> None:
    """Nothing at all where it can't be drawn, or where no console will follow."""
    asked = console_asked(arguments)
    if asked is None or not sys.platform.startswith("linux"):
        return
    size = fits(os.environ)
    if size is None:
        return
    try:
        config = config_file(asked.config, os.environ)
        terminal.key = key_of(arguments, config, os.environ, __version__)
        plan = _plan(asked, config, terminal.key)
        erases = erases_in_colour(os.environ)
        terminal.enter(frame(plan, read_machine(), _who(), *size, erases_in_colour=erases), *size)
    except (OSError, termios.error):
        terminal.leave()  # no such configuration, or no such terminal: the console says so in words


def _plan(asked: Asked, config: str | None, key: str) -> Plan:
    """What is remembered of the last start; else the defaults where nothing else was asked for."""
    remembered = read_plan(memory_file(os.environ), key)
    if remembered is not None:
        return remembered
    utf8 = shows_braille(os.environ)
    if config is None and not asked.changed and not changed_by_environment(os.environ):
        return default_plan(depth(os.environ), utf8=utf8)
    return bare_plan(utf8=utf8)


def _who() -> str:
    """User and host, as far as they are plain words."""
    environ = os.environ
    user = environ.get("LOGNAME") or environ.get("USER") or environ.get("LNAME") or environ.get("USERNAME") or ""
    if not user:
        import pwd

        try:
            user = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            user = str(os.getuid())
    who = f"{user}@{os.uname().nodename}"[:34]
    return who if who.isascii() and who.isprintable() else ""
