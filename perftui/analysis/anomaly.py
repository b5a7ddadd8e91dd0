"""Whether several key series leave their usual band at once: what one alone does is noise, what three do is an event.

Each band is an exponentially weighted mean and variance (Finch 2009, "Incremental calculation of weighted mean and
variance"). What lies outside is taken in only as far as the band's edge: an outlier hardly moves it, a new level is
accepted after some time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

_WARM_UP = 30
# a series that is flat to the last digit would leave its band with every flicker
_LEAST_SHARE = 0.02


@dataclass
class Band:
    """What one series usually does; ``n`` samples were taken in."""

    mean: float = 0.0
    variance: float = 0.0
    n: int = 0
    at: float = -math.inf
    side: int = 0

    def take(self, at: float, value: float, width: float, memory_s: float) -> None:
        """A new sample; ``side`` is -1 or 1 afterwards when it lies below or above the band, else 0."""
        if at <= self.at or not math.isfinite(value):
            return
        weight = 1.0 if self.n == 0 else 1 - math.exp(-min(at - self.at, memory_s) / memory_s)
        # until the band is known every sample counts the same
        weight = max(weight, 1 / (self.n + 1)) if self.n < _WARM_UP else weight
        reach = width * max(math.sqrt(self.variance), _LEAST_SHARE * abs(self.mean) / width)
        warm = self.n >= _WARM_UP
        self.side = (value > self.mean + reach) - (value < self.mean - reach) if warm and reach > 0 else 0
        taken = min(self.mean + reach, max(self.mean - reach, value)) if warm and reach > 0 else value
        step = weight * (taken - self.mean)
        self.variance = (1 - weight) * (self.variance + step * (taken - self.mean))
        self.mean, self.n, self.at = self.mean + step, self.n + 1, at


class Bands:
    """The bands of all key series; those that are not measured any more are forgotten."""

    def __init__(self) -> None:
        self._bands: dict[str, Band] = {}

    def take(self, newest: Mapping[str, tuple[float, float]], width: float, memory_s: float) -> None:
        """The newest (time, value) of every series."""
        self._bands = {series: self._bands.get(series, Band()) for series in newest}
        for series, (at, value) in newest.items():
            self._bands[series].take(at, value, width, memory_s)

    def outside(self) -> dict[str, int]:
        """Those that lie outside now: -1 below, 1 above."""
        return {series: band.side for series, band in self._bands.items() if band.side}

    @property
    def warm(self) -> int:
        """How many series are known well enough."""
        return sum(band.n >= _WARM_UP for band in self._bands.values())
