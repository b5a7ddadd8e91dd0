"""When arrivals are meant to happen: rates that change in straight lines, integrated, and turned round.

The k-th arrival is due when the integral of the rate reaches k: in closed form, so that a late loop catches up exactly
and rounding never adds up. Poisson arrivals have exponential steps instead of 1 (time-change of a unit process).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from random import Random

import msgspec

_NS = 1e9


class Arrivals(str, Enum):
    """How arrivals lie in time."""

    UNIFORM = "uniform"
    POISSON = "poisson"


class Segment(msgspec.Struct, frozen=True):
    """Some seconds in which the rate (arrivals a second) goes from one value to another in a straight line."""

    duration_s: float
    start_rate: float
    end_rate: float

    def arrivals(self, t: float) -> float:
        """How many arrivals its first ``t`` seconds hold."""
        slope = (self.end_rate - self.start_rate) / self.duration_s if self.duration_s else 0.0
        return self.start_rate * t + slope * t * t / 2

    def when(self, units: float) -> float:
        """Seconds into it at which ``units`` arrivals have come; ``units`` is at most its total."""
        slope = (self.end_rate - self.start_rate) / self.duration_s
        if abs(slope) < 1e-12:
            return units / self.start_rate
        root = math.sqrt(max(0.0, self.start_rate * self.start_rate + 2 * slope * units))
        # the form that does not cancel: 2u / (a + root), also for falling rates
        return 2 * units / (self.start_rate + root) if units else 0.0


class Schedule:
    """Gives intended moments one after the other, in ns since the start."""

    def __init__(self, segments: Sequence[Segment], arrivals: Arrivals, seed: int) -> None:
        self._segments = tuple(segment for segment in segments if segment.duration_s > 0)
        self._random = Random(seed) if arrivals is Arrivals.POISSON else None  # noqa: S311 (arrivals, not secrets)
        self.length_s = sum(segment.duration_s for segment in self._segments)
        self._unit = 0.0 if self._random is None else self._random.expovariate(1.0)
        self._index, self._start_s, self._start_units = 0, 0.0, 0.0
        self._factor, self._from_units, self._from_own = 1.0, 0.0, 0.0

    def next_ns(self) -> int | None:
        """When the next arrival is due; None after the last."""
        units = self._from_own + (self._unit - self._from_units) / self._factor
        while self._index < len(self._segments):
            segment = self._segments[self._index]
            total = segment.arrivals(segment.duration_s)
            if units < self._start_units + total - 1e-9:
                within = segment.when(max(0.0, units - self._start_units))
                self._unit += 1.0 if self._random is None else self._random.expovariate(1.0)
                return int((self._start_s + within) * _NS)
            self._start_units += total
            self._start_s += segment.duration_s
            self._index += 1
        return None

    def scale(self, factor: float, now_s: float) -> None:
        """From ``now_s`` on the rate is ``factor`` times what was planned."""
        own = self._planned(now_s)
        self._from_units += (own - self._from_own) * self._factor
        self._from_own, self._factor = own, factor

    def rate(self, now_s: float) -> float:
        """Arrivals a second that are meant at a moment."""
        for segment in self._segments:
            if now_s <= segment.duration_s:
                share = max(0.0, now_s) / segment.duration_s
                return self._factor * (segment.start_rate + share * (segment.end_rate - segment.start_rate))
            now_s -= segment.duration_s
        return 0.0

    def _planned(self, now_s: float) -> float:
        units = 0.0
        for segment in self._segments:
            units += segment.arrivals(min(max(0.0, now_s), segment.duration_s))
            now_s -= segment.duration_s
        return units
