"""How sure a percentile of a run is, and the difference of two.

Requests of one second resemble each other (a pause of the target hits all of them), so that a thousand requests are not
a thousand independent measurements. What is compared are stretches of the run: how much the share of requests above a
value differs from stretch to stretch gives the error of the share, and that of the percentile.

Sources: Woodruff, Confidence Intervals for Medians and Other Position Measures, 1952 (an interval of a share, turned
into one of the quantile); Cochran, Sampling Techniques, 6.3 (the error of a ratio of clusters); Zou and Donner, 2008
(MOVER: the difference of two estimates with intervals of their own); Abramowitz and Stegun, 26.7.5 (Student's t).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

from perftui.load.histogram import Histogram, middle

# fewer stretches than that say nothing about their spread
FEWEST = 5


class Interval(NamedTuple):
    """``low`` and ``high`` hold the true value at the confidence that was asked for; ns."""

    value: float
    low: float
    high: float


def quantile_interval(stretches: Sequence[Histogram], q: float, confidence: float) -> Interval | None:
    """Of the quantile ``q`` of all stretches together; None where there is too little to say."""
    filled = [each for each in stretches if each.n]
    whole = Histogram()
    for each in filled:
        whole.merge(each)
    value = whole.quantile(q)
    if value is None or len(filled) < FEWEST:
        return None
    error = _error(filled, value, whole.n) * student(len(filled) - 1, confidence)
    # one request more or less is the least that a share can be off by
    error = max(error, 1 / whole.n)
    if q + error >= 1:
        # beyond the largest value nothing was measured: the end of the interval is not known
        return None
    low, high = whole.quantile(max(0.0, q - error)), whole.quantile(q + error)
    assert low is not None and high is not None  # noqa: S101, PT018 (it holds requests)
    return Interval(value, min(low, value), max(high, value))


def difference(a: Interval, b: Interval) -> Interval:
    """Of b and a: positive where b is larger."""
    value = b.value - a.value
    low = value - math.hypot(b.value - b.low, a.high - a.value)
    high = value + math.hypot(b.high - b.value, a.value - a.low)
    return Interval(value, low, high)


def student(degrees: int, confidence: float) -> float:
    """The two-sided quantile of Student's t."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / degrees**power for power, term in enumerate(terms))


def _error(stretches: Sequence[Histogram], value: float, n: int) -> float:
    """The standard error of the share of requests up to ``value``."""
    count = len(stretches)
    up_to = [_up_to(each, value) for each in stretches]
    share = sum(up_to) / n
    squares = sum((number - share * each.n) ** 2 for number, each in zip(up_to, stretches, strict=True))
    return math.sqrt(squares * count / (count - 1)) / n


def _up_to(histogram: Histogram, value: float) -> int:
    return sum(number for index, number in histogram.counts.items() if middle(index) <= value)
