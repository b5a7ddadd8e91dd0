"""CPU time, load, run queue and pressure from /proc."""

from __future__ import annotations

from pathlib import Path

from perftui.sources.host.proc_file import ProcFile, number_after
from perftui.sources.host.rates import Rates

# proc(5): user nice system idle iowait irq softirq steal guest guest_nice; guest time is part of user time
_FIELDS = 8
_USER, _NICE, _SYSTEM, _IDLE, _IOWAIT, _IRQ, _SOFTIRQ, _STEAL = range(_FIELDS)


class CpuReader:
    """Shares of CPU time between two polls; the whole machine and each core."""

    def __init__(self, proc: Path) -> None:
        self._stat = ProcFile(proc / "stat")
        self._load = ProcFile(proc / "loadavg")
        self._before: dict[bytes, tuple[int, ...]] = {}

    def read(self, into: dict[str, float], rates: Rates, at: float) -> None:
        stat = self._stat.read()
        cores = 0
        if stat is not None:
            now: dict[bytes, tuple[int, ...]] = {}
            for line in stat.splitlines():
                if not line.startswith(b"cpu"):
                    break  # they come first
                name, *fields = line.split(None, _FIELDS + 1)
                now[name] = tuple(map(int, fields[:_FIELDS]))
            _others(stat, into, rates, at)
            cores = self._shares(now, into)
            self._before = now
        self._read_load(into, cores)

    def _shares(self, now: dict[bytes, tuple[int, ...]], into: dict[str, float]) -> int:
        cores = 0
        for name, fields in now.items():
            cores += name != b"cpu"
            before = self._before.get(name)
            if before is None or len(fields) < _FIELDS or len(before) < _FIELDS:
                continue
            grown = [after - earlier for after, earlier in zip(fields, before, strict=True)]
            # iowait and steal may go backwards (proc(5)); any other backward step is a reset
            grown[_IOWAIT], grown[_STEAL] = max(0, grown[_IOWAIT]), max(0, grown[_STEAL])
            total = sum(grown)
            if total <= 0 or min(grown) < 0:
                continue
            busy = (total - grown[_IDLE] - grown[_IOWAIT] - grown[_STEAL]) / total
            if name != b"cpu":
                into[f'host/cpu_core_busy_ratio{{core="{name[3:].decode()}"}}'] = busy
                continue
            into["host/cpu_busy_ratio"] = busy
            into["host/cpu_user_ratio"] = (grown[_USER] + grown[_NICE]) / total
            into["host/cpu_system_ratio"] = (grown[_SYSTEM] + grown[_IRQ] + grown[_SOFTIRQ]) / total
            into["host/cpu_iowait_ratio"] = grown[_IOWAIT] / total
            into["host/cpu_steal_ratio"] = grown[_STEAL] / total
        if cores:
            into["host/cpu_cores"] = float(cores)
        return cores

    def _read_load(self, into: dict[str, float], cores: int) -> None:
        load = self._load.read()
        fields = [] if load is None else load.split()
        if len(fields) < 3:
            return
        for name, field in zip(("load1", "load5", "load15"), fields, strict=False):
            into[f"host/{name}"] = float(field)
        if cores:
            into["host/load1_per_core_ratio"] = float(fields[0]) / cores

    def close(self) -> None:
        self._stat.close()
        self._load.close()


def _others(stat: bytes, into: dict[str, float], rates: Rates, at: float) -> None:
    switches = number_after(stat, b"ctxt ")
    rate = None if switches is None else rates.per_second("ctxt", float(switches), at)
    if rate is not None:
        into["host/context_switches_per_second"] = rate
    for name in ("running", "blocked"):
        number = number_after(stat, b"procs_%b " % name.encode())
        if number is not None:
            into[f"host/processes_{name}"] = float(number)


class PressureReader:
    """Pressure stall information: the 10-second averages of proc/pressure."""

    _WANTED = (("cpu", "some"), ("memory", "some"), ("memory", "full"), ("io", "some"), ("io", "full"))

    def __init__(self, proc: Path) -> None:
        self._files = {name: ProcFile(proc / "pressure" / name) for name in ("cpu", "memory", "io")}

    def read(self, into: dict[str, float]) -> str:
        """Empty, or a note that says why there are no figures."""
        texts = {name: file.read() for name, file in self._files.items()}
        for name, kind in self._WANTED:
            _, found, rest = (texts[name] or b"").partition(b"%b avg10=" % kind.encode())
            if found:
                into[f"host/pressure_{name}_{kind}_ratio"] = float(rest.split(None, 1)[0]) / 100
        return "no pressure figures: this kernel has no PSI" if all(text is None for text in texts.values()) else ""

    def close(self) -> None:
        for file in self._files.values():
            file.close()
