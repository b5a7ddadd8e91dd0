"""How much time the machine took away, so that a bound on time means the program's own."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType

_BEAT_S = 0.005
_USUAL_S = 0.005


class StolenTime:
    """For the thread that enters it, which is to be the one that runs the event loop.

    Linux tells how long a thread could have run and had to wait for a processor. Elsewhere a thread that does nothing
    but sleep tells it by how late it wakes up. That one is a poorer witness: schedulers prefer sleepers on a machine
    that is too busy, and a loop that computes keeps it from waking.

    A source that blocks the loop is not excused by what the kernel tells, whether it sleeps or computes.
    """

    def __init__(self) -> None:
        self._late_s = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def total_s(self) -> float:
        """What lies between two looks at it was stolen between them."""
        waited_s = self._waited_s()
        return self._late_s if waited_s is None else waited_s

    def __enter__(self) -> StolenTime:
        self._scheduling = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _waited_s(self) -> float | None:
        """Since the thread began; None where the kernel keeps no account of it."""
        try:
            ran, waited, _ = self._scheduling.read_text().split()
        except (OSError, ValueError):
            return None
        return int(waited) / 1e9 if int(ran) else None

    def _run(self) -> None:
        before = time.monotonic()
        while not self._end.wait(_BEAT_S):
            now = time.monotonic()
            late = now - before - _BEAT_S
            if late > _USUAL_S:
                self._late_s += late
            before = now
