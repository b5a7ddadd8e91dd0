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

    def at(self, t: float) -> float:
        """The rate ``t`` seconds into it."""
        return self.start_rate + (self.end_rate - self.start_rate) * t / self.duration_s

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
    """Gives intended moments one after the other, in ns since the start.

    What is planned can be changed from any moment on that is not over: the integral goes on where it was, so that no
    arrival is left out and none comes twice.
    """

    def __init__(self, segments: Sequence[Segment], arrivals: Arrivals, seed: int) -> None:
        self._planned = [segment for segment in segments if segment.duration_s > 0]
        self._pieces = list(self._planned)
        self._random = Random(seed) if arrivals is Arrivals.POISSON else None  # noqa: S311 (arrivals, not secrets)
        self.length_s = sum(segment.duration_s for segment in self._planned)
        self._factor = 1.0
        self._unit = 0.0 if self._random is None else self._random.expovariate(1.0)
        # the arrival that was given last, and the one after it once that was taken back
        self._given, self._given_ns = 0.0, -1
        self._after: float | None = None
        self._index, self._start_s, self._start_units = 0, 0.0, 0.0

    def next_ns(self) -> int | None:
        """When the next arrival is due; None after the last."""
        units = self._unit
        while self._index < len(self._pieces):
            piece = self._pieces[self._index]
            total = piece.arrivals(piece.duration_s)
            if units < self._start_units + total - 1e-9:
                within = piece.when(max(0.0, units - self._start_units))
                self._given, self._given_ns = units, int((self._start_s + within) * _NS)
                if self._after is not None:
                    self._unit, self._after = self._after, None
                else:
                    self._unit += 1.0 if self._random is None else self._random.expovariate(1.0)
                return self._given_ns
            self._start_units += total
            self._start_s += piece.duration_s
            self._index += 1
        return None

    def scale(self, factor: float, at_ns: int) -> bool:
        """From ``at_ns`` on the rate is ``factor`` times what was planned; True as ``turn``."""
        self._factor = factor
        return self._bend(at_ns)

    def turn(self, rate: float, at_ns: int) -> bool:
        """From ``at_ns`` on, to the end, ``rate`` is planned. ``at_ns`` is not before now.

        True when the arrival that was given last lies after it: it is taken back, and has to be asked for again.
        """
        at_s = at_ns / _NS
        self._planned = _first(self._planned, at_s)
        if self.length_s > at_s:
            self._planned.append(Segment(self.length_s - at_s, rate, rate))
        return self._bend(at_ns)

    def end(self, at_ns: int) -> bool:
        """Nothing is planned from ``at_ns`` on; True as ``turn``."""
        self._planned = _first(self._planned, at_ns / _NS)
        self.length_s = min(self.length_s, at_ns / _NS)
        return self._bend(at_ns)

    def rate(self, now_s: float) -> float:
        """Arrivals a second that are meant at a moment."""
        for piece in self._pieces:
            if now_s <= piece.duration_s:
                share = max(0.0, now_s) / piece.duration_s
                return piece.start_rate + share * (piece.end_rate - piece.start_rate)
            now_s -= piece.duration_s
        return 0.0

    def _bend(self, at_ns: int) -> bool:
        """What was, up to a moment, then what is planned from it on."""
        at_s = at_ns / _NS
        rest = [
            Segment(each.duration_s, each.start_rate * self._factor, each.end_rate * self._factor)
            for each in _rest(self._planned, at_s)
        ]
        self._pieces = [*_first(self._pieces, at_s), *rest]
        self._index, self._start_s, self._start_units = 0, 0.0, 0.0
        if self._given_ns <= at_ns:
            return False
        self._after, self._unit, self._given_ns = self._unit, self._given, -1
        return True


def _first(segments: Sequence[Segment], until_s: float) -> list[Segment]:
    """What lies before a moment."""
    found = []
    for each in segments:
        if until_s <= 0:
            break
        found.append(each if until_s >= each.duration_s else Segment(until_s, each.start_rate, each.at(until_s)))
        until_s -= each.duration_s
    return found


def _rest(segments: Sequence[Segment], from_s: float) -> list[Segment]:
    """What lies after a moment."""
    found = []
    for each in segments:
        if from_s <= 0:
            found.append(each)
        elif from_s < each.duration_s:
            found.append(Segment(each.duration_s - from_s, each.at(from_s), each.end_rate))
        from_s -= each.duration_s
    return found
