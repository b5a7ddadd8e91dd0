"""Starts of the console and of a bare Textual program in turn, so that both meet the machine in the same mood.

What a start costs differs by half from one minute to the next where others use the machine too; each start of the
console is therefore judged beside the two of the bare program that came right before and right after it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.terminal.starting import Started, start
from benchmarks.terminal.subjects import Subject


class Turn(NamedTuple):
    """A start of the console between two of the bare program."""

    before: Started
    console: Started
    after: Started

    @property
    def bare_s(self) -> float:
        """CPU of the bare program at that time, in seconds."""
        return (self.before.ready_cpu.both + self.after.ready_cpu.both) / 2

    @property
    def own_in_bares(self) -> float:
        """CPU of the console's own process, in starts of the bare program."""
        return self.console.ready_cpu.own / self.bare_s

    @property
    def shown_in_bares(self) -> float:
        """CPU of the console's own process until it shows something, in starts of the bare program."""
        return self.console.shown_cpu.own / self.bare_s

    @property
    def both_in_bares(self) -> float:
        """The same with its session."""
        return self.console.ready_cpu.both / self.bare_s


def turns(console: Subject, bare: Subject, count: int) -> Iterator[Turn]:
    """So many, each as soon as it is there, by one user who has started both before. Raises MuteError."""
    with tempfile.TemporaryDirectory(prefix="perftui-bench-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        _once(console, home)
        _once(bare, home)
        before = _once(bare, home)
        for _ in range(count):
            ours, after = _once(console, home), _once(bare, home)
            yield Turn(before, ours, after)
            before = after


def _once(subject: Subject, home: Path) -> Started:
    with subject.start(home, stamp_cpu=True) as program:
        started = start(subject, program)
        program.finish(subject.leave)
        return started
