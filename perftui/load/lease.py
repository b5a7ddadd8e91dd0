"""The lease that a load is held on: whoever watches it renews it, and a load that nobody watches any more ends.

A console can be gone without a word (a closed laptop, a network that is down, kill -9), so that its silence has to be
enough. A lease knows no load and no clock of its own: whoever serves the load asks it a few times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable

LENGTH_S = 2.0


class Lease:
    """``holder`` is who may renew it; ``clock`` gives monotonic seconds."""

    def __init__(self, holder: str, clock: Callable[[], float] = time.monotonic, length_s: float = LENGTH_S) -> None:
        self.holder = holder
        self._clock, self._length_s = clock, length_s
        self._until: float | None = clock() + length_s

    @property
    def is_released(self) -> bool:
        """Whether the load goes on without anybody who watches it."""
        return self._until is None

    @property
    def is_over(self) -> bool:
        """Whether the load has to end: its holder has been silent for too long, and did not release it."""
        return self._until is not None and self._clock() >= self._until

    def renew(self, holder: str) -> bool:
        """For its length from now on. False, and nothing changes, for a stranger and for a lease that is over."""
        if holder != self.holder or self.is_over:
            return False
        if self._until is not None:
            self._until = self._clock() + self._length_s
        return True

    def release(self) -> None:
        """Detached: it is never over from here on. One that is over already stays so."""
        if not self.is_over:
            self._until = None
