"""How much may be sent now: as much as the link carries without making the next key wait.

A terminal answers a question for its cursor's position after it has drawn what stands before the question, so the
answer tells how long that took from end to end. Room in the kernel's buffer tells nothing: behind ssh there are
hundreds of kilobytes of it. What is on its way stays small enough to be drawn within a fraction of a second.
"""

from __future__ import annotations

from collections import deque

ASK = "\x1b[6n"
_SMALLEST, _FIRST, _LARGEST = 600, 8192, 65536
# how much longer than an empty link takes is still good
_QUEUE_S = 0.15
# without any answer yet, the terminal is one that gives none; a link that answered may be down for a while
_UNKNOWN_S, _LOST_S = 0.5, 10.0
_ASK_AGAIN_S = 30.0
_LEAST_CHUNK = 256
_CREEP = 1.002


class Pace:
    """Times are seconds of one monotonic clock, handed in. ``budget`` is the most bytes a second, if there is one."""

    def __init__(self, budget: float | None = None) -> None:
        self.rtt: float | None = None
        self.window = _FIRST
        self._budget = budget
        self._saved, self._saved_at = self._most_saved, float("-inf")
        self._flights: deque[tuple[float, int]] = deque()
        self._in_flight = 0
        self._nearest: float | None = None
        self._heard_at = self._cut_at = float("-inf")
        self._silent_until = float("-inf")

    @property
    def _most_saved(self) -> float:
        return max(_LEAST_CHUNK, self._budget / 2) if self._budget else 0.0

    @property
    def answers(self) -> bool:
        """Whether the terminal has ever answered."""
        return self._nearest is not None

    @property
    def rate(self) -> float | None:
        """About as many bytes a second as the link carries; None while nobody knows."""
        return None if self.rtt is None else self.window / max(self.rtt, 0.001)

    def room(self, now: float) -> int:
        """Bytes that may be sent now; 0 means to wait."""
        self._give_up(now)
        room = self.window - self._in_flight
        if self._flights and room < self.window // 4:
            return 0
        if not self.answers and not self._flights:
            room = _LARGEST
        if self._budget:
            saved = int(self._savings(now))
            return min(room, saved) if saved >= min(_LEAST_CHUNK, self._most_saved) else 0
        return room

    def wait_s(self, now: float) -> float:
        """When room is to be asked for again at the latest."""
        waits = [1.0]
        if self._flights:
            waits.append(self._flights[0][0] + self._patience - now)
        if self._budget:
            waits.append((_LEAST_CHUNK - self._savings(now)) / self._budget)
        return max(0.005, min(waits))

    @property
    def patience_s(self) -> float:
        """How long whoever leaves should wait for answers that are on their way."""
        return 0.3 if self.rtt is None else min(1.0, 0.1 + 3 * self.rtt)

    @property
    def awaits(self) -> bool:
        """Whether an answer is on its way."""
        return bool(self._flights)

    def asks(self, now: float) -> bool:
        """Whether what is sent now should end with the question."""
        return now >= self._silent_until

    def sent(self, size: int, now: float, asked: bool) -> None:
        if self._budget:
            self._saved, self._saved_at = self._savings(now) - size, now
        if asked:
            self._flights.append((now, size))
            self._in_flight += size

    def answered(self, now: float) -> bool:
        """An answer came; whether it was one to our questions."""
        if not self._flights:
            return False
        full = self._in_flight >= self.window // 2
        at, size = self._flights.popleft()
        self._in_flight -= size
        self.rtt = now - at
        self._adapt(at, size, full, now)
        return True

    def _adapt(self, at: float, size: int, full: bool, now: float) -> None:
        """Double each round while nothing waits, cut once a round when something does."""
        rtt = self.rtt or 0.0
        if self._nearest is not None:
            # a way that became longer for good is believed after some minutes
            self._nearest *= _CREEP ** (now - self._heard_at)
        self._nearest, self._heard_at = rtt if self._nearest is None else min(self._nearest, rtt), now
        late = rtt - self._nearest
        if late > _QUEUE_S:
            if at >= self._cut_at:
                self.window, self._cut_at = max(_SMALLEST, int(self.window * max(0.25, _QUEUE_S / late))), now
        elif full:
            self.window = min(_LARGEST, self.window + (size if late < _QUEUE_S / 2 else size // 8))

    def forget(self) -> None:
        """What was on its way will not be answered: the terminal was given to somebody else."""
        self._flights.clear()
        self._in_flight = 0

    @property
    def _patience(self) -> float:
        return _LOST_S if self.answers else _UNKNOWN_S

    def _give_up(self, now: float) -> None:
        if self._flights and now - self._flights[0][0] > self._patience:
            self.forget()
            if not self.answers:
                self._silent_until = now + _ASK_AGAIN_S

    def _savings(self, now: float) -> float:
        if self._budget is None:
            return 0.0
        if self._saved_at == float("-inf"):
            return self._most_saved
        return min(self._most_saved, self._saved + (now - self._saved_at) * self._budget)
