"""CPU and memory of a process and of all that it started. Linux: CPU is the scheduler's own account."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Processes whose parent it is, and theirs; those that end meanwhile are left out."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                found += [int(child), *children(int(child))]
    return found


def cpu_s(pid: int) -> float:
    """Seconds on a CPU of all threads of a process that live, and of its children that have ended."""
    total = 0.0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text("ascii").split()[0]) / 1e9
        # the name may hold blanks; it ends with the last bracket
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        total += (int(fields[13]) + int(fields[14])) / _TICKS
    return total


class Cpu(NamedTuple):
    """Seconds on a CPU: of the program itself, and of all that it started."""

    own: float
    others: float

    @property
    def both(self) -> float:
        return self.own + self.others

    def plus(self, more: Cpu) -> Cpu:
        return Cpu(self.own + more.own, self.others + more.others)

    def since(self, before: Cpu) -> Cpu:
        return Cpu(self.own - before.own, self.others - before.others)


def cpu_of(pid: int) -> Cpu:
    """What a program and its children have used until now."""
    return Cpu(cpu_s(pid), sum(map(cpu_s, children(pid))))


def pss_mb(pid: int) -> float:
    """Memory of a process in MB (10^6), pages that it shares counted in part."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
