"""Single requests of another engine as tallies of our own, second by second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perftui.load.tally import LATE_NS, Endpoint, Tally

TIMEOUTS = ("timeout", "connect_timeout")


class Sample(NamedTuple):
    """One request that is over; times in ns, None where they are not known. ``second`` is the one it ended in."""

    name: str
    is_counted: bool
    second: int
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
    """``checks`` are the texts that each target is asked for."""

    def __init__(self, checks: Mapping[str, Sequence[str]]) -> None:
        self._checks = checks
        self._tallies: dict[tuple[bool, int], Tally] = {}

    def add(self, sample: Sample) -> None:
        """Count one."""
        tally = self.of(sample.is_counted, sample.second)
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

    def of(self, is_counted: bool, second: int) -> Tally:
        """The tally of a second that is being collected."""
        return self._tallies.setdefault((is_counted, max(0, second)), Tally())

    @staticmethod
    def check(tally: Tally, text: str, holds: bool) -> None:
        passed, broken = tally.checks.get(text, (0, 0))
        tally.checks[text] = passed + holds, broken + (not holds)

    def taken(self) -> list[tuple[bool, int, Tally]]:
        """What was collected since the last time: what is not counted first, then second by second."""
        found = [(is_counted, second, tally) for (is_counted, second), tally in sorted(self._tallies.items(), key=_key)]
        self._tallies = {}
        return found


def _key(item: tuple[tuple[bool, int], Tally]) -> tuple[bool, int]:
    return item[0]
