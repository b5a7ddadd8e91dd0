"""Quantiles from the buckets of a histogram: an estimate, and the bucket it lies in, which is its error."""

from __future__ import annotations

import math
from typing import NamedTuple


class Estimate(NamedTuple):
    """The value lies between ``low`` and ``high``; ``high`` is infinite when it is above the highest finite bound."""

    value: float
    low: float
    high: float


_NONE = Estimate(math.nan, math.nan, math.nan)


def bucket_quantile(quantile: float, buckets: list[tuple[float, float]]) -> Estimate:
    """From (upper bound, cumulative count) pairs, as promql/quantile.go bucketQuantile() of Prometheus has it.

    The observations are taken to lie evenly in their bucket. NaN without the +Inf bucket or without observations.
    """
    if math.isnan(quantile):
        return _NONE
    if not 0 <= quantile <= 1:
        value = math.copysign(math.inf, quantile)
        return Estimate(value, value, value)
    bounds, counts = _cumulative(buckets)
    if len(bounds) < 2 or bounds[-1] != math.inf or not counts[-1] > 0:
        return _NONE
    rank = quantile * counts[-1]
    index = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(counts) - 1)
    if index == len(counts) - 1:
        return Estimate(bounds[-2], bounds[-2], math.inf)
    high = bounds[index]
    if index == 0:
        if high <= 0:
            return Estimate(high, -math.inf, high)
        low, below = 0.0, 0.0
    else:
        low, below = bounds[index - 1], counts[index - 1]
    inside = counts[index] - below
    share = (rank - below) / inside if inside else math.nan
    value = low + (high - low) * share
    # the last digit of the sum may lie beyond the bucket
    return Estimate(high if value > high else value, low, high)


def _cumulative(buckets: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Bounds and counts in order: equal bounds are added up, counts that fall (rates of a torn scrape) are lifted."""
    bounds: list[float] = []
    counts: list[float] = []
    for bound, count in sorted(buckets):
        if bounds and bound == bounds[-1]:
            counts[-1] += count
        else:
            bounds.append(bound)
            counts.append(count)
    for index in range(1, len(counts)):
        if counts[index] < counts[index - 1]:
            counts[index] = counts[index - 1]
    return bounds, counts
