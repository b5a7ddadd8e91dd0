"""A straight line through noisy samples that a few wild ones can't bend, and how sure its slope is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.quantiles import percentile

_MOST_BLOCKS = 60
_LEAST_BLOCKS = 4
_SAME_S = 1e-3  # times that are closer are the same moment
Z80 = 1.2816  # 10th and 90th percentile of the normal distribution
Z95 = 1.96


class Trend(NamedTuple):
    """Slope a second with the bounds of its interval, and the value of the line at ``at``, its newest time."""

    slope: float
    low: float
    high: float
    value: float
    at: float


def theil_sen(points: Sequence[tuple[float, float]], z: float = Z80) -> Trend | None:
    """The median of all pairs' slopes (Theil 1950); the interval by Kendall's variance (Sen, 1968, JASA 63, 1379).

    ``z`` is how wide the interval is: ``Z80`` for 80 % of a normal distribution, ``Z95`` for 95 %.

    Samples that follow each other are alike, which would make the interval too narrow: so at most 60 medians of blocks
    are taken. None for fewer than 4 points at different times.
    """
    blocks = _blocks(points)
    slopes = sorted(
        (value - before) / (at - since)
        for place, (at, value) in enumerate(blocks)
        for since, before in blocks[:place]
        if at - since >= _SAME_S
    )
    n, pairs = len(blocks), len(slopes)
    if n < _LEAST_BLOCKS or not pairs:
        return None
    slope = percentile(slopes, 0.5)
    wide = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low, high = (min(1.0, max(0.0, (pairs + sign * wide) / 2 / pairs)) for sign in (-1, 1))
    at = max(time for time, _ in points)
    value = percentile(sorted(value + slope * (at - time) for time, value in blocks), 0.5)
    return Trend(slope, percentile(slopes, low), percentile(slopes, high), value, at)


def _blocks(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    ordered = sorted(point for point in points if math.isfinite(point[0]) and math.isfinite(point[1]))
    size = max(1, -(-len(ordered) // _MOST_BLOCKS))
    blocks = [ordered[place : place + size] for place in range(0, len(ordered), size)]
    return [
        (percentile([time for time, _ in block], 0.5), percentile(sorted(value for _, value in block), 0.5))
        for block in blocks
    ]
