"""The newest samples of every series in bounded rings: what live windows are cut from."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from perftui.domain.samples import Batch, Window
from perftui.domain.series import Selector, parse_series
from perftui.store.window import Buckets, aligned_start, bucket_count, choose_step

# bounds of buckets and quantiles are fractions; elsewhere a dot parts numbers (127.0.0.1)
_NUMBERS = re.compile(r'((?:(?<=\ble=")|(?<=\bquantile="))[0-9.]+(?:e[+-]?[0-9]+)?|[0-9]+)')
_GROWTH = 256


class _Ring:
    """Times and values, oldest first; the oldest fall out in blocks so that adding stays cheap."""

    __slots__ = ("capacity", "interval_s", "times", "values")

    def __init__(self, capacity: int, interval_s: float) -> None:
        self.capacity, self.interval_s = capacity, interval_s
        self.times = array("d")
        self.values = array("d")

    def add(self, at: float, value: float) -> bool:
        """False when the sample is not newer than the newest."""
        times = self.times
        if times and at <= times[-1]:
            return False
        times.append(at)
        self.values.append(value)
        if len(times) >= self.capacity + _GROWTH:
            del times[:_GROWTH]
            del self.values[:_GROWTH]
        return True

    def merge(self, points: Sequence[tuple[float, float]]) -> bool:
        """Put samples in their place in time where there are none within half an interval; whether there were any."""
        times, near = self.times, self.interval_s / 2
        new = []
        for at, value in points:
            place = bisect_left(times, at - near)
            if place == len(times) or times[place] > at + near:
                new.append((at, value))
        if not new:
            return False
        merged = sorted({**dict(zip(times, self.values, strict=True)), **dict(new)}.items())[-self.capacity :]
        self.times = array("d", (at for at, _ in merged))
        self.values = array("d", (value for _, value in merged))
        return True

    def between(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        first, last = bisect_left(self.times, start), bisect_left(self.times, end)
        return zip(self.times[first:last], self.values[first:last], strict=True)


class MemoryStore:
    """Keeps ``keep_s`` seconds of each series, and at most ``max_series`` of them.

    ``dropped`` counts samples that were refused: too many series, or not newer than what is held. ``rewritten`` counts
    how often earlier samples were put into a series.
    """

    def __init__(self, keep_s: float, max_series: int = 20_000) -> None:
        self._keep_s, self._max_series = keep_s, max_series
        self._rings: dict[str, _Ring] = {}
        self._by_name: dict[tuple[str, str], list[str]] = {}
        self._selected: dict[Selector, tuple[str, ...]] = {}
        self.dropped = 0
        self.rewritten: dict[str, int] = {}

    def add(self, batch: Batch, interval_s: float, intervals: Mapping[str, float] | None = None) -> None:
        """Take the values of a batch, sampled every ``interval_s`` seconds but for the series in ``intervals``."""
        at, rings = batch.at, self._rings
        for series, value in batch.values.items():
            ring = rings.get(series)
            if ring is None:
                ring = self._new_ring(series, (intervals or {}).get(series, interval_s))
            if ring is None or not self._added(ring, at, value):
                self.dropped += 1

    def merge(
        self,
        past: Mapping[str, Sequence[tuple[float, float]]],
        interval_s: float,
        intervals: Mapping[str, float] | None = None,
    ) -> None:
        """Take samples of earlier moments, for gaps and for the time before the first sample; others are left out."""
        for series, points in past.items():
            ring = self._rings.get(series) or self._new_ring(series, (intervals or {}).get(series, interval_s))
            if ring is None:
                self.dropped += len(points)
            elif ring.merge(points):
                self.rewritten[series] = self.rewritten.get(series, 0) + 1

    def _added(self, ring: _Ring, at: float, value: float) -> bool:
        if ring.add(at, value):
            return True
        # a wall clock that was set back by more than the ring spans would silence the series for ever
        if ring.times[-1] - at > 2 * ring.interval_s + 60:
            del ring.times[:], ring.values[:]
            return ring.add(at, value)
        return False

    def _new_ring(self, series: str, interval_s: float) -> _Ring | None:
        if len(self._rings) >= self._max_series:
            return None
        ref = parse_series(series)
        ring = self._rings[series] = _Ring(max(2, round(self._keep_s / interval_s)), interval_s)
        self._by_name.setdefault((ref.source, ref.name), []).append(series)
        self._selected.clear()
        return ring

    def names(self) -> tuple[str, ...]:
        """Ids of all series, in the order in which they came."""
        return tuple(self._rings)

    def latest(self, series: str) -> tuple[float, float] | None:
        """Time and value of the newest sample."""
        ring = self._rings.get(series)
        return (ring.times[-1], ring.values[-1]) if ring is not None and ring.times else None

    def select(self, selector: Selector) -> tuple[str, ...]:
        """Ids of the series that the selector picks, in natural order (``core="2"`` before ``core="10"``)."""
        found = self._selected.get(selector)
        if found is None:
            names = self._by_name.get((selector.source, selector.name), ())
            found = tuple(sorted((name for name in names if selector.matches(name)), key=natural))
            self._selected[selector] = found
        return found

    def interval(self, series: str) -> float:
        """Seconds between samples; 1 for an unknown series."""
        ring = self._rings.get(series)
        return ring.interval_s if ring is not None else 1.0

    def oldest_at(self, series: str) -> float | None:
        ring = self._rings.get(series)
        return ring.times[0] if ring is not None and ring.times else None

    def covers(self, series: Sequence[str], start: float) -> bool:
        """Whether nothing older than what is held could lie at or after ``start`` in any of the series."""
        oldest = [self.oldest_at(name) for name in series]
        return bool(oldest) and all(at is not None and at <= start for at in oldest)

    def points(self, series: str, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Samples of ``[start, end)``, oldest first."""
        ring = self._rings.get(series)
        return iter(()) if ring is None else ring.between(start, end)

    def window(
        self, series: Sequence[str], start: float, end: float, cells: int, step_s: float | None = None
    ) -> Window:
        """Buckets of the series from memory; ``step_s`` fixes the step, else the largest sample interval does."""
        interval = max((self.interval(name) for name in series), default=1.0)
        step = step_s if step_s is not None else choose_step(end - start, cells, interval)
        first = aligned_start(start, step)
        count = bucket_count(first, end, step, cells)
        filled = []
        for name in series:
            buckets = Buckets(name, first, step, count)
            buckets.add(self.points(name, first, first + step * count))
            if not buckets.empty:
                filled.append(buckets.window())
        return Window(first, step, count, tuple(filled))


def natural(text: str) -> list[tuple[int, float, str]]:
    """A sort key under which numbers inside of texts order by value."""
    # every second part is what the pattern found
    return [_number(part) if place % 2 else (1, 0.0, part) for place, part in enumerate(_NUMBERS.split(text))]


def _number(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), "")
    except ValueError:  # 1.2.3 as a bound
        return (1, 0.0, text)
