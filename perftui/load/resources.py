"""What this machine did while a load ran: CPU, memory, disk and network, once a second."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import psutil

_EVERY_S = 1.0


class Resources:
    """``watch`` runs until it is cancelled; ``figures`` gives what was seen until then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, list[float]] = {"cpu": [], "rss": [], "disk": [], "network": []}

    async def watch(self) -> None:
        """CPU in percent of all cores, memory in use in bytes, disk and network in bytes a second."""
        before = self._now()
        while True:
            await asyncio.sleep(_EVERY_S)
            now = self._now()
            seconds = max(1e-3, now[0] - before[0])
            self._seen["cpu"].append(psutil.cpu_percent())
            self._seen["rss"].append(float(psutil.virtual_memory().used))
            self._seen["disk"].append((now[1] - before[1]) / seconds)
            self._seen["network"].append((now[2] - before[2]) / seconds)
            before = now

    def figures(self) -> dict[str, dict[str, float | None]]:
        """Null where nothing was seen; ``growth`` is from the first value to the last."""
        return {name: _figures(values) for name, values in self._seen.items()}

    def _now(self) -> tuple[float, float, float]:
        # the first call of cpu_percent has nothing to compare with: it begins the first stretch
        if not self._seen["cpu"]:
            psutil.cpu_percent()
        disk: Any = psutil.disk_io_counters()
        network: Any = psutil.net_io_counters()
        return (
            self._clock(),
            float(disk.read_bytes + disk.write_bytes) if disk is not None else 0.0,
            float(network.bytes_recv + network.bytes_sent) if network is not None else 0.0,
        )


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
