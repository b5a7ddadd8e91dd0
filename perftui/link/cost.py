"""What each end of the link costs its machine: measured by the same meter in the session and in the console."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from perftui.domain.health import OwnCost

_EVERY_S = 5.0


class CostMeter:
    """CPU time over the last 5 s or more as a share of one core, and resident memory."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at, self._cpu_s = monotonic(), time.process_time()
        self._cost: OwnCost | None = None

    def read(self) -> OwnCost | None:
        """None for the first 5 s; the same object until there is a new figure."""
        now = self._monotonic()
        if now - self._at >= _EVERY_S:
            cpu_s = time.process_time()
            self._cost = OwnCost((cpu_s - self._cpu_s) / (now - self._at), resident_bytes())
            self._at, self._cpu_s = now, cpu_s
        return self._cost


def resident_bytes() -> float | None:
    """Resident memory of this process; the highest so far where /proc is missing; None when nobody tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(peak if sys.platform == "darwin" else peak * 1024)
    return float(pages * resource.getpagesize())
