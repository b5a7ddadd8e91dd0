"""Twice a second: do the thresholds hold, and is the target still well enough to be asked?"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from perftui.load.frames import Breach
from perftui.load.job import Threshold
from perftui.load.tally import Tally
from perftui.load.thresholds import parse_threshold

EVERY_S = 0.5
_BREAKER_SPAN_S = 2.0
_BREAKER_LEAST = 20


class Judge:
    """``tally`` is everything that was counted so far."""

    def __init__(self, thresholds: Sequence[Threshold], breaker: float) -> None:
        self._thresholds = [(threshold, parse_threshold(threshold.expr)) for threshold in thresholds]
        self._breaker = breaker
        self._broken: set[str] = set()
        self._recent: deque[tuple[float, int, int]] = deque()
        self.tally = Tally()

    def thresholds(self, seconds: float) -> list[Breach]:
        """Those that are broken now and were not the last time; those that end the run come every time."""
        found = []
        for threshold, condition in self._thresholds:
            value = condition.value(self.tally, seconds)
            if condition.holds(value):
                self._broken.discard(threshold.expr)
                continue
            aborts = threshold.abort_on_fail and seconds >= threshold.delay_abort_eval
            if aborts or threshold.expr not in self._broken:
                found.append(Breach(threshold.expr, value, aborts))
            self._broken.add(threshold.expr)
        return found

    def is_unwell(self, at_s: float, done: int, failed: int) -> bool:
        """Whether more than the breaker's share of the last 2 s has failed, of 20 at least; also during the ramp."""
        self._recent.append((at_s, done, failed))
        while at_s - self._recent[0][0] > _BREAKER_SPAN_S:
            self._recent.popleft()
        all_done = sum(entry[1] for entry in self._recent)
        all_failed = sum(entry[2] for entry in self._recent)
        return bool(self._breaker) and all_done >= _BREAKER_LEAST and all_failed > self._breaker * all_done
