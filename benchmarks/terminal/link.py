"""A slow link as ssh makes it: it takes what is written into a buffer, carries so many bytes a second, and is far away.

It knows no clock and no terminal: times are handed in, so that tests can play with them.
"""

from __future__ import annotations

from collections import deque

# what an idle link may carry at once, in seconds of its rate
_BURST_S = 0.02


class Link:
    """``rate`` in bytes a second, ``buffer`` in bytes, ``rtt_s`` for the way there and back."""

    def __init__(self, rate: float, buffer: int, rtt_s: float) -> None:
        self._rate, self._buffer, self._half_s = rate, buffer, rtt_s / 2
        self._held = bytearray()
        self._away: deque[tuple[float, bytes]] = deque()
        self._back: deque[tuple[float, bytes]] = deque()
        self._credit, self._at = 0.0, 0.0

    def room(self) -> int:
        """How much the program can still write before it has to wait."""
        return max(0, self._buffer - len(self._held))

    def write(self, data: bytes, now: float) -> None:
        """What the program wrote."""
        self._carry(now)
        self._held += data

    def arrivals(self, now: float) -> list[tuple[float, bytes]]:
        """What has reached the terminal by now, with the times when it did."""
        self._carry(now)
        return self._due(self._away, now)

    def type(self, data: bytes, now: float) -> None:
        """What the terminal sends: keys and answers. They are few, so that only the way counts."""
        self._back.append((now + self._half_s, data))

    def typed(self, now: float) -> list[tuple[float, bytes]]:
        """What has reached the program by now."""
        return self._due(self._back, now)

    def _carry(self, now: float) -> None:
        self._credit += max(0.0, now - self._at) * self._rate
        self._at = now
        count = min(len(self._held), int(self._credit))
        if count:
            self._away.append((now + self._half_s, bytes(self._held[:count])))
            del self._held[:count]
            self._credit -= count
        if not self._held:
            # what it could have carried meanwhile is gone
            self._credit = min(self._credit, self._rate * _BURST_S)

    @staticmethod
    def _due(queue: deque[tuple[float, bytes]], now: float) -> list[tuple[float, bytes]]:
        found = []
        while queue and queue[0][0] <= now:
            found.append(queue.popleft())
        return found
