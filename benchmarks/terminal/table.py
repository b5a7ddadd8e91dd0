"""The long table of ``rows``: what loading, filtering and watching it costs."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from benchmarks.terminal.pressing import press
from benchmarks.terminal.screen import Screen
from benchmarks.terminal.starting import start
from benchmarks.terminal.steady import Steady, watch
from benchmarks.terminal.subjects import Subject
from benchmarks.terminal.turns import Turn, turns


class Table(NamedTuple):
    """Of 10 000 rows: starts that load them, seconds from a letter to the filtered rows, watching."""

    loads: tuple[Turn, ...]
    filter_s: float | None
    steady: Steady


def long_table(bare: Subject, starts: int, seconds: float) -> Table:
    """So many starts of the console with the long table, each beside the bare program's; and one that is used."""

    def shown(screen: Screen) -> bool:
        return re.search(r"Processes ─.* 10000 ╮", screen.text) is not None

    def filtered(screen: Screen) -> object:
        return re.search(r"\d+ of 10000 ╮", screen.text) is not None

    command = (sys.executable, "-m", "benchmarks.terminal.rows")
    subject = Subject("10 000 rows", command, shown, shown, ("\x1b[B", "\x1b[A"), "q")
    loads = tuple(turns(subject, bare, starts))
    with subject.start() as program:
        start(subject, program)
        program.pass_time(3.0)
        steady = watch(program, seconds)
        press(program, "/", lambda screen: "filter" in screen.row_text(screen.rows - 1), 2.0)
        program.quiet(0.1, 1.5)
        # the letter that only one in six rows has
        found = press(program, "x", filtered, 2.0)
    return Table(loads, found.seconds, steady)
