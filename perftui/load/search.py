"""The search for the highest rate that a target holds: up until something breaks, then halves between good and bad.

After a level that broke the rate goes back to the first one until the target is well again: else the next level would
pay for the one before, and a target that does not come back is left alone.
"""

from __future__ import annotations

from perftui.load.control import Move, Sight
from perftui.load.histogram import Histogram
from perftui.load.holding import broken
from perftui.load.job import Search
from perftui.load.thresholds import parse_threshold

STEP, REFINE, RECOVER = "step", "refine", "recover"
_WINDOW_S, _LEAST_CALLS, _LEAST_SILENT = 1.0, 5, 3
# a level ends early when so many of its calls have failed, or wait for a connection
_FAILED, _FAILED_LEAST, _WAITING = 0.5, 20, 0.5
_FAILED_WELL = 0.05
# well again: few failures, and p95 is at most so many times that of the first level, or so many ns above it
BAND, BAND_NS = 1.5, 5_000_000


class Searching:
    """``window_s`` is how far back it has to be told."""

    def __init__(self, plan: Search) -> None:
        self._plan = plan
        self._conditions = [parse_threshold(text) for text in plan.thresholds]
        self._good: float | None = None
        self._bad: float | None = None
        self._service: Histogram | None = None
        self._band_ns: float | None = None
        self._was_silent = False
        self.kind, self.rate = STEP, plan.start
        self.window_s = max(min(_WINDOW_S, plan.hold_s / 2), _LEAST_CALLS / plan.start)

    def look(self, sight: Sight) -> Move | None:
        if self.kind == RECOVER:
            return self._recovering(sight)
        if sight.level_s < self._plan.hold_s and not self._is_hopeless(sight):
            return None
        found = broken(sight, self._conditions, self._service)
        if found is None:
            return self._held(sight)
        silent = _is_silent(sight)
        self._was_silent = False
        self._bad, is_first = self.rate, self._good is None
        # what we or the connections could not do says nothing about more or less of it for the target
        if found.limit in ("generator", "connections") and self._is_narrow():
            return Move(None, "broke", found.limit + _of(found.expr), found.value, silent)
        self.kind, self.rate = RECOVER, self._plan.start / 4 if is_first else self._plan.start
        return Move(self.rate, "broke", found.limit + _of(found.expr), found.value, silent)

    def _is_hopeless(self, sight: Sight) -> bool:
        tally = sight.tally
        is_failing = tally.done >= _FAILED_LEAST and tally.failed.n > _FAILED * tally.done
        return is_failing or sight.waiting > max(_FAILED_LEAST, _WAITING * self.rate * self._plan.hold_s)

    def _held(self, sight: Sight) -> Move:
        self._good = self.rate
        if self._service is None:
            self._service = sight.tally.service
            p95 = sight.tally.response().quantile(0.95)
            self._band_ns = None if p95 is None else max(BAND * p95, p95 + BAND_NS)
        return Move(self._next(), "held")

    def _next(self) -> float | None:
        """The rate that is tried next; None when it is found."""
        plan = self._plan
        if self._bad is None:
            higher = self.rate + plan.step if plan.step else self.rate * plan.factor
            if self.rate >= plan.top:
                return None
            self.kind, self.rate = STEP, min(plan.top, higher)
        elif self._good is None or self._is_narrow():
            return None
        else:
            self.kind, self.rate = REFINE, (self._good + self._bad) / 2
        return self.rate

    def _is_narrow(self) -> bool:
        return self._good is None or self._bad is None or self._bad - self._good <= self._plan.precision * self._good

    def _recovering(self, sight: Sight) -> Move | None:
        recent, window = sight.recent, self.window_s
        silent = _is_silent(sight)
        self._was_silent |= silent and sight.level_s >= window
        is_well = (
            sight.level_s >= window
            and not sight.waiting
            and recent.ended > 0
            and recent.failed <= _FAILED_WELL * recent.ended
            and (self._band_ns is None or (recent.p95_ns is not None and recent.p95_ns <= self._band_ns))
        )
        if is_well:
            return Move(self._next(), "recovered", value=max(0.0, sight.level_s - window), is_silent=self._was_silent)
        if sight.level_s < self._plan.recover_s:
            return None
        return Move(None, "not recovered", value=sight.level_s, is_silent=silent)


def _is_silent(sight: Sight) -> bool:
    return sight.recent.offered >= _LEAST_SILENT and not sight.recent.answered


def _of(expr: str) -> str:
    return f": {expr}" if expr else ""
