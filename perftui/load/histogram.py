"""Latencies as counts in log-linear buckets, recorded while they happen.

64 buckets per power of two of nanoseconds: a value read back as the middle of its bucket is off by 0.8 % at most, below
128 ns by nothing. The counts lie in a dict, so that what happened in a tenth of a second is small on the wire.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

_SUB_BITS = 6
_EXACT = 2 << _SUB_BITS


def middle(index: int) -> float:
    """The value in ns that stands for a bucket."""
    if index < _EXACT:
        return float(index)
    shift = (index >> _SUB_BITS) - 1
    return (((index & ((1 << _SUB_BITS) - 1)) + (1 << _SUB_BITS)) << shift) + ((1 << shift) - 1) / 2


class Histogram(msgspec.Struct):
    """All values are nanoseconds. ``total``, ``low`` and ``high`` are exact; ``low`` is -1 of nothing."""

    counts: dict[int, int] = {}
    n: int = 0
    total: int = 0
    low: int = -1
    high: int = 0

    def record(self, value: int) -> None:
        """Count one value in ns; a clock that went backwards counts as 0."""
        if value < _EXACT:
            index = value = max(0, value)
        else:
            shift = value.bit_length() - _SUB_BITS - 1
            index = (shift << _SUB_BITS) + (value >> shift)
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
