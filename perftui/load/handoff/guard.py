"""Starts a program that does not watch us, and ends it when we are gone: ``python guard.py PROGRAM ARGUMENT...``.

A line on stdin is passed on as an interrupt, the end of stdin is the end of whoever started us, however they ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1


def _watch(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        child.send_signal(signal.SIGINT)
    child.kill()


def _ends_with_us() -> None:
    """On Linux the kernel sees to it, should this process be killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> int:
    """The exit code of the program."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # one thread is all there is until it has begun
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, preexec_fn=_ends_with_us)  # noqa: PLW1509 (no thread yet)
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    # the thread that reads stdin would keep an ordinary end waiting
    os._exit(main() & 0xFF)
