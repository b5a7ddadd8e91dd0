"""Control groups of both versions, as made-up trees and as this machine has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.sources.host.cgroup import CgroupReader
from perftui.sources.host.rates import Rates


class Group:
    """A made-up /proc/self/cgroup and /sys/fs/cgroup."""

    def __init__(self, folder: Path, membership: str) -> None:
        self.proc, self.sys = folder / "proc", folder / "sys"
        (self.proc / "self").mkdir(parents=True)
        (self.proc / "self" / "cgroup").write_text(membership)
        self.rates, self.at = Rates(), 100.0
        self._reader: CgroupReader | None = None

    def write(self, name: str, text: str) -> None:
        path = self.sys / "fs" / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self) -> dict[str, float]:
        self._reader = self._reader or CgroupReader(self.proc, self.sys)
        self.at += 2.0
        values: dict[str, float] = {}
        self._reader.read(values, self.rates, self.at)
        self.rates.turn()
        return values


def test_version_2_gives_cores_throttling_and_memory_of_the_own_group(tmp_path: Path) -> None:
    group = Group(tmp_path, "0::/system.slice/console\n")
    group.write("system.slice/console/cpu.stat", "usage_usec 1000000\nnr_periods 10\nnr_throttled 1\n")
    group.write("system.slice/console/memory.current", "4096\n")
    group.write("system.slice/console/memory.max", "8192\n")

    assert group.read() == {"host/cgroup_memory_used_bytes": 4096, "host/cgroup_memory_limit_bytes": 8192}
    group.write("system.slice/console/cpu.stat", "usage_usec 4000000\nnr_periods 30\nnr_throttled 6\n")
    values = group.read()

    assert values["host/cgroup_cpu_used_cores"] == pytest.approx(1.5)
    assert values["host/cgroup_cpu_throttled_ratio"] == pytest.approx(0.25)


def test_version_1_gives_the_same_figures(tmp_path: Path) -> None:
    group = Group(tmp_path, "5:cpu,cpuacct:/box\n4:memory:/box\n1:name=systemd:/\n")
    group.write("cpu/box/cpu.stat", "nr_periods 10\nnr_throttled 1\nthrottled_time 7\n")
    group.write("cpuacct/box/cpuacct.usage", "1000000000\n")
    group.write("memory/box/memory.usage_in_bytes", "4096\n")
    group.write("memory/box/memory.limit_in_bytes", "8192\n")

    assert group.read() == {"host/cgroup_memory_used_bytes": 4096, "host/cgroup_memory_limit_bytes": 8192}
    group.write("cpu/box/cpu.stat", "nr_periods 30\nnr_throttled 6\nthrottled_time 9\n")
    group.write("cpuacct/box/cpuacct.usage", "4000000000\n")
    values = group.read()

    assert values["host/cgroup_cpu_used_cores"] == pytest.approx(1.5)
    assert values["host/cgroup_cpu_throttled_ratio"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("membership", "name", "unlimited"),
    [
        ("0::/box", "box/memory.max", "max\n"),
        ("4:memory:/box", "memory/box/memory.limit_in_bytes", f"{2**63 - 4096}\n"),
    ],
)
def test_a_group_without_a_limit_has_no_limit_figure(
    tmp_path: Path, membership: str, name: str, unlimited: str
) -> None:
    group = Group(tmp_path, membership)
    group.write(name, unlimited)

    assert group.read() == {}


def test_in_a_container_the_path_of_the_host_leads_to_the_mount_itself(tmp_path: Path) -> None:
    group = Group(tmp_path, "0::/docker/0123456789ab\n")
    group.write("memory.current", "4096\n")

    assert group.read() == {"host/cgroup_memory_used_bytes": 4096}


@pytest.mark.parametrize("membership", ["", "nonsense\n", "0::/gone\n"])
def test_no_group_gives_no_figures(tmp_path: Path, membership: str) -> None:
    assert Group(tmp_path, membership).read() == {}


def test_a_reset_counter_gives_no_cores(tmp_path: Path) -> None:
    group = Group(tmp_path, "0::/box\n")
    group.write("box/cpu.stat", "usage_usec 5000000\n")
    group.read()
    group.write("box/cpu.stat", "usage_usec 0\n")
    assert group.read() == {}
    group.write("box/cpu.stat", "usage_usec 2000000\n")

    assert group.read() == {"host/cgroup_cpu_used_cores": 1.0}
