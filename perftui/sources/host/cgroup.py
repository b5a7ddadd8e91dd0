"""CPU and memory of the control group that this session runs in: what a container is allowed and uses."""

from __future__ import annotations

from pathlib import Path

from perftui.sources.host.proc_file import ProcFile
from perftui.sources.host.rates import Rates

_UNLIMITED = 2.0**60  # version 1 has no word for "no limit": it shows the largest number of whole pages


class CgroupReader:
    """Nothing is delivered outside of a control group, or where a controller is not enabled.

    Version 2 is read where it has the figures, else version 1 (old systems, and those that run both).
    """

    def __init__(self, proc: Path, sys: Path) -> None:
        root = sys / "fs" / "cgroup"
        paths = _own_paths(proc)
        unified = _folder(root, paths.get(""))
        cpu, account, memory = (_folder(root / name, paths.get(name)) for name in ("cpu", "cpuacct", "memory"))
        self._cpu = _first((unified, "cpu.stat"), (cpu, "cpu.stat"))
        self._usage = _first((account, "cpuacct.usage"))
        self._memory = {
            "used": _first((unified, "memory.current"), (memory, "memory.usage_in_bytes")),
            "limit": _first((unified, "memory.max"), (memory, "memory.limit_in_bytes")),
        }

    def read(self, into: dict[str, float], rates: Rates, at: float) -> None:
        fields = dict(line.split() for line in _text(self._cpu).splitlines() if line.count(" ") == 1)
        self._read_usage(fields.get("usage_usec"), into, rates, at)
        if "nr_periods" in fields and "nr_throttled" in fields:
            periods = rates.delta("cgroup.periods", float(fields["nr_periods"]), at)
            throttled = rates.delta("cgroup.throttled", float(fields["nr_throttled"]), at)
            if periods is not None and throttled is not None and periods[0] > 0:
                into["host/cgroup_cpu_throttled_ratio"] = throttled[0] / periods[0]
        for name, file in self._memory.items():
            text = _text(file).strip()
            if text.isdigit() and float(text) < _UNLIMITED:  # an unlimited group says "max": no limit, no figure
                into[f"host/cgroup_memory_{name}_bytes"] = float(text)

    def _read_usage(self, microseconds: str | None, into: dict[str, float], rates: Rates, at: float) -> None:
        text, per_second = (microseconds, 1e6) if microseconds is not None else (_text(self._usage).strip(), 1e9)
        used = rates.per_second("cgroup.cpu", float(text) / per_second, at) if text else None
        if used is not None:
            into["host/cgroup_cpu_used_cores"] = used

    def close(self) -> None:
        for file in (self._cpu, self._usage, *self._memory.values()):
            if file is not None:
                file.close()


def _text(file: ProcFile | None) -> str:
    data = file.read() if file is not None else None
    return "" if data is None else data.decode("ascii", "replace")


def _first(*places: tuple[Path | None, str]) -> ProcFile | None:
    for folder, name in places:
        if folder is not None and (folder / name).exists():
            return ProcFile(folder / name)
    return None


def _own_paths(proc: Path) -> dict[str, str]:
    """The session's group in each hierarchy, by controller; version 2 has the empty name."""
    try:
        lines = (proc / "self" / "cgroup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    paths = {}
    for line in lines:  # hierarchy:controllers:path
        parts = line.split(":", 2)
        if len(parts) == 3:
            paths.update(dict.fromkeys(parts[1].split(","), parts[2]))
    return paths


def _folder(mount: Path, path: str | None) -> Path | None:
    """Where the group is; in a container its path may be the host's, and the mount is the group itself."""
    if path is None:
        return None
    folder = mount / path.lstrip("/")
    return folder if folder.is_dir() else mount
