"""The host source on Linux: every gauge of the machine, straight from /proc and /sys in about half a millisecond."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import parse_series
from perftui.sources.host.catalogue import SERIES
from perftui.sources.host.cgroup import CgroupReader
from perftui.sources.host.cpu import CpuReader, PressureReader
from perftui.sources.host.disk import DiskReader, filesystems
from perftui.sources.host.memory import MemoryReader
from perftui.sources.host.network import NetworkReader
from perftui.sources.host.rates import Rates

_FILESYSTEMS_EVERY_S = 10.0


class HostSource:
    """``wall`` stamps batches (epoch seconds), ``monotonic`` measures how much time passed between two polls."""

    name = "host"
    kind = "host"
    wanted = True

    def __init__(
        self,
        interval_s: float,
        deadline_s: float,
        *,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        proc: Path = Path("/proc"),
        sys: Path = Path("/sys"),
    ) -> None:
        self.interval_s, self.deadline_s = interval_s, deadline_s
        self._wall, self._monotonic, self._proc = wall, monotonic, proc
        self._rates = Rates()
        self._cpu, self._pressure = CpuReader(proc), PressureReader(proc)
        self._memory, self._disk, self._network = MemoryReader(proc), DiskReader(proc), NetworkReader(proc)
        self._cgroup = CgroupReader(proc, sys)
        self._filesystems_at: float | None = None
        self._filesystems_task: asyncio.Task[dict[str, float]] | None = None
        self._catalogue: dict[str, SeriesInfo] = {}
        self._catalogue_tuple: tuple[SeriesInfo, ...] = ()
        self.notes: tuple[str, ...] = ()

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue_tuple

    async def poll(self) -> Batch:
        at, started = self._wall(), self._monotonic()
        values: dict[str, float] = {}
        self._cpu.read(values, self._rates, started)
        note = self._pressure.read(values)
        self._memory.read(values, self._rates, started)
        self._disk.read(values, self._rates, started)
        self._network.read(values, self._rates, started)
        self._cgroup.read(values, self._rates, started)
        self._rates.turn()
        hung = self._read_filesystems(values, started)
        self.notes = tuple(text for text in (note, hung) if text)
        self._describe(values)
        return Batch(self.name, at, self._monotonic() - started, values)

    def _read_filesystems(self, values: dict[str, float], now: float) -> str:
        """Every 10 s in a thread, as a sick disk blocks; what is known is not repeated in between.

        Empty, or a note that says why there are no figures.
        """
        task = self._filesystems_task
        if task is not None and task.done():
            self._filesystems_task = None
            if not task.cancelled() and task.exception() is None:
                values.update(task.result())
        due = self._filesystems_at is None or now - self._filesystems_at >= _FILESYSTEMS_EVERY_S
        if due and self._filesystems_task is not None:
            return "no new file system figures: a disk does not answer"
        if due:
            self._filesystems_at = now
            self._filesystems_task = asyncio.ensure_future(asyncio.to_thread(filesystems, self._proc))
        return ""

    def _describe(self, values: dict[str, float]) -> None:
        """Learn the series that are new; the tuple stays the same object while there are none."""
        new = [series for series in values if series not in self._catalogue]
        for series in new:
            name = parse_series(series).name
            unit, text = SERIES[name]
            every = _FILESYSTEMS_EVERY_S if name.startswith("filesystem_") else self.interval_s
            self._catalogue[series] = SeriesInfo(series, unit, every, text)
        if new:
            self._catalogue_tuple = tuple(self._catalogue.values())

    async def close(self) -> None:
        for reader in (self._cpu, self._pressure, self._memory, self._disk, self._network, self._cgroup):
            reader.close()
        if self._filesystems_task is not None:
            self._filesystems_task.cancel()
