"""What this machine, or one process of it, did while a load ran: CPU, memory, disk and network, once a second."""

from __future__ import annotations

import asyncio
import contextlib
import math
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import psutil

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean

_EVERY_S = 1.0


class _Now(NamedTuple):
    at: float
    disk: float | None
    network: float | None


class Resources:
    """``watch`` runs until it is cancelled; ``figures`` gives what was seen until then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, process: psutil.Process | None = None) -> None:
        self._clock, self._process = clock, process
        self._started = clock()
        self._seen: dict[str, list[float]] = {"cpu": [], "rss": [], "disk": [], "network": []}
        self._memory: list[tuple[float, float]] = []

    @property
    def memory(self) -> list[tuple[float, float]]:
        """Seconds since the start, and bytes."""
        return self._memory

    async def watch(self) -> None:
        """CPU in percent of all cores (a process: of one), memory in bytes, disk and network in bytes a second.

        It ends early with the process that it watches.
        """
        with contextlib.suppress(psutil.Error):
            await self._watch()

    async def _watch(self) -> None:
        # the first call has nothing to compare with: it begins the first stretch
        self._cpu()
        before = self._now()
        while True:
            await asyncio.sleep(_EVERY_S)
            now = self._now()
            seconds = max(1e-3, now.at - before.at)
            self._seen["cpu"].append(self._cpu())
            self._seen["rss"].append(self._used())
            self._memory.append((now.at - self._started, self._seen["rss"][-1]))
            for name, value, last in (("disk", now.disk, before.disk), ("network", now.network, before.network)):
                if value is not None and last is not None:
                    self._seen[name].append((value - last) / seconds)
            before = now

    def figures(self) -> dict[str, dict[str, float | None]]:
        """Null where nothing was seen; ``growth`` is from the first value to the last."""
        return {name: _figures(values) for name, values in self._seen.items()}

    def _cpu(self) -> float:
        return float(psutil.cpu_percent() if self._process is None else self._process.cpu_percent())

    def _used(self) -> float:
        return float(psutil.virtual_memory().used if self._process is None else self._process.memory_info().rss)

    def _now(self) -> _Now:
        if self._process is not None:
            disk = None
            # another user's, or a system that does not tell
            with contextlib.suppress(psutil.AccessDenied, AttributeError):
                counters: Any = self._process.io_counters()
                disk = float(counters.read_bytes + counters.write_bytes)
            return _Now(self._clock(), disk, None)
        whole: Any = psutil.disk_io_counters()
        network: Any = psutil.net_io_counters()
        return _Now(
            self._clock(),
            float(whole.read_bytes + whole.write_bytes) if whole is not None else 0.0,
            float(network.bytes_recv + network.bytes_sent) if network is not None else 0.0,
        )


def process_of(text: str) -> psutil.Process:
    """A process by its number, or by its name when there is one of it. Raises PerftuiError."""
    try:
        if text.isdigit():
            return psutil.Process(int(text))
        found = [each for each in psutil.process_iter(["name"]) if each.info["name"] == text]
    except psutil.Error:
        found = []
    if len(found) == 1:
        return found[0]
    if not found:
        raise PerftuiError(f"--process: there is no process {clean(text, 100)}")
    numbers = ", ".join(str(each.pid) for each in found[:10])
    raise PerftuiError(f"--process: {len(found)} processes are {clean(text, 100)}, which of them? {numbers}")


def _figures(values: list[float]) -> dict[str, float | None]:
    if not values:
        return dict.fromkeys(("mean", "peak", "p95", "growth"))
    ordered = sorted(values)
    return {
        "mean": round(statistics.fmean(values), 2),
        "peak": round(ordered[-1], 2),
        "p95": round(ordered[math.ceil(0.95 * len(ordered)) - 1], 2),
        "growth": round(values[-1] - values[0], 2),
    }
