"""Points become equal buckets; the same points give the same buckets whether memory or the journal held them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from perftui.domain.samples import SeriesWindow


def choose_step(span_s: float, cells: int, interval_s: float) -> float:
    """The smallest whole multiple of the sample interval that needs at most ``cells`` buckets for the span.

    A window that is aligned to its step may touch one bucket more than the span needs, hence the ``- 1``.
    """
    wanted = span_s / max(1, cells - 1)
    return max(1, math.ceil(wanted / interval_s - 1e-9)) * interval_s


def aligned_start(start: float, step_s: float) -> float:
    """The last whole multiple of the step at or before ``start``."""
    return math.floor(start / step_s + 1e-9) * step_s


def bucket_count(start: float, end: float, step_s: float, cells: int) -> int:
    """How many buckets from an aligned start reach past ``end``; never more than ``cells``."""
    return min(cells, max(1, math.floor((end - start) / step_s + 1e-9) + 1))


def cut(
    series: str, points: Iterable[tuple[float, float]], start: float, step_s: float, count: int
) -> SeriesWindow | None:
    """What ``Buckets`` makes of points ``(at, value)`` that come oldest first, none before ``start``; None of nothing.

    Where no bucket has more than one point, mean, lowest and highest are the same tuple.
    """
    mean: list[float | None] = [None] * count
    low = high = mean
    filling, n, total, lowest, highest = -1, 0, 0.0, 0.0, 0.0
    last = last_at = None
    for at, value in points:
        index = int((at - start) / step_s + 1e-9)
        if index >= count or value - value != 0.0:  # outside, NaN or infinite
            continue
        last_at, last = at, value
        if index != filling:
            filling, n = index, 1
            # a sum is never the -0.0 that a value may be
            mean[index] = low[index] = high[index] = total = lowest = highest = value + 0.0
            continue
        if low is mean:
            low, high = mean[:], mean[:]
        n, total = n + 1, total + value
        mean[index] = total / n
        low[index] = lowest = min(lowest, value)
        high[index] = highest = max(highest, value)
    if last_at is None:
        return None
    means = tuple(mean)
    if low is mean:
        return SeriesWindow(series, means, means, means, last, last_at)
    return SeriesWindow(series, means, tuple(low), tuple(high), last, last_at)


class Buckets:
    """Collects points of one series into buckets; order does not matter, what is not finite is not counted."""

    def __init__(self, series: str, start: float, step_s: float, count: int) -> None:
        self._series, self._start, self._step_s = series, start, step_s
        self._sum = [0.0] * count
        self._n = [0] * count
        self._low = [math.inf] * count
        self._high = [-math.inf] * count
        self._last: tuple[float, float] | None = None

    def add(self, points: Iterable[tuple[float, float]]) -> None:
        """Points as ``(at, value)``; those outside of the buckets are left out."""
        start, step, count = self._start, self._step_s, len(self._n)
        total, n, low, high = self._sum, self._n, self._low, self._high
        last = self._last
        for at, value in points:
            index = math.floor((at - start) / step + 1e-9)
            if not 0 <= index < count or value - value != 0.0:  # outside, NaN or infinite
                continue
            total[index] += value
            n[index] += 1
            if value < low[index]:
                low[index] = value
            if value > high[index]:
                high[index] = value
            if last is None or at >= last[0]:
                last = (at, value)
        self._last = last

    @property
    def empty(self) -> bool:
        return self._last is None

    def window(self) -> SeriesWindow:
        mean = tuple(total / n if n else None for total, n in zip(self._sum, self._n, strict=True))
        low = tuple(value if n else None for value, n in zip(self._low, self._n, strict=True))
        high = tuple(value if n else None for value, n in zip(self._high, self._n, strict=True))
        at, value = (None, None) if self._last is None else self._last
        return SeriesWindow(self._series, mean, low, high, value, at)
