"""Signals that end the console: they ask it to leave, and end it when it can't answer.

The loop alone is not enough: behind a terminal that reads nothing it waits for room in Textual's queue for output, and
never comes to look at signals. Python runs a handler in that state too.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE_S = 2.0


class EndSignals:
    """``leave`` is called in the loop with exit code 128 + n; ``abandon`` after ``grace_s`` when that was in vain."""

    def __init__(self, leave: Callable[[int], None], abandon: Callable[[int], None], grace_s: float = GRACE_S) -> None:
        self._leave, self._abandon, self._grace_s = leave, abandon, grace_s
        self._code = 0

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, while the loop runs."""
        signal.signal(signal.SIGALRM, self._too_late)
        for number in ENDING:
            # the loop's own handler wakes it without a race; ours comes on top of it, and keeps that wake-up
            loop.add_signal_handler(number, self._leave, 128 + number)
            signal.signal(number, self._came)

    def rest(self) -> None:
        """The loop has ended and the terminal is as it was: a signal may end the process at once."""
        for number in ENDING:
            signal.signal(number, _end)

    def settle(self) -> None:
        """Nothing is waited for any more."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _came(self, number: int, _: FrameType | None) -> None:
        self._code = 128 + number
        signal.setitimer(signal.ITIMER_REAL, self._grace_s)

    def _too_late(self, _number: int, _frame: FrameType | None) -> None:
        self._abandon(self._code)


def _end(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)
