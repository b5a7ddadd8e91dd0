"""The attempts of the last while, by time: what windows are cut from. Bounded, and late ones are put in their place."""

from __future__ import annotations

from collections import deque

from perftui.store.workflow.tasks import Attempt


class Recent:
    """At most ``most`` attempts with the time they count at; the oldest fall out."""

    __slots__ = ("_in_order", "_items", "_most", "_newest", "_shown")

    def __init__(self, most: int) -> None:
        self._items: deque[tuple[float, Attempt]] = deque(maxlen=most)
        self._most = most
        self._in_order = True
        self._shown: list[Attempt] | None = None
        self._newest = float("-inf")

    def add(self, at: float, attempt: Attempt) -> None:
        if at < self._newest:
            self._in_order = False
        else:
            self._newest = at
        self._items.append((at, attempt))
        self._shown = None

    def _sort(self) -> deque[tuple[float, Attempt]]:
        if not self._in_order:
            self._items = deque(sorted(self._items, key=_time), maxlen=self._most)
            self._in_order = True
        return self._items

    def last_at(self) -> float:
        """The time of the newest one."""
        return next((at for at, attempt in reversed(self._sort()) if not attempt.dead), float("-inf"))

    def since(self, start: float) -> list[Attempt]:
        """Those from ``start`` on, oldest first; the same list while they are the same. The older ones are forgotten,
        but for the last.
        """
        items = self._sort()
        while len(items) > 1 and items[0][0] < start:
            items.popleft()
            self._shown = None
        if self._shown is None or (self._shown and items[0][0] < start):
            self._shown = [attempt for at, attempt in items if at >= start and not attempt.dead]
        return self._shown

    def some_died(self) -> None:
        """Attempts were replaced by others."""
        self._shown = None

    def covers(self, start: float) -> float:
        """From when on nothing is missing: ``start``, or later when more happened than is kept."""
        full = len(self._items) == self._most
        return max(start, self._items[0][0]) if full else start

    def __len__(self) -> int:
        return len(self._items)


def _time(item: tuple[float, Attempt]) -> float:
    return item[0]
