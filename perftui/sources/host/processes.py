"""The processes of this machine: read only while somebody looks at the table or follows one of them.

Reading happens in a thread: 10 000 processes take longer than a tick, and must not hold up the other sources.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import pwd
from collections.abc import Callable
from pathlib import Path

from perftui.domain.processes import ProcessRow
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import series_id
from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.sources.host.process_files import Stat, count_files, owner, parse_stat, read, read_io

_FOLLOWED = {
    "process_cpu_cores": (Unit.CORES, "CPU used by the followed process."),
    "process_memory_bytes": (Unit.BYTES, "Resident memory of the followed process."),
    "process_threads": (Unit.COUNT, "Threads of the followed process."),
    "process_open_files": (Unit.COUNT, "Open file descriptors of the followed process."),
    "process_read_bytes_per_second": (Unit.BYTES_PER_SECOND, "Bytes the followed process read from disks."),
    "process_write_bytes_per_second": (Unit.BYTES_PER_SECOND, "Bytes the followed process wrote to disks."),
}
COMMAND_LIMIT = 400
_FIRST_RATES_S = 1.0

# when a process was measured, its CPU ticks, and its bytes read and written if known
Seen = tuple[float, int, tuple[int, int] | None]


class ProcessSource:
    """``interval_s`` between tables; ``followed_interval_s`` while one process is followed."""

    name = "processes"
    kind = "host"

    def __init__(
        self,
        interval_s: float,
        followed_interval_s: float,
        deadline_s: float,
        *,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        proc: Path = Path("/proc"),
    ) -> None:
        self.deadline_s = deadline_s
        self._interval_s, self._followed_interval_s = interval_s, followed_interval_s
        self._wall, self._monotonic, self._proc = wall, monotonic, str(proc)
        self._ticks_per_s = float(os.sysconf("SC_CLK_TCK"))
        self._boot_at: float | None = None
        self._before: dict[str, Seen] = {}
        self._known: dict[str, tuple[str, str]] = {}
        self._users: dict[int, str] = {}
        self._table_at: float | None = None
        self._has_rates = False
        self._followed: int | None = None
        self._followed_key: tuple[int, str] | None = None
        self._catalogue: tuple[SeriesInfo, ...] = ()
        self._described: tuple[str, str] | None = None
        self.watched = False
        self.notes: tuple[str, ...] = ()

    @property
    def interval_s(self) -> float:
        """Rates need a second table: it comes after a second, whatever the interval is."""
        table = self._interval_s if self._has_rates else min(self._interval_s, _FIRST_RATES_S)
        return table if self._followed is None else min(table, self._followed_interval_s)

    @property
    def wanted(self) -> bool:
        return self.watched or self._followed is not None

    @property
    def followed(self) -> int | None:
        return self._followed

    def follow(self, pid: int | None) -> None:
        """Measure this process in detail from the next poll on; None ends it."""
        self._followed, self._followed_key = pid, None
        self.notes = ()

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue

    async def poll(self) -> Batch:
        return await asyncio.to_thread(self._poll)

    def _poll(self) -> Batch:
        at, now = self._wall(), self._monotonic()
        pid = self._followed
        due = self._table_at is None or not self._has_rates or now - self._table_at >= self._interval_s * 0.9
        tables: dict[str, tuple[ProcessRow, ...]] = {}
        if self.watched and due:
            self._has_rates = self._table_at is not None and now - self._table_at < 2 * self._interval_s
            self._table_at = now
            rows = self._rows(self._pids(), now)
            tables["processes"] = tuple(rows)
        else:
            rows = self._rows([pid], now, keep=True) if pid is not None else []
        values = {} if pid is None else self._detail(next((row for row in rows if row.pid == pid), None), pid)
        return Batch(self.name, at, self._monotonic() - now, values, tables)

    def _pids(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208 (hot)
        except OSError:
            return []

    def _rows(self, pids: list[int], now: float, *, keep: bool = False) -> list[ProcessRow]:
        """Rows of the processes that still exist; ``keep`` leaves what is known of the others."""
        seen: dict[str, Seen] = {}
        rows = [row for pid in pids if (row := self._row(pid, now, seen)) is not None]
        if keep:
            self._before.update(seen)
        else:
            self._before = seen
            self._known = {key: value for key, value in self._known.items() if key in seen}
        return rows

    def _row(self, pid: int, now: float, seen: dict[str, Seen]) -> ProcessRow | None:
        folder = f"{self._proc}/{pid}"
        text = read(f"{folder}/stat")
        if text is None:
            return None
        try:
            stat = parse_stat(text)
        except ValueError:
            return None
        key = f"{pid}:{stat.started}"
        io = read_io(folder)
        cpu, reads, writes = self._rates(key, stat.ticks, io, now)
        seen[key] = (now, stat.ticks, io)
        user, command = self._known.get(key) or self._identity(key, folder, stat)
        return ProcessRow(
            key, pid, stat.ppid, clean(stat.name, 64), user, stat.state, cpu, float(stat.rss_pages * mmap.PAGESIZE),
            stat.threads, count_files(folder), reads, writes, self._started_at(stat), command,
        )  # fmt: skip

    def _rates(
        self, key: str, ticks: int, io: tuple[int, int] | None, now: float
    ) -> tuple[float | None, float | None, float | None]:
        before = self._before.get(key)
        if before is None or now <= before[0]:
            return None, None, None
        passed = now - before[0]
        cpu = max(0, ticks - before[1]) / self._ticks_per_s / passed
        if io is None or before[2] is None:
            return cpu, None, None
        return cpu, max(0, io[0] - before[2][0]) / passed, max(0, io[1] - before[2][1]) / passed

    def _identity(self, key: str, folder: str, stat: Stat) -> tuple[str, str]:
        """User and command line, which hardly ever change: read once for each process."""
        uid = owner(folder)
        raw = read(f"{folder}/cmdline") or b""
        command = raw.replace(b"\0", b" ").decode("utf-8", "replace").strip() or f"[{stat.name}]"
        identity = (self._user(uid), clean(command, COMMAND_LIMIT))
        self._known[key] = identity
        return identity

    def _user(self, uid: int | None) -> str:
        if uid is None:
            return ""
        if uid not in self._users:
            try:
                self._users[uid] = clean(pwd.getpwuid(uid).pw_name, 32)
            except KeyError:
                self._users[uid] = str(uid)
        return self._users[uid]

    def _started_at(self, stat: Stat) -> float:
        if self._boot_at is None:
            text = read(f"{self._proc}/stat", limit=1 << 24) or b""  # long before btime where there are many cores
            boot = next((line for line in text.splitlines() if line.startswith(b"btime ")), b"btime 0")
            self._boot_at = float(boot.split()[1])
        return self._boot_at + stat.started / self._ticks_per_s

    def _detail(self, row: ProcessRow | None, pid: int) -> dict[str, float]:
        if row is not None and (self._followed_key is None or self._followed_key[0] != pid):
            self._followed_key = (pid, row.key)
        if row is None or self._followed_key != (pid, row.key):  # gone, or its number belongs to another one now
            if pid == self._followed:  # this thread may be late: somebody chose another one meanwhile
                self.notes = (f"process {pid} has ended",)
            return {}
        labels = {"pid": str(row.pid), "name": row.name}
        figures = (row.cpu_ratio, row.rss_bytes, row.threads, row.fds, row.read_bytes_per_s, row.write_bytes_per_s)
        if self._described != (row.key, row.name):  # a process may take another name
            self._described = (row.key, row.name)
            self._catalogue = tuple(
                SeriesInfo(series_id(self.name, name, labels), unit, self._followed_interval_s, text)
                for name, (unit, text) in _FOLLOWED.items()
            )
        return {
            series_id(self.name, name, labels): float(value)
            for name, value in zip(_FOLLOWED, figures, strict=True)
            if value is not None
        }

    async def close(self) -> None:
        """Nothing stays open between polls."""
