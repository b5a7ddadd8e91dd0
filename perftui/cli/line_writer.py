"""Lines to a file, a pipe or a terminal whose reader may be slow, stopped or gone: whoever has them never waits.

A thread writes. While it is held up a bounded number of lines wait, what comes then is counted, and that is told.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

_MOST_WAITING = 1000


class LineWriter:
    """``broken`` is called once in the thread, with why nothing can be written; empty when the reader is gone."""

    def __init__(self, descriptor: int, encoding: str, broken: Callable[[str], None]) -> None:
        self._descriptor, self._encoding, self._broken = descriptor, encoding, broken
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._dropped = 0
        self._writing = False
        self._dead = False
        threading.Thread(target=self._run, name="lines", daemon=True).start()

    def say(self, lines: Iterable[str]) -> None:
        with self._changed:
            for line in lines:
                if len(self._waiting) < _MOST_WAITING:
                    self._waiting.append(line)
                else:
                    self._dropped += 1
            self._changed.notify_all()

    def flush(self, patience_s: float) -> bool:
        """Wait until everything is written, but no longer than so many seconds; whether it is."""
        end = time.monotonic() + patience_s
        with self._changed:
            while (self._waiting or self._writing) and not self._dead:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return not self._dead

    def _run(self) -> None:
        while True:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
                while not self._waiting:
                    self._changed.wait()
                lines, dropped = list(self._waiting), self._dropped
                self._waiting.clear()
                self._dropped, self._writing = 0, True
            if dropped:
                lines.append(f"{dropped} lines are left out here: they were not read fast enough")
            try:
                self._write("".join(f"{line}\n" for line in lines).encode(self._encoding, "replace"))
            except OSError as error:
                with self._changed:
                    self._dead = True
                    self._changed.notify_all()
                # a terminal that is gone says EIO
                gone = isinstance(error, BrokenPipeError) or os.isatty(self._descriptor)
                self._broken("" if gone else error.strerror or str(error))
                return

    def _write(self, data: bytes) -> None:
        while data:
            data = data[self._written(data) :]

    def _written(self, data: bytes) -> int:
        """How many bytes of it were taken."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # somebody who shares the descriptor made it one that does not wait
            select.select([], [self._descriptor], [])
            return 0
