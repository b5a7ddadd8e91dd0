"""Counters and histograms of the demo's processes, in the Prometheus text format."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path

# seconds; a target of 200 ms is one of them, so that the share of requests within it is exact
BUCKETS = (
    0.001, 0.0015, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07,
    0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0,
)  # fmt: skip


class Requests:
    """How many requests ended with which code, and how long they took; by handler. Threads may share it.

    Handlers and codes that are known beforehand begin at 0: whoever looks from outside can't see a counter grow from
    nothing.
    """

    def __init__(self, counter: str, histogram: str, handlers: Iterable[str], codes: Sequence[str]) -> None:
        self._counter = counter
        self._histogram = histogram
        self._buckets = {handler: [0] * (len(BUCKETS) + 1) for handler in handlers}
        self._sums = dict.fromkeys(self._buckets, 0.0)
        self._counts = {(handler, code): 0 for handler in self._buckets for code in codes}
        self._lock = threading.Lock()

    def count(self, handler: str, code: str, seconds: float | None) -> None:
        """A request that got no answer has no ``seconds``: it is counted, and in no histogram."""
        with self._lock:
            self._counts[handler, code] = self._counts.get((handler, code), 0) + 1
            if seconds is not None:
                buckets = self._buckets.setdefault(handler, [0] * (len(BUCKETS) + 1))
                buckets[bisect_left(BUCKETS, seconds)] += 1
                self._sums[handler] = self._sums.get(handler, 0.0) + seconds

    def text(self) -> str:
        with self._lock:
            counts, sums = dict(self._counts), dict(self._sums)
            buckets = {handler: list(counts) for handler, counts in self._buckets.items()}
        lines = [f"# TYPE {self._counter} counter"]
        lines += [
            f'{self._counter}{{handler="{handler}",code="{code}"}} {n}' for (handler, code), n in sorted(counts.items())
        ]
        lines.append(f"# TYPE {self._histogram} histogram")
        for handler, row in sorted(buckets.items()):
            total = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), row, strict=True):
                total += count
                lines.append(f'{self._histogram}_bucket{{handler="{handler}",le="{bound}"}} {total}')
            lines.append(f'{self._histogram}_sum{{handler="{handler}"}} {sums[handler]:.9f}')
            lines.append(f'{self._histogram}_count{{handler="{handler}"}} {total}')
        return "\n".join(lines) + "\n"


def resident_bytes() -> int:
    """Memory of this process; where there is no /proc, its peak."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def process_text() -> str:
    """What this process costs."""
    return (
        f"# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {time.process_time():.6f}\n"
        f"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {resident_bytes()}\n"
        f"# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {_STARTED:.3f}\n"
    )


_STARTED = time.time()
