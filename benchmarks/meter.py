"""Runs a terminal program in a pseudo-terminal and measures it: bytes to the terminal, CPU and memory of each process.

Linux only: CPU is the scheduler's own account (/proc/PID/task/*/schedstat), memory the proportional set size.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

# what a program may ask its terminal: device attributes, cursor position, whether a mode is known (none is)
_QUESTIONS: tuple[tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]], ...] = (
    (re.compile(rb"\x1b\[0?c"), lambda _: b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), lambda _: b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?(\d+)\$p"), lambda asked: b"\x1b[?" + asked[1] + b";0$y"),
)


class Reading(NamedTuple):
    """Over one window: CPU in percent of a core and memory in MB by process (the program first), bytes a second."""

    cpu_percent: tuple[float, ...]
    pss_mb: tuple[float, ...]
    bytes_per_s: float


class Terminal:
    """A program in a pseudo-terminal of ``columns`` x ``rows``; use it as a context manager."""

    def __init__(self, command: Sequence[str], columns: int = 120, rows: int = 40, cwd: Path | None = None) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        # what is measured is the program that stands beside this file
        environ["PYTHONPATH"] = str(Path(__file__).parents[1])
        environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            if cwd is not None:
                os.chdir(cwd)
            os.execvpe(command[0], list(command), environ)  # noqa: S606 (the command is ours to choose)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.bytes = 0
        self._running = True
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while self._running:
            if not select.select([self._fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.bytes += len(data)
            for question, answer in _QUESTIONS:
                for match in question.finditer(data):
                    os.write(self._fd, answer(match))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running = False
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)
        self._reader.join()
        os.close(self._fd)

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def measure(self, seconds: float) -> Reading:
        """What the program and its children use in the next ``seconds``."""
        pids = [self.pid, *children(self.pid)]
        cpu, sent, began = [cpu_s(pid) for pid in pids], self.bytes, time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        used = tuple((cpu_s(pid) - before) / took * 100 for pid, before in zip(pids, cpu, strict=True))
        return Reading(used, tuple(pss_mb(pid) for pid in pids), (self.bytes - sent) / took)


def children(pid: int) -> list[int]:
    """Processes whose parent it is, and theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found += [int(child), *children(int(child))]
    return found


def cpu_s(pid: int) -> float:
    """Seconds on a CPU of all threads of a process."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text("ascii").split()[0]) for task in tasks) / 1e9


def pss_mb(pid: int) -> float:
    """Memory of a process, pages that it shares counted in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0
