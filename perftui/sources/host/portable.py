"""The host source where there is no /proc: what psutil can tell of macOS and other systems, best effort."""

from __future__ import annotations

from collections.abc import Callable

import psutil

from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import parse_series, series_id
from perftui.sources.host.catalogue import SERIES
from perftui.sources.host.rates import Rates


class PortableHostSource:
    """The same series as on Linux, as far as psutil knows them."""

    name = "host"
    kind = "host"
    wanted = True
    notes: tuple[str, ...] = ("measured by psutil: no pressure, queue or control group figures on this system",)

    def __init__(
        self, interval_s: float, deadline_s: float, *, wall: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self.interval_s, self.deadline_s = interval_s, deadline_s
        self._wall, self._monotonic = wall, monotonic
        self._rates = Rates()
        self._catalogue: dict[str, SeriesInfo] = {}
        self._catalogue_tuple: tuple[SeriesInfo, ...] = ()
        psutil.cpu_times_percent()
        psutil.cpu_percent(percpu=True)

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue_tuple

    async def poll(self) -> Batch:
        at, started = self._wall(), self._monotonic()
        values: dict[str, float] = {}
        self._cpu(values)
        self._memory(values)
        self._io(values, started)
        self._rates.turn()
        new = [series for series in values if series not in self._catalogue]
        for series in new:
            unit, text = SERIES[parse_series(series).name]
            self._catalogue[series] = SeriesInfo(series, unit, self.interval_s, text)
        if new:
            self._catalogue_tuple = tuple(self._catalogue.values())
        return Batch(self.name, at, self._monotonic() - started, values)

    def _cpu(self, into: dict[str, float]) -> None:
        shares = psutil.cpu_times_percent()
        into["host/cpu_busy_ratio"] = 1 - shares.idle / 100 - getattr(shares, "iowait", 0.0) / 100
        into["host/cpu_user_ratio"] = shares.user / 100
        into["host/cpu_system_ratio"] = shares.system / 100
        for core, busy in enumerate(psutil.cpu_percent(percpu=True)):
            into[series_id("host", "cpu_core_busy_ratio", {"core": str(core)})] = busy / 100
        cores = psutil.cpu_count() or 1
        into["host/cpu_cores"] = float(cores)
        for name, value in zip(("load1", "load5", "load15"), psutil.getloadavg(), strict=True):
            into[f"host/{name}"] = value
        into["host/load1_per_core_ratio"] = into["host/load1"] / cores

    def _memory(self, into: dict[str, float]) -> None:
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        into["host/memory_total_bytes"] = float(memory.total)
        into["host/memory_available_bytes"] = float(memory.available)
        into["host/memory_used_bytes"] = float(memory.total - memory.available)
        into["host/memory_used_ratio"] = (memory.total - memory.available) / memory.total
        into["host/swap_total_bytes"] = float(swap.total)
        into["host/swap_used_bytes"] = float(swap.used)
        if swap.total:
            into["host/swap_used_ratio"] = swap.used / swap.total
        for part in psutil.disk_partitions(all=False):
            try:
                usage = psutil.disk_usage(part.mountpoint)
            except OSError:
                continue
            into[series_id("host", "filesystem_used_ratio", {"mount": part.mountpoint})] = usage.percent / 100
            into[series_id("host", "filesystem_free_bytes", {"mount": part.mountpoint})] = float(usage.free)

    def _io(self, into: dict[str, float], at: float) -> None:
        disk, network = psutil.disk_io_counters(), psutil.net_io_counters()
        counters = {
            "disk_read_bytes_per_second": disk and disk.read_bytes,
            "disk_write_bytes_per_second": disk and disk.write_bytes,
            "disk_operations_per_second": disk and disk.read_count + disk.write_count,
            "network_receive_bytes_per_second": network and network.bytes_recv,
            "network_transmit_bytes_per_second": network and network.bytes_sent,
            "network_packets_per_second": network and network.packets_recv + network.packets_sent,
            "network_errors_per_second": network and network.errin + network.errout,
            "network_drops_per_second": network and network.dropin + network.dropout,
        }
        for name, value in counters.items():
            if value is None:
                continue
            rate = self._rates.per_second(name, float(value), at)
            if rate is not None:
                into[f"host/{name}"] = rate

    async def close(self) -> None:
        """Nothing stays open between polls."""
