"""How much time the machine took away, so that a bound on time means the program's own."""

from __future__ import annotations

import threading
import time
from types import TracebackType

_BEAT_S = 0.005
_USUAL_S = 0.005


class StolenTime:
    """A thread that does nothing but sleep: how late it wakes up is time that nobody in this process had.

    It does not see what blocks an event loop, so a source that does is not excused.
    """

    def __init__(self) -> None:
        self.total_s = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> StolenTime:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        before = time.monotonic()
        while not self._end.wait(_BEAT_S):
            now = time.monotonic()
            late = now - before - _BEAT_S
            if late > _USUAL_S:
                self.total_s += late
            before = now
