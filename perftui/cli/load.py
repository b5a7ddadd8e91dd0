"""``perftui load ...``: which of its commands was asked for; every one is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from perftui.cli.arguments import Options
from perftui.domain.errors import PerftuiError


def load(options: Options) -> int:
    """The exit code of the command."""
    return _command(options.load_command)(options)


def _command(name: str) -> Callable[[Options], int]:
    if name == "run":
        from perftui.cli.load_run import run

        return run
    if name == "check":
        from perftui.cli.load_check import check

        return check
    if name == "export":
        from perftui.cli.load_export import export

        return export
    if name == "history":
        from perftui.cli.load_history import history

        return history
    if name == "show":
        from perftui.cli.load_show import show

        return show
    if name == "compare":
        from perftui.cli.load_compare import compare

        return compare
    if name == "stop":
        from perftui.cli.load_stop import stop

        return stop
    raise PerftuiError("what? perftui load run URL, load check plan.toml, load history: perftui load --help tells all")
