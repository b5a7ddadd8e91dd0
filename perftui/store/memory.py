"""The newest samples of every series in bounded rings: what live windows are cut from."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from perftui.domain.samples import Batch, Window
from perftui.domain.series import Selector, parse_series
from perftui.store.window import aligned_start, bucket_count, choose_step, cut

# bounds of buckets and quantiles are fractions; elsewhere a dot parts numbers (127.0.0.1)
_NUMBERS = re.compile(r'((?:(?<=\ble=")|(?<=\bquantile="))[0-9.]+(?:e[+-]?[0-9]+)?|[0-9]+)')
_GROWTH = 256
_RECENT = 8


class _Ring:
    """Times and values, oldest first; the oldest fall out in blocks so that adding stays cheap."""

    __slots__ = ("capacity", "interval_s", "newest_at", "times", "values")

    def __init__(self, capacity: int, interval_s: float) -> None:
        self.capacity, self.interval_s = capacity, interval_s
        self.clear()

    def clear(self) -> None:
        self.times = array("d")
        self.values = array("d")
        self.newest_at = -math.inf

    def add(self, at: float, value: float) -> bool:
        """False when the sample is not newer than the newest."""
        if at <= self.newest_at:
            return False
        self.newest_at = at
        times = self.times
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
        self.newest_at = self.times[-1]
        return True

    def between(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Samples of ``[start, end)``, oldest first. Mostly the newest few are asked for: the search begins there."""
        times = self.times
        recent = max(0, len(times) - _RECENT)
        first = bisect_left(times, start, recent if recent and times[recent] < start else 0)
        last = len(times) if self.newest_at < end else bisect_left(times, end, first)
        return zip(times[first:last], self.values[first:last], strict=True)


class MemoryStore:
    """Keeps ``keep_s`` seconds of each series, and at most ``max_series`` of them.

    ``dropped`` counts samples that were refused: too many series, or not newer than what is held. ``rewritten`` counts
    how often earlier samples were put into a series. ``changes`` grows with every new series and with every rewriting:
    while it stays, selectors pick the same series, and all that was said of earlier samples holds.
    """

    def __init__(self, keep_s: float, max_series: int = 20_000) -> None:
        self._keep_s, self._max_series = keep_s, max_series
        self._rings: dict[str, _Ring] = {}
        self._by_name: dict[tuple[str, str], list[str]] = {}
        self._selected: dict[Selector, tuple[str, ...]] = {}
        self.dropped = 0
        self.rewritten: dict[str, int] = {}
        self.changes = 0

    def add(self, batch: Batch, interval_s: float, intervals: Mapping[str, float] | None = None) -> None:
        """Take the values of a batch, sampled every ``interval_s`` seconds but for the series in ``intervals``."""
        at, rings = batch.at, self._rings
        for series, value in batch.values.items():
            ring = rings.get(series)
            if ring is None:
                ring = self._new_ring(series, (intervals or {}).get(series, interval_s))
            if ring is None or not (ring.add(at, value) or self._set_back(ring, at, value)):
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
                self.changes += 1

    def _set_back(self, ring: _Ring, at: float, value: float) -> bool:
        """Begin anew when the wall clock was set back, which would silence the series for long; whether it was."""
        if ring.newest_at - at <= 2 * ring.interval_s + 60:
            return False
        ring.clear()
        return ring.add(at, value)

    def _new_ring(self, series: str, interval_s: float) -> _Ring | None:
        if len(self._rings) >= self._max_series:
            return None
        ref = parse_series(series)
        ring = self._rings[series] = _Ring(max(2, round(self._keep_s / interval_s)), interval_s)
        self._by_name.setdefault((ref.source, ref.name), []).append(series)
        self._selected.clear()
        self.changes += 1
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
        if step_s is None:
            interval = max((self.interval(name) for name in series), default=1.0)
            step_s = choose_step(end - start, cells, interval)
        first = aligned_start(start, step_s)
        count = bucket_count(first, end, step_s, cells)
        until = first + step_s * count
        filled = []
        for name in series:
            ring = self._rings.get(name)
            if ring is not None and (found := cut(name, ring.between(first, until), first, step_s, count)) is not None:
                filled.append(found)
        return Window(first, step_s, count, tuple(filled))


def natural(text: str) -> list[tuple[int, float, str]]:
    """A sort key under which numbers inside of texts order by value."""
    # every second part is what the pattern found
    return [_number(part) if place % 2 else (1, 0.0, part) for place, part in enumerate(_NUMBERS.split(text))]


def _number(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), "")
    except ValueError:  # 1.2.3 as a bound
        return (1, 0.0, text)
