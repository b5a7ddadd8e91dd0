"""Counters become rates over the time that really passed; a counter that was reset gives no rate."""

from __future__ import annotations


class Rates:
    """Remembers the counters of the poll before."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[float, float]] = {}
        self._now: dict[str, tuple[float, float]] = {}

    def delta(self, key: str, value: float, at: float) -> tuple[float, float] | None:
        """How much the counter grew and in how many seconds; None on first sight, after a reset, or in no time."""
        self._now[key] = (value, at)
        known = self._before.get(key)
        if known is None or value < known[0] or at <= known[1]:
            return None
        return value - known[0], at - known[1]

    def per_second(self, key: str, value: float, at: float) -> float | None:
        grown = self.delta(key, value, at)
        return None if grown is None else grown[0] / grown[1]

    def knew(self, key: str) -> bool:
        """Whether the poll before saw this counter: if so, a missing rate means that it was reset."""
        return key in self._before

    def turn(self) -> None:
        """End of a poll: what it did not see is forgotten."""
        self._before, self._now = self._now, {}


class Totals:
    """Sums of rates over devices, for one poll. A device that is new adds nothing yet; one whose counters were reset
    takes its totals with it, as a sum without it would be a dip that never happened.
    """

    def __init__(self, rates: Rates, at: float) -> None:
        self._rates, self._at = rates, at
        self._sums: dict[str, float] = {}
        self._lost: set[str] = set()

    def add(self, total: str, key: str, value: float) -> float | None:
        """Count one device's counter towards a total; its own rate per second, or None."""
        rate = self._rates.per_second(key, value, self._at)
        if rate is not None:
            self._sums[total] = self._sums.get(total, 0.0) + rate
        elif self._rates.knew(key):
            self._lost.add(total)
        return rate

    def read(self, into: dict[str, float]) -> None:
        into.update((total, rate) for total, rate in self._sums.items() if total not in self._lost)
