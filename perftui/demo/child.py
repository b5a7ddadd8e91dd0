"""The conductor's end of the line to a child: a process of its own, messages both ways, and how it ended in words."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]
_LONGEST_LINE = 65_536


class Child:
    """A running ``python -m perftui.demo.ROLE FD PARENT ...``. Its end is seen at once: ``receive`` gives None.

    Must be made by the main thread: the kernel ties a child's life to the thread that started it.
    """

    def __init__(self, role: str, arguments: Sequence[str]) -> None:
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", f"perftui.demo.{role}", str(theirs.fileno()), str(os.getpid()), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                )
        except BaseException:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._begun = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self._socket.fileno()

    def say(self, message: Message) -> None:
        """Tell it something; what a dead child or one that stands still doesn't take is lost, and its end follows."""
        with contextlib.suppress(OSError):
            self._socket.send(json.dumps(message).encode() + b"\n")

    def receive(self) -> list[Message] | None:
        """What it has said since; None when it is gone."""
        try:
            text = self._socket.recv(_LONGEST_LINE)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not text or len(self._begun) > _LONGEST_LINE:
            return None
        *lines, self._begun = (self._begun + text).split(b"\n")
        return [json.loads(line) for line in lines]

    def hang_up(self) -> None:
        """Cut the line, which ends it."""
        self._socket.close()

    def close(self, timeout_s: float = 2.0) -> str:
        """Wait for its end, by force if need be, and tell how it ended."""
        self.hang_up()
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return "stood still"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"killed by {signal.Signals(-code).name}"
            return f"killed by signal {-code}"
        return "ended" if code == 0 else f"failed (exit {code})"
