"""A timer that wakes the loop at a nanosecond of the monotonic clock: a file descriptor that becomes readable.

Loops round their own timers up to a millisecond. Linux has timerfd (``os`` knows it from Python 3.13, the C library
always), macOS an event of kqueue.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Protocol

_CLOEXEC_NONBLOCK = 0o2004000
_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_NS = 1_000_000_000


class Timer(Protocol):
    """``fd`` is to be watched for reading; ``arm`` sets the moment in ns of ``time.perf_counter_ns``."""

    fd: int

    def arm(self, at_ns: int) -> None: ...
    def clear(self) -> None: ...
    def close(self) -> None: ...


class LinuxTimer:
    """timerfd through the C library: the same on every Python."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _CLOEXEC_NONBLOCK)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._spec = (ctypes.c_long * 4)()
        self._reference = ctypes.byref(self._spec)

    def arm(self, at_ns: int) -> None:
        # a moment that is over fires at once; 0 would disarm
        self._spec[2], self._spec[3] = divmod(max(1, at_ns), _NS)
        if self._libc.timerfd_settime(self.fd, _ABSOLUTE, self._reference, None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def clear(self) -> None:
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            return

    def close(self) -> None:
        os.close(self.fd)


class KqueueTimer:
    """A one-shot timer event, read through the descriptor of its own kqueue."""

    _NOTE_NSECONDS = 0x4

    def __init__(self) -> None:
        # only BSD and macOS have these names: on one system mypy misses them, on the other nothing is to be ignored
        import select

        self._select = select
        self._queue = select.kqueue()  # type: ignore[attr-defined, unused-ignore]
        self.fd: int = self._queue.fileno()

    def arm(self, at_ns: int) -> None:
        select = self._select
        event = select.kevent(  # type: ignore[attr-defined, unused-ignore]
            1,
            select.KQ_FILTER_TIMER,  # type: ignore[attr-defined, unused-ignore]
            select.KQ_EV_ADD | select.KQ_EV_ONESHOT,  # type: ignore[attr-defined, unused-ignore]
            self._NOTE_NSECONDS,
            max(1, at_ns - time.perf_counter_ns()),
        )
        self._queue.control([event], 0, 0)

    def clear(self) -> None:
        self._queue.control(None, 1, 0)

    def close(self) -> None:
        self._queue.close()


def timer() -> Timer:
    """The timer of this system. Raises OSError."""
    return LinuxTimer() if sys.platform == "linux" else KqueueTimer()
