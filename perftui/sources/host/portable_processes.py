"""The process table where there is no /proc: what psutil can tell of macOS and other systems, best effort."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import psutil

from perftui.domain.processes import ProcessRow
from perftui.domain.text import clean
from perftui.sources.host.processes import COMMAND_LIMIT, ProcessSource, Seen

T = TypeVar("T")

_STATES = {
    psutil.STATUS_RUNNING: "R",
    psutil.STATUS_SLEEPING: "S",
    psutil.STATUS_DISK_SLEEP: "D",
    psutil.STATUS_STOPPED: "T",
    psutil.STATUS_ZOMBIE: "Z",
    psutil.STATUS_IDLE: "I",
}


class PortableProcessSource(ProcessSource):
    """The same table and series as on Linux; bytes read and written are unknown on macOS."""

    def _pids(self) -> list[int]:
        return psutil.pids()

    def _row(self, pid: int, now: float, seen: dict[str, Seen]) -> ProcessRow | None:
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                return self._measure(process, now, seen)
        except (psutil.Error, OSError):
            return None  # gone, or not ours to read

    def _measure(self, process: psutil.Process, now: float, seen: dict[str, Seen]) -> ProcessRow:
        started, times = process.create_time(), process.cpu_times()
        key = f"{process.pid}:{started:.2f}"
        ticks = int((times.user + times.system) * self._ticks_per_s)
        cpu, _, _ = self._rates(key, ticks, None, now)
        seen[key] = (now, ticks, None)
        name = process.name()
        if key not in self._known:
            command = " ".join(_or(process.cmdline, [])) or f"[{name}]"
            self._known[key] = (clean(_or(process.username, ""), 32), clean(command, COMMAND_LIMIT))
        user, command = self._known[key]
        return ProcessRow(
            key, process.pid, process.ppid(), clean(name, 64), user, _STATES.get(process.status(), "?"), cpu,
            float(process.memory_info().rss), process.num_threads(), _or(process.num_fds, None), None, None,
            started, command,
        )  # fmt: skip


def _or(read: Callable[[], T], unknown: T) -> T:
    """What is not ours to read is unknown; the rest of the row stays."""
    try:
        return read()
    except psutil.AccessDenied:
        return unknown
