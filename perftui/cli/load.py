"""``perftui load ...``: which of its commands was asked for; every one is imported when it is asked for."""

from __future__ import annotations

from perftui.cli.arguments import Options
from perftui.domain.errors import PerftuiError


def load(options: Options) -> int:
    """The exit code of the command."""
    if options.load_command == "run":
        from perftui.cli.load_run import run

        return run(options)
    if options.load_command == "check":
        from perftui.cli.load_check import check

        return check(options)
    raise PerftuiError("what? perftui load run URL, load run plan.toml, load check plan.toml: perftui load --help")
