"""Holds the terminal from the first frame until the console takes it, or gives it back as it was."""

from __future__ import annotations

import os
import select
import termios

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_LFLAG, _CC = 3, 6
_PATIENCE_S = 1.0
_ENTER = "\x1b[?1049h\x1b[?25l"
# a signal may have come in the middle of a code: CAN ends that
_LEAVE = b"\x18\x1b[0m\x1b[?1049l\x1b[?25h"


class Held:
    """What whoever takes the terminal has to know: its line settings before, its size, and what was drawn on it."""

    __slots__ = ("drawn", "height", "settings", "width")

    def __init__(self, settings: list[Any], drawn: str, width: int, height: int) -> None:
        self.settings, self.drawn, self.width, self.height = settings, drawn, width, height


class EarlyTerminal:
    """Textual writes to stderr, and so does this; there is a frame only where all three streams are one terminal.

    ``key`` is what the next start is recognized by; empty when it would show no frame either.
    """

    def __init__(self) -> None:
        self.key = ""
        self._held: Held | None = None
        self._owner = os.getpid()

    def enter(self, picture: str, width: int, height: int) -> None:
        """Show the picture. Keys that are typed from now on are neither lost nor seen. Raises OSError."""
        before = termios.tcgetattr(_STDIN)
        # from here on a signal finds something to restore
        self._held = Held(before, picture, width, height)
        settings = termios.tcgetattr(_STDIN)
        settings[_LFLAG] &= ~(termios.ECHO | termios.ICANON)
        # ctrl+c ends the start; what stops a process or dumps it would leave the picture behind, and waits as a key
        for key in (termios.VSUSP, termios.VQUIT):
            settings[_CC][key] = b"\0"
        termios.tcsetattr(_STDIN, termios.TCSANOW, settings)
        left = memoryview((_ENTER + picture).encode())
        while left:
            left = left[os.write(_STDERR, left) :]

    def take_over(self) -> Held | None:
        """From now on the terminal is the caller's to restore; None when there is nothing on it."""
        held, self._held = self._held, None
        return held

    def leave(self) -> None:
        """Give the terminal back as it was, if it is still held; as often as you like, also in a signal's handler."""
        if os.getpid() != self._owner:
            return  # a child that was forked holds nothing
        held, self._held = self._held, None
        if held is None:
            return
        try:
            # who does not read what we write does not get to hold us up either
            if select.select((), (_STDERR,), (), _PATIENCE_S)[1]:
                os.write(_STDERR, _LEAVE)
            termios.tcsetattr(_STDIN, termios.TCSANOW, held.settings)
        except (OSError, ValueError, termios.error):
            pass  # there is no terminal any more


def fits(environ: os._Environ[str]) -> tuple[int, int] | None:
    """The terminal's columns and rows, when a first frame can be drawn there; else None."""
    if environ.get("TERM", "") in ("", "dumb") or "COLUMNS" in environ or "LINES" in environ:
        return None
    try:
        if not all(os.isatty(fd) for fd in (_STDIN, _STDOUT, _STDERR)):
            return None
        if len({os.fstat(fd).st_rdev for fd in (_STDIN, _STDOUT, _STDERR)}) > 1:
            return None
        # in the background, whoever changes a terminal is stopped
        if os.tcgetpgrp(_STDIN) != os.getpgrp():
            return None
        width, height = os.get_terminal_size(_STDERR)
    except OSError:
        return None
    return (width, height) if width >= 20 and height >= 5 and width <= 1000 and height <= 400 else None
