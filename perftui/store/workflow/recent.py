"""The attempts of the last while, by time: what windows are cut from. Bounded, and late ones are put in their place."""

from __future__ import annotations

from collections import deque

from perftui.store.workflow.tasks import Attempt


class Recent:
    """At most ``most`` attempts with the time they count at; the oldest fall out.

    Times and attempts are apart: a hundred thousand pairs would cost the garbage collector more than they are worth.
    """

    __slots__ = ("_attempts", "_in_order", "_most", "_newest", "_shown", "_times")

    def __init__(self, most: int) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._attempts: deque[Attempt] = deque(maxlen=most)
        self._most = most
        self._in_order = True
        self._shown: list[Attempt] | None = None
        self._newest = float("-inf")

    def add(self, at: float, attempt: Attempt) -> None:
        if at < self._newest:
            self._in_order = False
        else:
            self._newest = at
        self._times.append(at)
        self._attempts.append(attempt)
        self._shown = None

    def _sort(self) -> None:
        if not self._in_order:
            times = list(self._times)
            attempts = list(self._attempts)
            order = sorted(range(len(times)), key=times.__getitem__)
            self._times = deque([times[place] for place in order], maxlen=self._most)
            self._attempts = deque([attempts[place] for place in order], maxlen=self._most)
            self._in_order = True

    def last_at(self) -> float:
        """The time of the newest one."""
        self._sort()
        for at, attempt in zip(reversed(self._times), reversed(self._attempts), strict=True):
            if not attempt.dead:
                return at
        return float("-inf")

    def since(self, start: float) -> list[Attempt]:
        """Those from ``start`` on, oldest first; the same list while they are the same. The older ones are forgotten,
        but for the last.
        """
        self._sort()
        times, attempts = self._times, self._attempts
        while len(times) > 1 and times[0] < start:
            times.popleft()
            attempts.popleft()
            self._shown = None
        if times and times[0] < start:
            # the last one, which is too old as well
            self._shown = self._shown if self._shown == [] else []
        elif self._shown is None:
            self._shown = [attempt for attempt in attempts if not attempt.dead]
        return self._shown

    def some_died(self) -> None:
        """Attempts were replaced by others."""
        self._shown = None

    def covers(self, start: float) -> float:
        """From when on nothing is missing: ``start``, or later when more happened than is kept."""
        full = len(self._times) == self._most
        return max(start, self._times[0]) if full else start

    def __len__(self) -> int:
        return len(self._times)
