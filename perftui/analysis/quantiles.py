"""Percentiles: of values, of histograms in buckets, and of mixtures in which one class is another than it was.

Histograms are pairs of (upper bound, count in that bucket), as ``rules.signals`` has them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Buckets = Sequence[tuple[float, float]]


def percentile(ordered: Sequence[float], part: float) -> float:
    """Linear interpolation between the closest ranks (Hyndman and Fan's type 7) of values in ascending order."""
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def count(buckets: Buckets) -> float:
    """How many observations the histogram holds."""
    return sum(n for _, n in buckets)


def merged(histograms: Iterable[Buckets]) -> list[tuple[float, float]]:
    """All observations in one histogram; exact where the bounds are the same."""
    total: dict[float, float] = {}
    for buckets in histograms:
        for bound, n in buckets:
            total[bound] = total.get(bound, 0.0) + n
    return sorted(total.items())


def scaled(buckets: Buckets, to: float) -> list[tuple[float, float]]:
    """The same distribution with ``to`` observations; empty when there is nothing to scale."""
    n = count(buckets)
    return [(bound, part / n * to) for bound, part in buckets] if n > 0 else []


def bucket_percentile(buckets: Buckets, part: float) -> float | None:
    """The value below which ``part`` of the observations lie, linear within its bucket; None without observations.

    As ``histogram_quantile`` of Prometheus: the first bucket begins at 0 (at its bound when that is negative), and what
    lies beyond the last finite bound counts as that bound.
    """
    n = count(buckets)
    if not n > 0:
        return None
    rank, below, lower = part * n, 0.0, 0.0
    for bound, here in buckets:
        if here > 0 and below + here >= rank:
            if math.isinf(bound):
                return lower
            start = min(lower, bound)
            return start + (bound - start) * max(0.0, rank - below) / here
        below += here
        if not math.isinf(bound):
            lower = bound
    return lower
