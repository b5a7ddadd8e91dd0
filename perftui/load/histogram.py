"""Latencies as counts in log-linear buckets, recorded while they happen.

64 buckets per power of two of nanoseconds: a value read back as the middle of its bucket is off by 0.8 % at most, below
128 ns by nothing. The counts lie in a dict, so that what happened in a tenth of a second is small on the wire.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

SUB_BITS = 6
SHIFT = SUB_BITS + 1
EXACT = 2 << SUB_BITS
# above every value
NOTHING = 1 << 62


def middle(index: int) -> float:
    """The value in ns that stands for a bucket."""
    if index < EXACT:
        return float(index)
    shift = (index >> SUB_BITS) - 1
    return (((index & ((1 << SUB_BITS) - 1)) + (1 << SUB_BITS)) << shift) + ((1 << shift) - 1) / 2


class Recorder:
    """Where values (ns) are counted as they come: what a histogram holds, in a form that is quick to add to.

    Whoever adds very many does what ``record`` does in lines of its own: a call costs as much as the counting.
    """

    __slots__ = ("counts", "high", "low", "total")

    def __init__(self) -> None:
        self.counts: defaultdict[int, int] = defaultdict(int)
        self.total = self.high = 0
        self.low = NOTHING

    def record(self, value: int) -> None:
        """Count one value in ns; a clock that went backwards counts as 0."""
        if value >= EXACT:
            shift = value.bit_length() - SHIFT
            self.counts[(shift << SUB_BITS) + (value >> shift)] += 1
        else:
            value = max(0, value)
            self.counts[value] += 1
        self.total += value
        if not self.low <= value <= self.high:
            self.stretch(value)

    def stretch(self, value: int) -> None:
        """A value that may be less or more than every one before."""
        self.low, self.high = min(value, self.low), max(value, self.high)

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    def histogram(self, zeros: int = 0) -> Histogram:
        """What was counted so far, and ``zeros`` more; it does not change with what is counted from now on."""
        counts = dict(self.counts)
        if zeros:
            counts[0] = counts.get(0, 0) + zeros
        low = 0 if zeros else self.low
        return Histogram(counts, sum(counts.values()), self.total, low if counts else -1, self.high)


class Histogram(msgspec.Struct):
    """All values are nanoseconds. ``total``, ``low`` and ``high`` are exact; ``low`` is -1 of nothing."""

    counts: dict[int, int] = {}
    n: int = 0
    total: int = 0
    low: int = -1
    high: int = 0

    def record(self, value: int) -> None:
        """Count one value in ns; a clock that went backwards counts as 0."""
        if value < EXACT:
            index = value = max(0, value)
        else:
            shift = value.bit_length() - SHIFT
            index = (shift << SUB_BITS) + (value >> shift)
        counts = self.counts
        counts[index] = counts.get(index, 0) + 1
        self.n += 1
        self.total += value
        if value > self.high:
            self.high = value
        if value < self.low or self.low < 0:
            self.low = value

    def merge(self, other: Histogram) -> None:
        """Add what another one has counted."""
        if not other.n:
            return
        counts = self.counts
        for index, count in other.counts.items():
            counts[index] = counts.get(index, 0) + count
        self.n += other.n
        self.total += other.total
        self.high = max(self.high, other.high)
        self.low = other.low if self.low < 0 else min(self.low, other.low)

    @classmethod
    def of(cls, parts: Iterable[Histogram]) -> Histogram:
        """What all of them have counted; a new one."""
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole

    def quantile(self, q: float) -> float | None:
        """The smallest value in ns that is not below a share ``q`` of all (nearest rank); None of nothing."""
        if not self.n:
            return None
        # 0.95 * 20 is 19.000000000000004 in floating point: that is rank 19, not 20
        rank = min(self.n, max(1, math.ceil(q * self.n - 1e-9 * self.n)))
        if rank == self.n:
            return float(self.high)
        reached = 0
        for index, count in self.sorted():
            reached += count
            if reached >= rank:
                return self._bounded(middle(index))
        return float(self.high)

    def mean(self) -> float | None:
        return self.total / self.n if self.n else None

    def deviation(self) -> float | None:
        """The standard deviation in ns, of the middles of the buckets around the exact mean."""
        if not self.n:
            return None
        mean = self.total / self.n
        squares = sum(count * (self._bounded(middle(index)) - mean) ** 2 for index, count in self.counts.items())
        return math.sqrt(squares / self.n)

    def sorted(self) -> Iterator[tuple[int, int]]:
        """Buckets and their counts, the smallest values first."""
        return iter(sorted(self.counts.items()))

    def _bounded(self, value: float) -> float:
        return min(float(self.high), max(float(self.low), value))
