"""What is to happen at nanoseconds of the monotonic clock: users who think, woken by a timer that does not round.

The loop's own timers round up to a millisecond, and that would count as lag of the generator.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable

from perftui.load.timer import timer

_clock = time.perf_counter_ns
# how many are woken before the loop looks at the sockets again
_BURST = 64


class Agenda:
    """Needs a running loop from the first entry on."""

    def __init__(self) -> None:
        self._timer = timer()
        self._entries: list[tuple[int, int, Callable[[int], None]]] = []
        self._number = self._held_from = 0
        self._is_watched = self.is_held = self._is_closed = False

    def add(self, at_ns: int, act: Callable[[int], None]) -> None:
        """Call it then with its moment, in the order of moments, never from here."""
        if self._is_closed:
            return
        if not self._is_watched:
            asyncio.get_running_loop().add_reader(self._timer.fd, self._fired)
            self._is_watched = True
        if self.is_held:
            # the part of the pause that is over is none of its business
            at_ns -= _clock() - self._held_from
        self._number += 1
        heapq.heappush(self._entries, (at_ns, self._number, act))
        if self._entries[0][1] == self._number:
            self._arm()

    def hold(self) -> None:
        """Nothing happens until ``go_on``."""
        self.is_held, self._held_from = True, _clock()

    def go_on(self, later_ns: int) -> None:
        """Everything happens so much later than it was to."""
        self.is_held = False
        self._entries = [(at_ns + later_ns, number, act) for at_ns, number, act in self._entries]
        self._arm()

    def close(self) -> None:
        """Nothing happens any more."""
        if self._is_closed:
            return
        self._is_closed = True
        self._entries.clear()
        if self._is_watched:
            asyncio.get_running_loop().remove_reader(self._timer.fd)
        self._timer.close()

    def _fired(self) -> None:
        self._timer.clear()
        for _ in range(_BURST):
            if self.is_held or not self._entries or self._entries[0][0] > _clock():
                break
            at_ns, _, act = heapq.heappop(self._entries)
            act(at_ns)
        if not self._is_closed:
            self._arm()

    def _arm(self) -> None:
        if self._entries and not self.is_held:
            self._timer.arm(self._entries[0][0])
