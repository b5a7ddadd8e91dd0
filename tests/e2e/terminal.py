"""A terminal for tests: runs a program in a pseudo-terminal of its own, and knows what the program left switched on."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyte

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30.0
# private modes that a full-screen program switches on, as they are before it starts
_AT_REST = {1049: False, 1000: False, 1002: False, 1003: False, 1006: False, 1015: False, 1016: False}
_AT_REST |= {2004: False, 1004: False, 2048: False, 2026: False, 25: True, 7: True}
_MODE = re.compile(r"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(r"\x1b\[([<>])\d*u")
# what pyte does not know and would print
_FOREIGN = re.compile(r"\x1b\[[<>=?][\d;]*\$?[a-zA-Z](?<![hl])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?$")


class Terminal:
    """A context manager: the program is ended, and the pseudo-terminal closed, when it is left."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str],
        cwd: str | os.PathLike[str],
        controlling: bool = True,
    ) -> None:
        """``controlling`` false: closing the terminal sends no SIGHUP."""
        self.columns, self.rows = size
        self._master, self._slave = pty.openpty()
        self._resize()
        self.settings_before = termios.tcgetattr(self._slave)
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tail = ""
        self._answers: dict[str, str] = {}
        self.output = ""
        self.modes = dict(_AT_REST)
        self.kitty_depth = 0
        self.process = subprocess.Popen(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            # what is between fork and exec is async-signal-safe, and this process has no threads
            preexec_fn=_take_terminal if controlling else None,  # noqa: PLW1509
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()

    def _resize(self) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    # what a person does

    def type(self, keys: str) -> None:
        """Press keys; control characters and escape sequences as a terminal sends them."""
        os.write(self._master, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window's corner."""
        self.columns, self.rows = columns, rows
        self._screen.resize(rows, columns)
        self._resize()

    def spoil(self) -> None:
        """Something else writes onto the screen."""
        self._stream.feed("\x1b[5;5Hbroadcast message" + "\x1b[12;1H\x1b[K")

    def answer(self, question: str, answer: str) -> None:
        """From now on, whenever the program asks this."""
        self._answers[question] = answer

    def unread(self) -> bytes:
        """What was typed or answered and read by nobody: it would end in the shell."""
        flags = fcntl.fcntl(self._slave, fcntl.F_GETFL)
        settings = termios.tcgetattr(self._slave)
        settings[3] &= ~(termios.ICANON | termios.ECHO)
        try:
            termios.tcsetattr(self._slave, termios.TCSANOW, settings)
            fcntl.fcntl(self._slave, fcntl.F_SETFL, flags | os.O_NONBLOCK)
            return os.read(self._slave, 4096)
        except BlockingIOError:
            return b""
        finally:
            fcntl.fcntl(self._slave, fcntl.F_SETFL, flags)

    def hang_up(self) -> None:
        """Close the window: nobody holds the other end of the terminal any more."""
        for fd in (self._slave, self._master):
            with contextlib.suppress(OSError):
                os.close(fd)

    # what a person sees

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def pump(self, seconds: float) -> int:
        """Take what the program writes within this time, or until its end; how many bytes came."""
        until = time.monotonic() + seconds
        taken = 0
        while (left := until - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                break
            try:
                data = os.read(self._master, 65536)
            except OSError:
                break
            taken += len(data)
            self._feed(self._decode(data))
        return taken

    def _feed(self, text: str) -> None:
        self.output += text
        for question, answer in self._answers.items():
            self.type(answer * text.count(question))
        text = self._tail + text
        cut = _UNFINISHED.search(text)
        self._tail, text = (text[cut.start() :], text[: cut.start()]) if cut else ("", text)
        for match in _MODE.finditer(text):
            for mode in map(int, match[1].split(";")):
                if mode in self.modes:
                    self.modes[mode] = match[2] == "h"
        for match in _KITTY.finditer(text):
            self.kitty_depth = max(0, self.kitty_depth + (1 if match[1] == ">" else -1))
        self._stream.feed(_FOREIGN.sub("", text))

    def wait_for(self, what: str | Callable[[Terminal], Any], deadline_s: float = DEADLINE_S) -> None:
        """Until a text stands on the screen, or a condition holds. Fails with the screen after the deadline."""
        until = time.monotonic() + deadline_s
        while not (what in self.text if isinstance(what, str) else what(self)):
            if time.monotonic() > until:
                raise AssertionError(f"waited {deadline_s:g} s for {what!r}; on the screen:\n{self.text}")
            self.pump(0.05)

    def settle(self, quiet_s: float = 0.2) -> None:
        """Until the program has written nothing for that long."""
        while self.pump(quiet_s):
            pass

    def wait_for_exit(self, deadline_s: float = DEADLINE_S) -> int:
        """The exit code; whatever was written until then is taken."""
        self.wait_for(lambda terminal: terminal.process.poll() is not None, deadline_s)
        while self.pump(0.05):
            pass
        code: int = self.process.returncode
        return code

    def said_after_leaving(self) -> list[str]:
        """The lines of text since the alternate screen was left."""
        return _SEQUENCE.sub("", self.output.rsplit("\x1b[?1049l", 1)[-1]).splitlines()

    def left_behind(self) -> list[str]:
        """What is not as it was before the program started; empty is good."""
        wrong = [f"mode {mode} is {'on' if on else 'off'}" for mode, on in self.modes.items() if on != _AT_REST[mode]]
        if self._screen.cursor.attrs != self._screen.default_char:
            wrong.append("what is written next has a look of its own")
        if self.kitty_depth:
            wrong.append("kitty keys are on")
        if termios.tcgetattr(self._slave) != self.settings_before:
            wrong.append("the line settings differ")
        return wrong


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a fresh user has: nothing from the environment of the tests, all files below ``home``."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        **more,
    }


def console(
    home: Path,
    *arguments: str,
    size: tuple[int, int] = (120, 40),
    env: Mapping[str, str] | None = None,
    controlling: bool = True,
) -> Terminal:
    """The console of this checkout in a terminal."""
    command = [sys.executable, "-m", "perftui", *arguments]
    return Terminal(command, size=size, env={**environment(home), **(env or {})}, cwd=home, controlling=controlling)


def _take_terminal() -> None:
    """In the child: the pseudo-terminal becomes its controlling terminal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
