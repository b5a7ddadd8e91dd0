"""From arguments to a command; every command is imported when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from perftui.cli.arguments import Options, parse_arguments
from perftui.domain.errors import Exit, PerftuiError


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command. Errors that a person can mend are one message on stderr."""
    try:
        options = parse_arguments(arguments)
        code = _command(options.command)(options)
        sys.stdout.flush()
        return int(code)
    except PerftuiError as error:
        print(f"perftui: {error}", file=sys.stderr)
        return int(error.code)
    except BrokenPipeError:
        # whoever read our output has enough of it: nothing more may be written, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else Exit.USAGE


def _command(name: str) -> Callable[[Options], int]:
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

        return demo
    if name == "alerts":
        from perftui.cli.alerts import alerts

        return alerts
    if name == "exec":
        from perftui.cli.exec import execute

        return execute
    if name == "init":
        from perftui.cli.init import init

        return init
    if name == "themes":
        from perftui.cli.themes import themes

        return themes
    from perftui.cli.console import console

    return console
