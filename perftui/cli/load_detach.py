"""``--detach``: the load goes on in a process of its own, that no terminal can take with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from perftui.domain.errors import Exit, PerftuiError


class Detached:
    """The way back to whoever waits for the load to begin; only in the process that is left."""

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd

    def begun(self) -> None:
        """It is under way: nobody has to wait any more."""
        if self._fd is not None:
            os.write(self._fd, b"+")
            os.close(self._fd)
            self._fd = None


def detach(log: Path) -> Detached | None:
    """Twice the one that called: the new process gets its way back, the old one None, once the load has begun.

    What the new one says goes to ``log``. Raises PerftuiError, in the old one, when the load ended before it began.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    waiting, begun = os.pipe()
    if os.fork():
        os.close(out)
        os.close(begun)
        with os.fdopen(waiting, "rb") as pipe:
            if pipe.read(1):
                return None
        raise PerftuiError(f"the load has ended before it began: {log} says why", Exit.SOURCE_FAILED)
    os.setsid()
    os.close(waiting)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(out)
    return Detached(begun)
