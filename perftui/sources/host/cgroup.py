"""CPU and memory of the control group that this session runs in (version 2): what a container is allowed and uses."""

from __future__ import annotations

from pathlib import Path

from perftui.sources.host.proc_file import ProcFile
from perftui.sources.host.rates import Rates


class CgroupReader:
    """Nothing is delivered outside of a control group, or where a controller is not enabled."""

    def __init__(self, proc: Path, sys: Path) -> None:
        folder = _own_folder(proc, sys)
        names = () if folder is None else ("cpu.stat", "memory.current", "memory.max")
        self._files = {
            name: ProcFile(folder / name) for name in names if folder is not None and (folder / name).exists()
        }

    def read(self, into: dict[str, float], rates: Rates, at: float) -> None:
        stat = self._text("cpu.stat")
        fields = dict(line.split() for line in stat.splitlines() if line.count(" ") == 1)
        if "usage_usec" in fields:
            used = rates.per_second("cgroup.cpu", float(fields["usage_usec"]) / 1e6, at)
            if used is not None:
                into["host/cgroup_cpu_used_cores"] = used
        if "nr_periods" in fields and "nr_throttled" in fields:
            periods = rates.delta("cgroup.periods", float(fields["nr_periods"]), at)
            throttled = rates.delta("cgroup.throttled", float(fields["nr_throttled"]), at)
            if periods is not None and throttled is not None and periods[0] > 0:
                into["host/cgroup_cpu_throttled_ratio"] = throttled[0] / periods[0]
        for name, series in (("memory.current", "used"), ("memory.max", "limit")):
            text = self._text(name).strip()
            if text.isdigit():  # an unlimited group says "max": no limit, no figure
                into[f"host/cgroup_memory_{series}_bytes"] = float(text)

    def _text(self, name: str) -> str:
        file = self._files.get(name)
        data = file.read() if file is not None else None
        return "" if data is None else data.decode("ascii", "replace")

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _own_folder(proc: Path, sys: Path) -> Path | None:
    try:
        lines = (proc / "self" / "cgroup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("0::/"):
            return sys / "fs" / "cgroup" / line[4:]
    return None
