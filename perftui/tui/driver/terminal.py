"""Textual's driver, which leaves when the terminal is gone and asks for less mouse traffic."""

from __future__ import annotations

import contextlib
import os
import re
import select
import selectors
import signal
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from textual import constants
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from perftui.tui.driver.modes import RESTORE
from perftui.view.glyphs import to_ascii

_GRACE_S = 1.0
_FORCE_S = 1.0
_ENTER = "\x1b[?1049h"
HANGUP_EXIT = 129
# how often the parser is asked whether an escape was a key of its own, and for how long after the last byte
_LOOK_S, _LOOK_FOR_S = 0.1, constants.ESCAPE_DELAY + 0.3
# where the cursor is, told after each frame: no key, and nothing more to come
_ANSWERS = re.compile(rb"(?:\x1b\[\d+;\d+R)+")


class _Bell(threading.Event):
    """An event that wakes a selector that waits for ``reader``."""

    def __init__(self) -> None:
        super().__init__()
        self.reader, self._writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self._writer, False)

    def set(self) -> None:
        super().set()
        with contextlib.suppress(BlockingIOError):  # full: it rings already
            os.write(self._writer, b"!")

    def clear(self) -> None:
        super().clear()
        with contextlib.suppress(BlockingIOError):
            os.read(self.reader, 4096)


class EarlyScreen(Protocol):
    """What was drawn before there was a driver, on the alternate screen, and the line settings from before that."""

    settings: list[Any]
    drawn: str
    width: int
    height: int


class _QuietFile:
    """The terminal's file; a write that fails means that the terminal is gone, and must not raise in the writer."""

    def __init__(self, file: Any, gone: threading.Event) -> None:
        self._file, self._gone = file, gone
        self.busy = False
        self.shut = False

    def write(self, text: str) -> None:
        self._do(lambda: self._file.write(text))

    def flush(self) -> None:
        self._do(self._file.flush)

    def send(self, data: bytes) -> None:
        """All of it, without a buffer in between."""

        def act() -> None:
            left = memoryview(data)
            while left and not self.shut:
                left = left[os.write(self.fileno(), left) :]

        self._do(act)

    def _do(self, act: Callable[[], Any]) -> None:
        if self.shut:
            return
        self.busy = True
        try:
            act()
        except (OSError, ValueError):
            self._gone.set()
        finally:
            self.busy = False

    def fileno(self) -> int:
        return int(self._file.fileno())

    def isatty(self) -> bool:
        return bool(self._file.isatty())


class TerminalDriver(LinuxDriver):
    """Stock output; input ends the program on end of file or an I/O error instead of turning in a circle.

    ``take_over`` belongs to a class that ``choice`` makes: its object is made by Textual.
    """

    take_over: Callable[[], EarlyScreen | None] = staticmethod(lambda: None)
    _entered = False

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._gone = _Bell()
        self.exit_event = self._told_to_stop = _Bell()
        self._quiet = _QuietFile(self._file, self._gone)
        self._file = self._quiet  # type: ignore[assignment]  # the part of TextIO that is used

    def start_application_mode(self) -> None:
        """The alternate screen may be there already: entering it again would clear it, or forget the shell's cursor."""
        early = self.take_over()
        self._entered = early is not None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if early is not None:
            # Textual found those that were changed for the picture
            self.attrs_before = early.settings
            self.shows(early)

    def shows(self, early: EarlyScreen) -> None:
        """What stands on the screen already; here nothing is known about that anyway."""

    def write(self, data: str) -> None:
        if self._entered and data == _ENTER:
            self._entered = False
            return
        self.send(data)

    def send(self, data: str) -> None:
        super().write(data)

    def _enable_mouse_support(self) -> None:
        """Clicks and drags only: reports of every motion (1003) cost a slow link more than the screen does."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000l\x1b[?1002l\x1b[?1006l")
            self.flush()

    def redraw(self) -> None:
        """What the terminal shows may be anything; here nothing is known about that anyway."""

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until there is nobody who could press them."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        look_until = 0.0
        with selectors.DefaultSelector() as selector:
            for fd in (self.fileno, self._gone.reader, self._told_to_stop.reader):
                selector.register(fd, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(_LOOK_S if time.monotonic() < look_until else None)
                if self._gone.is_set():
                    self._leave()
                    return
                if any(key.fd == self.fileno for key, _ in ready):
                    data = self._read()
                    if _ANSWERS.fullmatch(data) is None:
                        look_until = time.monotonic() + _LOOK_FOR_S
                    if not data:
                        self._leave()
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _leave(self) -> None:
        """Ask the app to end; when it can't, for instance because its output is stuck, end without it."""
        self._gone.set()
        fallback = threading.Timer(_GRACE_S, os._exit, (HANGUP_EXIT,))
        fallback.daemon = True
        fallback.start()
        self._app.call_later(self._app.exit, HANGUP_EXIT, HANGUP_EXIT)

    def abandon(self, code: int) -> NoReturn:
        """Restore the terminal without the rest of the program, whatever that is stuck in, and end the process."""
        # in the background, putting settings back would stop the process
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        self._force()
        os._exit(code)

    def _force(self) -> None:
        """Put the terminal right, without what it did not take until now."""
        self._quiet.shut = True
        try:
            if self.attrs_before is not None:
                self._restore(self._quiet.fileno())
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        except (OSError, termios.error):
            pass  # there is no terminal any more

    def _restore(self, fd: int) -> None:
        """Throw away what nobody reads, until the writer is free and there is room for the last words."""
        until = time.monotonic() + _FORCE_S
        _discard(fd)
        while self._quiet.busy and time.monotonic() < until:
            time.sleep(0.002)
            _discard(fd)
        if select.select((), (fd,), (), 0)[1]:
            os.write(fd, RESTORE)


class AsciiDriver(TerminalDriver):
    """For terminals that show ASCII only: Textual's widgets and names from outside know nothing of our glyphs."""

    def send(self, data: str) -> None:
        super().send(to_ascii(data))


def _discard(fd: int) -> None:
    """Drop output that was not read; stopping and starting it is what wakes a writer that waits for room."""
    termios.tcflush(fd, termios.TCOFLUSH)
    termios.tcflow(fd, termios.TCOOFF)
    termios.tcflow(fd, termios.TCOON)
