"""The healthy time of this run that rules compare with, as long as there are no earlier runs to take it from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perftui.analysis.rules.signals import Baseline
from perftui.domain.series import Selector
from perftui.store.memory import MemoryStore

SHORTEST_S = 10.0
# rates need two samples, and conditions are judged a moment later
_BEGINNING_S = 3.0
# a session that watches for days is not compared with more than its first minutes
_LONGEST_S = 600.0


class HealthyTime:
    """The first third of the run, at least 10 s, and nothing of what came after the first trouble."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._end = 0.0
        self._trouble_at: float | None = None

    def tick(self, now: float, trouble: Iterable[float]) -> None:
        """``trouble`` are the times at which what is wrong now became so.

        What was wrong when the run began is how it is here: a disk that was full for months must not blind rules.
        """
        if self._start is None:
            self._start = now
        trouble_since = min((since for since in trouble if since > self._start + _BEGINNING_S), default=None)
        if self._trouble_at is not None:
            return
        self._trouble_at = trouble_since
        third = min(_LONGEST_S, max(SHORTEST_S, (now - self._start) / 3))
        self._end = min(now, self._start + third, now if trouble_since is None else trouble_since)

    @property
    def span(self) -> tuple[float, float] | None:
        """From when to when; None while there is not enough of it."""
        if self._start is None or self._end - self._start < SHORTEST_S:
            return None
        return self._start, self._end

    @property
    def missing(self) -> str:
        """What it waits for."""
        if self._trouble_at is not None:
            return f"needs a baseline: something was wrong before {SHORTEST_S:g} s had passed"
        had = 0.0 if self._start is None else max(0.0, self._end - self._start)
        return f"needs a baseline: {had:.0f} s of {SHORTEST_S:g} s"

    def baseline(self, memory: MemoryStore, wanted: Sequence[Selector]) -> Baseline:
        """Its samples, as far as memory still holds them."""
        if self.span is None:
            return Baseline(missing=self.missing)
        start, end = self.span
        found = {series: tuple(memory.points(series, start, end)) for one in wanted for series in memory.select(one)}
        kept = {series: points for series, points in found.items() if points}
        missing = "" if kept else "the baseline is older than what memory holds"
        return Baseline(start, end, kept, missing)
