"""Figures of this machine that need no second look: load, memory, pressure, and CPU time since it was started.

Each is None where the machine does not tell it. A figure of CPU time or of bytes a second needs two readings, and the
second one is the session's.
"""

from __future__ import annotations

import os

_LONGEST = 65536


class Machine:
    """What was read: ratios, bytes and loads, named and defined as the host source has them."""

    __slots__ = ("busy_since_boot", "cached", "cores", "load", "pressure", "swap_used", "total", "used")

    def __init__(self) -> None:
        self.cores: int | None = None
        self.load: tuple[float, float, float] | None = None
        self.busy_since_boot: float | None = None
        self.total: float | None = None
        self.used: float | None = None
        self.cached: float | None = None
        self.swap_used: float | None = None
        # by name: cpu, memory, io
        self.pressure: dict[str, float] = {}


def read_machine(proc: str = "/proc") -> Machine:
    """Never raises for what it finds there."""
    machine = Machine()
    for read in (_cpu, _load, _memory, _pressure):
        try:
            read(machine, proc)
        except (OSError, ValueError, IndexError, ZeroDivisionError):  # noqa: PERF203 (the others may be there)
            continue
    return machine


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, _LONGEST)
    finally:
        os.close(fd)


def _cpu(machine: Machine, proc: str) -> None:
    lines = _read(f"{proc}/stat").splitlines()
    # proc(5): user nice system idle iowait irq softirq steal
    fields = [int(field) for field in lines[0].split()[1:9]]
    total = sum(fields)
    machine.busy_since_boot = (total - fields[3] - fields[4] - fields[7]) / total
    machine.cores = sum(line.startswith(b"cpu") for line in lines) - 1 or None


def _load(machine: Machine, proc: str) -> None:
    one, five, fifteen = (float(field) for field in _read(f"{proc}/loadavg").split()[:3])
    machine.load = (one, five, fifteen)


def _memory(machine: Machine, proc: str) -> None:
    fields: dict[bytes, float] = {}
    for line in _read(f"{proc}/meminfo").splitlines():
        name, _, rest = line.partition(b":")
        number = rest.split()
        if number and number[0].isdigit():
            fields[name] = float(number[0]) * 1024
    machine.total = fields.get(b"MemTotal") or None
    if machine.total is not None and b"MemAvailable" in fields:
        machine.used = machine.total - fields[b"MemAvailable"]
    if b"Cached" in fields:
        machine.cached = fields[b"Cached"] + fields.get(b"SReclaimable", 0.0)
    if b"SwapTotal" in fields and b"SwapFree" in fields:
        machine.swap_used = fields[b"SwapTotal"] - fields[b"SwapFree"]


def _pressure(machine: Machine, proc: str) -> None:
    for name in ("cpu", "memory", "io"):
        line = _read(f"{proc}/pressure/{name}").splitlines()[0]
        if line.startswith(b"some"):
            machine.pressure[name] = float(line.split(b"avg10=", 1)[1].split(b" ", 1)[0]) / 100
