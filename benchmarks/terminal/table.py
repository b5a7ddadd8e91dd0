"""The long table of ``rows``: what loading, filtering and watching it costs."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from benchmarks.terminal.pressing import press
from benchmarks.terminal.processes import Cpu
from benchmarks.terminal.screen import Screen
from benchmarks.terminal.starting import start
from benchmarks.terminal.steady import Steady, watch
from benchmarks.terminal.subjects import Subject


class Table(NamedTuple):
    """Of 10 000 rows: CPU until they are shown (console only), seconds from a letter to the filtered rows, watching."""

    load: Cpu
    filter_s: float | None
    steady: Steady


def long_table(seconds: float) -> Table:
    """One start of the console with the long table."""

    def shown(screen: Screen) -> bool:
        return re.search(r"Processes ─.* 10000 ╮", screen.text) is not None

    def filtered(screen: Screen) -> object:
        return re.search(r"\d+ of 10000 ╮", screen.text) is not None

    command = (sys.executable, "-m", "benchmarks.terminal.rows")
    subject = Subject("10 000 rows", command, shown, shown, ("\x1b[B", "\x1b[A"), "q")
    with subject.start(stamp_cpu=True) as program:
        started = start(subject, program)
        program.stamp_cpu = False
        program.pass_time(3.0)
        steady = watch(program, seconds)
        press(program, "/", lambda screen: "filter" in screen.row_text(screen.rows - 1), 2.0)
        program.quiet(0.1, 1.5)
        # the letter that only one in six rows has
        found = press(program, "x", filtered, 2.0)
    return Table(started.shown_cpu, found.seconds, steady)
