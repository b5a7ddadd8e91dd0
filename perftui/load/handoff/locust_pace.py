"""When the arrivals of a plan are due, for one of several processes that share them: the schedule of our own engine.

It is copied beside the locustfile and knows the standard library only; a test compares it with ``schedule``.
"""

from __future__ import annotations

import math
import random


class Pace:
    """When the arrivals of one part of the plan are due, for process ``index`` of ``shares``; seconds of that part."""

    def __init__(self, stages: list[list[float]], index: int, shares: int, seed: int | None) -> None:
        self._stages, self._shares = stages, shares
        self._random = None if seed is None else random.Random(seed + index)  # noqa: S311 (arrivals, not secrets)
        self._units = float(index) if self._random is None else shares * self._random.expovariate(1.0)
        self._factor, self._from_units, self._from_own = 1.0, 0.0, 0.0

    def due(self) -> float | None:
        """Of the next arrival; None after the last."""
        left = self._from_own + (self._units - self._from_units) / self._factor
        at = 0.0
        for seconds, start, end in self._stages:
            whole = (start + end) / 2 * seconds
            if left < whole - 1e-9:
                left = max(0.0, left)
                root = math.sqrt(max(0.0, start * start + 2 * (end - start) / seconds * left))
                return at + (2 * left / (start + root) if left else 0.0)
            left -= whole
            at += seconds
        return None

    def step(self) -> None:
        self._units += self._shares * (1.0 if self._random is None else self._random.expovariate(1.0))

    def scale(self, factor: float, at_s: float) -> None:
        own = self.planned(at_s)
        self._from_units += (own - self._from_own) * self._factor
        self._from_own, self._factor = own, factor

    def planned(self, at_s: float) -> float:
        """How many arrivals the first seconds hold, of all processes."""
        found = 0.0
        for seconds, start, end in self._stages:
            t = min(max(0.0, at_s), seconds)
            found += start * t + (end - start) / seconds * t * t / 2
            at_s -= seconds
        return found

    def rate(self, at_s: float) -> float:
        for seconds, start, end in self._stages:
            if at_s <= seconds:
                return self._factor * (start + (end - start) * max(0.0, at_s) / seconds)
            at_s -= seconds
        return 0.0
