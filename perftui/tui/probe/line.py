"""The terminal itself, without a console in between: asked questions, never waited for without an end, put right again.

It is opened anew, by the name that every process has for its own terminal: so it may be switched to not blocking
without the shell noticing, and stdout may go into a file.
"""

from __future__ import annotations

import os
import re
import select
import signal
import termios
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple

from perftui.tui.driver.modes import RESTORE
from perftui.tui.driver.pacing import ASK

_CURSOR = re.compile(rb"\x1b\[(\d{1,5});(\d{1,5})R")
_ENTER = b"\x1b[?1049h\x1b[2J\x1b[H"
_LAST_WORDS_S = 1.0
_LATEST_S = 12.0
_HELD_BACK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# more than this stands before no answer that anybody asked for
_MOST_UNREAD = 65536


class GoneError(Exception):
    """There is no terminal any more."""


class Answer(NamedTuple):
    """``before``: what came ahead of the cursor's place; ``column`` from 1; ``seconds`` since the question was sent."""

    before: bytes
    column: int
    seconds: float


class TerminalLine:
    """A context manager: raw and on the alternate screen within it, as it was before after it, whatever happens.

    ctrl+c stays a signal. Raises OSError when there is no terminal.
    """

    def __init__(self, monotonic: Callable[[], float], path: str = "/dev/tty") -> None:
        self._monotonic = monotonic
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._unread = b""
        self._owed = 0
        self._slowest_s = 0.3

    def __enter__(self) -> TerminalLine:
        self._before = termios.tcgetattr(self.fd)
        termios.tcsetattr(self.fd, termios.TCSANOW, _raw(self._before))
        try:
            self.send(_ENTER, 1.0)
        except BaseException:
            self._put_right()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._put_right()

    def _put_right(self) -> None:
        # a signal that comes now takes effect afterwards
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
        try:
            self.settle()
            # what it did not take by now would only hold up the last words
            termios.tcflush(self.fd, termios.TCOFLUSH)
            self.send(RESTORE, _LAST_WORDS_S)
            termios.tcflush(self.fd, termios.TCIFLUSH)
            termios.tcsetattr(self.fd, termios.TCSANOW, self._before)
        except (OSError, termios.error, GoneError):
            pass  # nobody is left to see it
        finally:
            os.close(self.fd)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows. Raises GoneError."""
        try:
            return os.get_terminal_size(self.fd)
        except OSError as error:
            raise GoneError from error

    def send(self, data: bytes, within_s: float) -> int:
        """As much of it as the terminal takes in that time; how much that was. Raises GoneError."""
        until = self._monotonic() + within_s
        left = memoryview(data)
        while left and (wait := until - self._monotonic()) > 0:
            if select.select((), (self.fd,), (), wait)[1]:
                left = left[self.write(left) :]
        return len(data) - len(left)

    def write(self, data: bytes | memoryview) -> int:
        """As much as there is room for now. Raises GoneError."""
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise GoneError from error

    def read(self) -> bytes:
        """What is there now. Raises GoneError."""
        try:
            data = os.read(self.fd, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise GoneError from error
        if not data:
            raise GoneError
        return data

    def ask(self, words: Sequence[bytes], within_s: float) -> list[Answer]:
        """Send each with a question for the cursor behind it; the answers that came in time, in order.

        Raises GoneError.
        """
        began = self._monotonic()
        until = began + within_s
        self._take(0.0)
        data = b"".join(word + ASK.encode() for word in words)
        sent = self.send(data, within_s)
        if sent < len(data):
            # cut off: how many questions arrived is not known, so none of the answers could be told apart
            self._owed += data[:sent].count(ASK.encode())
            return []
        answers: list[Answer] = []
        while len(answers) < len(words) and (wait := until - self._monotonic()) > 0:
            self._take(wait)
            answers += self._answers(began)
        self._owed += len(words) - len(answers)
        if answers:
            self._slowest_s = max(self._slowest_s, answers[-1].seconds)
        return answers

    def owe(self, questions: int, slowest_s: float) -> None:
        """Somebody else asked, and had no answer yet; those that came took so long at most."""
        self._owed += max(0, questions)
        self._slowest_s = max(self._slowest_s, slowest_s)

    def _take(self, wait_s: float) -> None:
        """Read what comes within that time."""
        if select.select((self.fd,), (), (), wait_s)[0]:
            self._unread = (self._unread + self.read())[-_MOST_UNREAD:]

    def _answers(self, began: float) -> list[Answer]:
        """Those that are whole; late ones to earlier questions are dropped."""
        answers, taken, now = [], 0, self._monotonic()
        for match in _CURSOR.finditer(self._unread):
            if self._owed:
                self._owed -= 1
            else:
                answers.append(Answer(self._unread[taken : match.start()], int(match[2]), now - began))
            taken = match.end()
        self._unread = self._unread[taken:]
        return answers

    def settle(self) -> None:
        """Wait for answers that are on their way, as they would end in the shell; not for ever."""
        until = self._monotonic() + min(_LATEST_S, 3 * self._slowest_s)
        while self._owed and (wait := until - self._monotonic()) > 0:
            self._take(wait)
            self._answers(self._monotonic())


def _raw(settings: list[Any]) -> list[Any]:
    """No echo, no lines, nothing translated in either direction; signals stay."""
    iflag, oflag, cflag, lflag, *more = settings
    iflag &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON)
    return [iflag, oflag & ~termios.OPOST, cflag, lflag & ~(termios.ICANON | termios.ECHO | termios.IEXTEN), *more]
