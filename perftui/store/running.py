"""Which runs are under way on this machine, and in which process: a file each, locked for as long as that one lives.

The lock goes with the process, however it ends, and a process id alone could be another's by now.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from pathlib import Path
from typing import NamedTuple

_ENDING = ".run"


class Mark(NamedTuple):
    """A run that is under way; ``pid`` is a process that ends it when it gets SIGTERM."""

    run_id: str
    pid: int
    started_at: float


class RunMark:
    """This process's own mark of one run."""

    def __init__(self, folder: Path, run_id: str) -> None:
        self._path = folder / f"{run_id}{_ENDING}"
        self._run_id = run_id
        self._fd: int | None = None

    def take(self, started_at: float, pid: int | None = None) -> None:
        """``pid`` is who gets SIGTERM when it shall end, None for this process. Raises OSError.

        It is locked before it has its name, so that nobody finds it without its lock.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        early = self._path.with_suffix(f".{os.getpid()}")
        fd = os.open(early, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            os.write(fd, json.dumps(Mark(self._run_id, pid or os.getpid(), started_at)._asdict()).encode())
            early.rename(self._path)
        except OSError:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """The run is over."""
        if self._fd is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
            os.close(self._fd)
            self._fd = None


def under_way(folder: Path) -> list[Mark]:
    """The oldest first. What a process left behind that is gone is taken away."""
    found = [mark for path in folder.glob(f"*{_ENDING}") if (mark := _mark(path)) is not None]
    return sorted(found, key=lambda mark: mark.started_at)


def _mark(path: Path) -> Mark | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with contextlib.suppress(OSError, ValueError, TypeError):
            mark = Mark(**json.loads(os.read(fd, 4096)))
            return mark if mark.pid > 1 else None
    except OSError:
        return None
    else:
        with contextlib.suppress(OSError):
            path.unlink()
    finally:
        os.close(fd)
    return None
