"""From arguments to a command; every command is imported when it is asked for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from perftui.cli.arguments import Options, parse_arguments
from perftui.cli.first_frame.terminal import EarlyTerminal
from perftui.domain.errors import Exit, PerftuiError


def run(arguments: Sequence[str], terminal: EarlyTerminal | None = None) -> int:
    """The exit code of the command. Errors that a person can mend are one message on stderr.

    ``terminal`` may show a first frame; it is given back before anything is said on it.
    """
    terminal = terminal or EarlyTerminal()
    try:
        options = parse_arguments(arguments)
        name = "plain" if options.plain and options.command == "console" else options.command
        command = _command(name, terminal)
        _collect_from_here()
        code = command(options)
        sys.stdout.flush()
        return int(code)
    except PerftuiError as error:
        terminal.leave()
        print(f"perftui: {error}", file=sys.stderr)
        return int(error.code)
    except BrokenPipeError:
        # whoever read our output has enough of it: nothing more may be written, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else Exit.USAGE


def _collect_from_here() -> None:
    """The collector runs again where it was stopped for the imports, and need not look at what they made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _command(name: str, terminal: EarlyTerminal) -> Callable[[Options], int]:
    if name == "snapshot":
        from perftui.cli.snapshot import snapshot

        return snapshot
    if name == "check":
        from perftui.cli.check import check

        return check
    if name == "doctor":
        from perftui.cli.doctor import doctor

        return doctor
    if name == "demo":
        from perftui.cli.demo import demo

        return partial(demo, early=terminal)
    if name == "alerts":
        from perftui.cli.alerts import alerts

        return alerts
    if name == "exec":
        from perftui.cli.exec import execute

        return execute
    if name == "load":
        from perftui.cli.load import load

        return load
    if name == "init":
        from perftui.cli.init import init

        return init
    if name == "selftest":
        from perftui.cli.selftest.command import selftest

        return selftest
    if name == "themes":
        from perftui.cli.themes import themes

        return themes
    if name == "plain":
        from perftui.cli.plain import plain

        return plain
    from perftui.cli.console import console

    return partial(console, early=terminal)
