"""The child's end of the line to the conductor: messages both ways, and death when the conductor is gone.

Two ways, because none is enough: the line ends on every system but says so only to who reads it, so a thread reads all
the time; and on Linux the kernel kills the child of a dead parent, even one that hangs.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]
_PR_SET_PDEATHSIG = 1


class Lifeline:
    """``inbox`` gets what the conductor says."""

    def __init__(self, number: int, parent: int) -> None:
        self.inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._socket = socket.socket(fileno=number)
        # ctrl+c in a terminal is for the conductor, which ends its children
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _die_with_parent()
        threading.Thread(target=self._read, name="lifeline", daemon=True).start()
        if os.getppid() != parent:
            os._exit(0)

    def say(self, message: Message) -> None:
        """Tell the conductor; whoever has nobody to tell it to ends."""
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            os._exit(0)

    def _read(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    self.inbox.put(json.loads(line))
        except (OSError, ValueError):
            os._exit(1)
        os._exit(0)


def take(arguments: Sequence[str]) -> Lifeline:
    """The line of a child that was started with ``FD PARENT``."""
    return Lifeline(int(arguments[0]), int(arguments[1]))


def _die_with_parent() -> None:
    if sys.platform != "linux":
        return
    try:
        import ctypes  # 10 ms, and some systems are built without it
    except ImportError:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
