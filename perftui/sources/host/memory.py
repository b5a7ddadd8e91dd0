"""Memory and swap from /proc."""

from __future__ import annotations

import mmap
from pathlib import Path

from perftui.sources.host.proc_file import ProcFile, number_after
from perftui.sources.host.rates import Rates

_WANTED = (b"MemTotal", b"MemAvailable", b"Cached", b"SReclaimable", b"SwapTotal", b"SwapFree")


class MemoryReader:
    """Used memory is total minus available, as the kernel estimates it: what ``free`` and Prometheus users expect."""

    def __init__(self, proc: Path) -> None:
        self._meminfo = ProcFile(proc / "meminfo")
        self._vmstat = ProcFile(proc / "vmstat")

    def read(self, into: dict[str, float], rates: Rates, at: float) -> None:
        text = self._meminfo.read()
        if text is not None:
            _memory(_fields(text), into)
        text = self._vmstat.read()
        if text is None:
            return
        for key, name in ((b"pswpin", "swap_in"), (b"pswpout", "swap_out")):
            pages = number_after(text, key + b" ")
            rate = None if pages is None else rates.per_second(name, float(pages) * mmap.PAGESIZE, at)
            if rate is not None:
                into[f"host/{name}_bytes_per_second"] = rate

    def close(self) -> None:
        self._meminfo.close()
        self._vmstat.close()


def _fields(text: bytes) -> dict[bytes, float]:
    """The wanted fields that the file has, in bytes; meminfo counts in KiB."""
    found = ((name, number_after(text, name + b":")) for name in _WANTED)
    return {name: float(number) * 1024 for name, number in found if number is not None}


def _memory(fields: dict[bytes, float], into: dict[str, float]) -> None:
    total, available = fields.get(b"MemTotal"), fields.get(b"MemAvailable")
    if total:
        into["host/memory_total_bytes"] = total
        if available is not None:
            into["host/memory_available_bytes"] = available
            into["host/memory_used_bytes"] = total - available
            into["host/memory_used_ratio"] = (total - available) / total
    if b"Cached" in fields:
        into["host/memory_cached_bytes"] = fields[b"Cached"] + fields.get(b"SReclaimable", 0.0)
    swap, free = fields.get(b"SwapTotal"), fields.get(b"SwapFree")
    if swap is not None and free is not None:
        into["host/swap_total_bytes"] = swap
        into["host/swap_used_bytes"] = swap - free
        if swap:
            into["host/swap_used_ratio"] = (swap - free) / swap
