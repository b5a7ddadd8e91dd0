"""Processes of the watched host, as table rows and as the one that is followed."""

from __future__ import annotations

import msgspec


class ProcessRow(msgspec.Struct, frozen=True, array_like=True):
    """One process; figures that can't be read (permission, first scan) are None.

    ``key`` is pid and start time, so that a reused pid is another row. Rates cover the time since the scan before.
    ``cpu_ratio`` is in cores: 1.0 is one core fully busy.
    """

    key: str
    pid: int
    ppid: int
    name: str
    user: str
    state: str
    cpu_ratio: float | None
    rss_bytes: float
    threads: int
    fds: int | None
    read_bytes_per_s: float | None
    write_bytes_per_s: float | None
    started_at: float
    command: str
