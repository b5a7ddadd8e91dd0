"""What ended in the last second or so: a window that slides over the figures as they come, ten times a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perftui.load.histogram import Histogram
from perftui.load.tally import Tally

_SLACK_S = 1e-6


class Moment(NamedTuple):
    """The window that ends at ``at_s``. ``answered`` are calls that got any answer of HTTP; ``p95_ns`` of all calls."""

    at_s: float
    offered: int
    ended: int
    failed: int
    answered: int
    p95_ns: float | None


class _Part(NamedTuple):
    at_s: float
    offered: int
    ended: int
    failed: int
    answered: int
    response: Histogram


class Recent:
    """``window_s`` is how far it looks back."""

    def __init__(self, window_s: float = 1.0) -> None:
        self.window_s = window_s
        self._parts: deque[_Part] = deque()

    def add(self, at_s: float, tallies: Sequence[Tally]) -> None:
        """What happened since the last time, up to ``at_s``."""
        response = Histogram()
        for tally in tallies:
            response.merge(tally.ok)
            response.merge(tally.failed)
        part = _Part(
            at_s,
            sum(tally.offered for tally in tallies),
            sum(tally.done for tally in tallies),
            sum(tally.failed.n for tally in tallies),
            sum(tally.ok.n + answers(tally.errors) for tally in tallies),
            response,
        )
        self._parts.append(part)
        while self._parts[0].at_s <= at_s - self.window_s + _SLACK_S:
            self._parts.popleft()

    def moment(self) -> Moment:
        """The figures of the window as it is now."""
        response = Histogram()
        for part in self._parts:
            response.merge(part.response)
        parts = self._parts
        return Moment(
            parts[-1].at_s if parts else 0.0,
            sum(part.offered for part in parts),
            sum(part.ended for part in parts),
            sum(part.failed for part in parts),
            sum(part.answered for part in parts),
            response.quantile(0.95),
        )


def answers(errors: Mapping[str, int]) -> int:
    """How many of the errors are answers: the target was there, and said something else than was hoped for."""
    return sum(count for kind, count in errors.items() if kind.startswith("http_") or kind == "check")
