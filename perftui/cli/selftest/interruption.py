"""Signals that end the self test: one of them becomes an exception, so that everything is put right on the way out."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class InterruptedBySignal(BaseException):
    """``number`` is the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Interruptions:
    """A context manager. The first signal counts; what comes while things are put right would only stop that.

    Signals that whoever started us ignores stay ignored. Stopping (SIGTSTP) would leave a terminal that nobody can use.
    """

    def __enter__(self) -> Interruptions:
        self._before: dict[int, Any] = {signal.SIGTSTP: signal.signal(signal.SIGTSTP, signal.SIG_IGN)}
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _came(self, number: int, _: FrameType | None) -> None:
        for other in _ENDING:
            signal.signal(other, signal.SIG_IGN)
        raise InterruptedBySignal(number)
