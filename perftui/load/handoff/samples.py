"""Single requests of another engine as tallies of our own, second by second."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from perftui.load.levels import RAMP
from perftui.load.tally import LATE_NS, Endpoint, Tally

TIMEOUTS = ("timeout", "connect_timeout")


class Sample(NamedTuple):
    """One request that is over; times in ns, None where they are not known.

    ``meant_s`` and ``ended_s`` are seconds of the measured time at which it was meant to begin and at which it ended;
    what was meant to begin before 0 is not counted.
    """

    name: str
    meant_s: float
    ended_s: float
    response: int
    service: int
    error: str = ""
    bytes: int = 0
    broken: Sequence[str] = ()
    is_checked: bool = True
    blocked: int | None = None
    lag: int | None = None
    phases: Mapping[str, int] = {}


class Samples:
    """``checks`` are the texts that each target is asked for, ``lengths_s`` those of the levels of the plan."""

    def __init__(self, checks: Mapping[str, Sequence[str]], lengths_s: Sequence[float] = ()) -> None:
        self._checks = checks
        self._ends = list(accumulate(lengths_s))[:-1]
        self._tallies: dict[tuple[int, int], Tally] = {}

    def add(self, sample: Sample) -> None:
        """Count one."""
        tally = self.of(self.level(sample.meant_s), sample.ended_s)
        tally.done += 1
        tally.bytes += sample.bytes
        tally.service.record(sample.service)
        endpoint = tally.endpoints.setdefault(sample.name, Endpoint())
        endpoint.done += 1
        endpoint.response.record(sample.response)
        (tally.failed if sample.error else tally.ok).record(sample.response)
        if sample.error:
            endpoint.failed += 1
            tally.errors[sample.error] = tally.errors.get(sample.error, 0) + 1
            tally.timed_out += sample.error in TIMEOUTS
        if sample.lag is not None:
            tally.lag.record(sample.lag)
            tally.late += sample.lag > LATE_NS
        if sample.blocked is not None:
            tally.blocked.record(sample.blocked)
            tally.waited += sample.blocked > LATE_NS
        for phase, ns in sample.phases.items():
            getattr(tally, phase).record(ns)
        if sample.is_checked:
            for text in self._checks.get(sample.name, ()):
                self.check(tally, text, text not in sample.broken)

    def level(self, meant_s: float) -> int:
        """Where a call belongs that was meant to begin then: ``RAMP`` before the measured time."""
        return RAMP if meant_s < 0 else bisect_right(self._ends, meant_s)

    def of(self, level: int, ended_s: float) -> Tally:
        """The tally of a level and a second that is being collected."""
        return self._tallies.setdefault((level, max(0, int(ended_s))), Tally())

    @staticmethod
    def check(tally: Tally, text: str, holds: bool) -> None:
        passed, broken = tally.checks.get(text, (0, 0))
        tally.checks[text] = passed + holds, broken + (not holds)

    def taken(self) -> list[tuple[int, int, Tally]]:
        """Level, second and figures of what was collected since the last time; what is not counted comes first."""
        found = [(*key, self._tallies[key]) for key in sorted(self._tallies)]
        self._tallies = {}
        return found
