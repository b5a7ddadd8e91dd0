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

    def turn(self) -> None:
        """End of a poll: what it did not see is forgotten."""
        self._before, self._now = self._now, {}
