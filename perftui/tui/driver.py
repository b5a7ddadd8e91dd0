"""The terminal end: Textual's Linux driver, made to leave when the terminal is gone and to ask for less mouse traffic."""

from __future__ import annotations

import os
import selectors
import threading
from codecs import getincrementaldecoder
from typing import Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

_GRACE_S = 1.0
HANGUP_EXIT = 129


class _QuietFile:
    """The terminal's file; a write that fails means that the terminal is gone, and must not raise in the writer."""

    def __init__(self, file: Any, gone: threading.Event) -> None:
        self._file, self._gone = file, gone

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except (OSError, ValueError):
            self._gone.set()

    def flush(self) -> None:
        try:
            self._file.flush()
        except (OSError, ValueError):
            self._gone.set()

    def fileno(self) -> int:
        return int(self._file.fileno())

    def isatty(self) -> bool:
        return bool(self._file.isatty())


class TerminalDriver(LinuxDriver):
    """Stock output; input ends the program on end of file or an I/O error instead of turning in a circle."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._gone = threading.Event()
        self._file = _QuietFile(self._file, self._gone)  # type: ignore[assignment]  # the part of TextIO that is used

    def _enable_mouse_support(self) -> None:
        """Clicks and drags only: reports of every motion (1003) cost a slow link more than the screen does."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000l\x1b[?1002l\x1b[?1006l")
            self.flush()

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until there is nobody who could press them."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = self._read()
                    if not data:
                        self._leave()
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
                if self._gone.is_set():
                    self._leave()
                    return

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
        self._app.call_later(self._app.exit, None, HANGUP_EXIT)
