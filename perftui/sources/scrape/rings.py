"""The newest samples of one series, as long as some window needs them; counters that were reset go on climbing."""

from __future__ import annotations

from array import array
from bisect import bisect_right

_SPARE = 32


class Ring:
    """``keep_s`` is the longest window that is cut from it; older samples fall out in blocks."""

    __slots__ = ("_climbs", "_offset", "keep_s", "times", "values")

    def __init__(self, keep_s: float) -> None:
        self.keep_s = keep_s
        self.times = array("d")
        self.values = array("d")
        self._climbs: array[float] | None = None
        self._offset = 0.0

    def add(self, at: float, value: float) -> None:
        """Keep a sample; one that is not newer than the newest is none (a scrape may come twice, or too late)."""
        times, values = self.times, self.values
        if times:
            if at <= times[-1]:
                return
            if value < values[-1]:
                self._reset(values[-1])
        times.append(at)
        values.append(value)
        if self._climbs is not None:
            self._climbs.append(value + self._offset)
        if len(times) > _SPARE and times[len(times) // 2] <= at - self.keep_s:
            self._trim(bisect_right(times, at - self.keep_s))

    def _reset(self, before: float) -> None:
        if self._climbs is None:
            self._climbs = array("d", self.values)
        self._offset += before

    def _trim(self, count: int) -> None:
        del self.times[:count], self.values[:count]
        if self._climbs is None:
            return
        del self._climbs[:count]
        shift = self._climbs[0] - self.values[0] if self._climbs else self._offset
        if shift == self._offset:
            self._climbs, self._offset = None, 0.0
        elif shift:
            self._climbs = array("d", (climb - shift for climb in self._climbs))
            self._offset -= shift

    def since(self, start: float) -> int:
        """The index of the first sample after ``start``."""
        return bisect_right(self.times, start)

    def climb(self, first: int) -> float:
        """What a counter rose from this sample to the newest, resets taken into account."""
        climbs = self.values if self._climbs is None else self._climbs
        return climbs[-1] - climbs[first]
