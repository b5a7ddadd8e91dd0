"""Functions of a window of samples. All take the ring, the index of the first sample, and where the window begins and
ends; None when there are too few samples. They give what Prometheus gives for the same samples.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from perftui.sources.scrape.rings import Ring

RangeFunction = Callable[[Ring, int, float, float], "float | None"]


def _extrapolated(ring: Ring, first: int, start: float, end: float, counter: bool) -> float | None:
    """What the window rose by, as promql/functions.go extrapolatedRate() of Prometheus 3 has it.

    The samples lie within the window: what is missing to its ends is extrapolated, but for no more than half of the
    usual distance where a series has just appeared or gone, and a counter is never made to begin below zero.
    """
    times, values = ring.times, ring.values
    count = len(times) - first
    if count < 2:
        return None
    rise = ring.climb(first) if counter else values[-1] - values[first]
    sampled = times[-1] - times[first]
    distance = sampled / (count - 1)
    to_start, to_end = max(0.0, times[first] - start), max(0.0, end - times[-1])
    if to_start >= distance * 1.1:
        to_start = distance / 2
    if counter and rise > 0 and values[first] >= 0:
        to_start = min(to_start, sampled * (values[first] / rise))
    if to_end >= distance * 1.1:
        to_end = distance / 2
    return rise * ((sampled + to_start + to_end) / sampled)


def _increase(ring: Ring, first: int, start: float, end: float) -> float | None:
    return _extrapolated(ring, first, start, end, True)


def _rate(ring: Ring, first: int, start: float, end: float) -> float | None:
    rise = _extrapolated(ring, first, start, end, True)
    return None if rise is None or end <= start else rise / (end - start)


def _delta(ring: Ring, first: int, start: float, end: float) -> float | None:
    return _extrapolated(ring, first, start, end, False)


def _last_two(ring: Ring, first: int) -> tuple[float, float, float] | None:
    """The last two values, and the seconds between them."""
    if len(ring.times) - first < 2:
        return None
    return ring.values[-2], ring.values[-1], ring.times[-1] - ring.times[-2]


def _irate(ring: Ring, first: int, start: float, end: float) -> float | None:
    found = _last_two(ring, first)
    if found is None:
        return None
    before, now, seconds = found
    return (now if now < before else now - before) / seconds


def _idelta(ring: Ring, first: int, start: float, end: float) -> float | None:
    found = _last_two(ring, first)
    return None if found is None else found[1] - found[0]


def _changes(ring: Ring, first: int, start: float, end: float) -> float | None:
    values = ring.values[first:]
    if not values:
        return None
    pairs = pairwise(values)
    return float(sum(1 for before, now in pairs if now != before and not (now != now and before != before)))


def _resets(ring: Ring, first: int, start: float, end: float) -> float | None:
    values = ring.values[first:]
    return float(sum(1 for before, now in pairwise(values) if now < before)) if values else None


def _over_time(fold: Callable[[list[float]], float]) -> RangeFunction:
    def folded(ring: Ring, first: int, start: float, end: float) -> float | None:
        values = ring.values[first:]
        return fold(values.tolist()) if values else None

    return folded


def lowest(values: list[float]) -> float:
    """The smallest, NaN only when all are."""
    numbers = [value for value in values if value == value]
    return min(numbers) if numbers else values[0]


def highest(values: list[float]) -> float:
    """The largest, NaN only when all are."""
    numbers = [value for value in values if value == value]
    return max(numbers) if numbers else values[0]


RANGES: dict[str, RangeFunction] = {
    "rate": _rate,
    "increase": _increase,
    "delta": _delta,
    "irate": _irate,
    "idelta": _idelta,
    "changes": _changes,
    "resets": _resets,
    "avg_over_time": _over_time(lambda values: sum(values) / len(values)),
    "sum_over_time": _over_time(sum),
    "min_over_time": _over_time(lowest),
    "max_over_time": _over_time(highest),
    "count_over_time": _over_time(lambda values: float(len(values))),
    "last_over_time": _over_time(lambda values: values[-1]),
}
KEEPS_NAME = ("last_over_time",)
