"""What else moved when something happened: series whose level just after a moment is far from that just before."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from perftui.analysis.quantiles import percentile

BEFORE_S, AFTER_S = 300.0, 60.0
_FEWEST = 5
# a level that is further away than so many robust standard deviations has moved (normal noise: once in 10^8)
_FAR = 6.0
# 1 / the 75 % quantile of the normal distribution: makes the median deviation comparable with a standard deviation
_MAD_TO_SIGMA = 1.4826
_LEAST_SHARE = 0.05


class Moved(NamedTuple):
    """A series with its median level before and after; ``distance`` in robust standard deviations of before."""

    series: str
    before: float
    after: float
    distance: float


def moved(points: Iterable[tuple[str, list[tuple[float, float]]]], at: float, most: int = 5) -> tuple[Moved, ...]:
    """The series that moved most; ``points`` are (time, value) pairs of [at - BEFORE_S, at + AFTER_S), oldest first.

    The noise is the median absolute deviation before (Hampel 1974), at least 5 % of the level: a series that was flat
    moves when it leaves its level by more than that many times as much.
    """
    found = [one for series, samples in points if (one := _move(series, samples, at)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.distance, one.series))[:most])


def _move(series: str, samples: list[tuple[float, float]], at: float) -> Moved | None:
    before = sorted(value for time, value in samples if time < at and math.isfinite(value))
    after = sorted(value for time, value in samples if time >= at and math.isfinite(value))
    if len(before) < _FEWEST or len(after) < _FEWEST:
        return None
    level, then = percentile(before, 0.5), percentile(after, 0.5)
    deviation = percentile(sorted(abs(value - level) for value in before), 0.5) * _MAD_TO_SIGMA
    noise = max(deviation, _LEAST_SHARE * abs(level) / _FAR, _LEAST_SHARE * abs(then) / _FAR)
    distance = abs(then - level) / noise if noise > 0 else 0.0
    return Moved(series, level, then, distance) if distance > _FAR else None
