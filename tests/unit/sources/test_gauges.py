"""This machine's gauges: from a made-up /proc, beside psutil, and beside a real node_exporter."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from perftui.domain.samples import Batch
from perftui.domain.series import parse_series
from perftui.sources.host.catalogue import SERIES
from perftui.sources.host.disk import local_mounts
from perftui.sources.host.gauges import HostSource
from tests.fakes import FakeClock
from tests.services import require

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, which only Linux has")

_STAT = """cpu  {user} 0 {system} {idle} {iowait} 0 0 {steal} 0 0
cpu0 {user} 0 {system} {idle} {iowait} 0 0 {steal} 0 0
ctxt {switches}
procs_running 3
procs_blocked 1
"""
_MEMINFO = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nCached: 200 kB\nSReclaimable: 50 kB\n"
_NET = """Inter-| Receive | Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo: 999 9 0 0 0 0 0 0 999 9 0 0 0 0 0 0
  eth0: {received} 10 0 0 0 0 0 0 {sent} 20 0 0 0 0 0 0
"""
_SNMP = "Tcp: CurrEstab OutSegs RetransSegs\nTcp: 7 {sent} {again}\n"
_DISK = """   8       0 sda {ops} 0 {sectors} 0 10 0 100 0 0 {busy} 500 0 0 0 0 0 0
   8       1 sda1 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9
"""


class Machine:
    """A made-up /proc whose counters are set by hand, and a source that reads it."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        (self.proc / "net").mkdir(parents=True)
        (self.proc / "pressure").mkdir()
        self.clock = FakeClock()
        self.write("meminfo", _MEMINFO + "SwapTotal: 100 kB\nSwapFree: 75 kB\n")
        self.write("loadavg", "1.50 2.00 3.00 1/100 123\n")
        for name in ("cpu", "memory", "io"):
            line = "avg10=12.50 avg60=0.00 avg300=0.00 total=1"
            self.write(f"pressure/{name}", f"some {line}\nfull {line}\n")
        self.cpu()
        self.network()
        self.disk()
        self.source = HostSource(1.0, 5.0, wall=self.clock, monotonic=self.clock, proc=self.proc, sys=folder / "sys")

    def write(self, name: str, text: str) -> None:
        (self.proc / name).write_text(text)

    def cpu(self, **fields: int) -> None:
        values = {"user": 0, "system": 0, "idle": 0, "iowait": 0, "steal": 0, "switches": 0, **fields}
        self.write("stat", _STAT.format(**values))

    def network(self, received: int = 0, sent: int = 0, segments: int = 0, again: int = 0) -> None:
        self.write("net/dev", _NET.format(received=received, sent=sent))
        self.write("net/snmp", _SNMP.format(sent=segments, again=again))

    def disk(self, ops: int = 1, sectors: int = 0, busy: int = 0) -> None:
        self.write("diskstats", _DISK.format(ops=ops, sectors=sectors, busy=busy))

    def poll(self, after_s: float = 0.0) -> dict[str, float]:
        async def once() -> dict[str, float]:
            return dict((await self.source.poll()).values)

        self.clock.advance(after_s)
        return asyncio.run(once())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_rates_need_two_polls_and_gauges_only_one(machine: Machine) -> None:
    values = machine.poll()

    assert "host/cpu_busy_ratio" not in values
    assert "host/network_receive_bytes_per_second" not in values
    assert values["host/memory_used_ratio"] == pytest.approx(0.6)
    assert values["host/memory_cached_bytes"] == 250 * 1024
    assert values["host/swap_used_ratio"] == 0.25
    assert values["host/load1"] == 1.5
    assert values["host/processes_blocked"] == 1
    assert values["host/pressure_io_full_ratio"] == 0.125


def test_shares_of_cpu_time_leave_out_idle_iowait_and_steal(machine: Machine) -> None:
    machine.poll()
    machine.cpu(user=30, system=10, idle=40, iowait=15, steal=5, switches=500)

    values = machine.poll(2.0)

    assert values["host/cpu_busy_ratio"] == pytest.approx(0.40)
    assert values["host/cpu_user_ratio"] == pytest.approx(0.30)
    assert values["host/cpu_iowait_ratio"] == pytest.approx(0.15)
    assert values["host/cpu_steal_ratio"] == pytest.approx(0.05)
    assert values['host/cpu_core_busy_ratio{core="0"}'] == pytest.approx(0.40)
    assert values["host/context_switches_per_second"] == 250


def test_rates_are_over_the_time_that_passed_and_loopback_is_left_out(machine: Machine) -> None:
    machine.poll()
    machine.network(received=4000, sent=1000, segments=200, again=10)
    machine.disk(ops=41, sectors=8, busy=1000)

    values = machine.poll(2.0)

    assert values["host/network_receive_bytes_per_second"] == 2000
    assert values["host/network_transmit_bytes_per_second"] == 500
    assert values["host/tcp_retransmits_ratio"] == pytest.approx(0.05)
    assert values["host/disk_read_bytes_per_second"] == 8 * 512 / 2
    assert values["host/disk_operations_per_second"] == 20
    assert values['host/disk_busy_ratio{device="sda"}'] == pytest.approx(0.5)
    assert not any("sda1" in series or '"lo"' in series for series in values)


def test_a_counter_that_was_reset_gives_no_sample_and_then_goes_on(machine: Machine) -> None:
    machine.network(received=5000)
    machine.poll()
    machine.network(received=100)
    assert "host/network_receive_bytes_per_second" not in machine.poll(1.0)
    machine.network(received=400)

    assert machine.poll(1.0)["host/network_receive_bytes_per_second"] == 300


def test_what_a_kernel_does_not_have_is_absent_and_said(machine: Machine, tmp_path: Path) -> None:
    shutil.rmtree(machine.proc / "pressure")
    (machine.proc / "meminfo").unlink()
    fresh = HostSource(1.0, 5.0, wall=machine.clock, monotonic=machine.clock, proc=machine.proc, sys=tmp_path / "sys")

    values = asyncio.run(fresh.poll()).values

    assert not any("pressure" in series or "memory" in series for series in values)
    assert fresh.notes == ("no pressure figures: this kernel has no PSI",)


def test_every_series_is_described_once(machine: Machine) -> None:
    values = machine.poll()
    first = machine.source.catalogue()
    again = machine.poll(1.0)

    assert {info.series for info in machine.source.catalogue()} >= set(values) | set(again)
    assert len({info.series for info in first}) == len(first)
    assert all(parse_series(series).name in SERIES for series in again)


def test_only_local_file_systems_are_looked_at_and_each_device_once() -> None:
    mounts = (
        "/dev/vda / ext4 rw 0 0\n/dev/vda /bind/mount ext4 rw 0 0\nproc /proc proc rw 0 0\n"
        "server:/x /net nfs4 rw 0 0\n/dev/vdb /with\\040blank xfs rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n"
        "overlay /var/lib/docker/overlay2/a/merged overlay rw 0 0\n"
    )

    assert local_mounts(mounts, lambda _: True) == ["/", "/with blank"]


def test_a_container_shows_its_root_and_its_volumes_but_no_single_file_that_is_mounted() -> None:
    mounts = (
        "overlay / overlay rw 0 0\n/dev/vda /etc/hosts ext4 rw 0 0\n/dev/vda /volumes/data ext4 rw 0 0\n"
        "/dev/vdb /etc/hostname ext4 rw 0 0\n"
    )

    assert local_mounts(mounts, lambda point: not point.startswith("/etc")) == ["/", "/volumes/data"]


def test_a_disk_that_does_not_answer_holds_up_nothing_and_is_said(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.write("mounts", "/dev/vda / ext4 rw 0 0\n")
    answer = threading.Event()
    real = os.statvfs

    def hang(path: str) -> os.statvfs_result:
        answer.wait(30)
        return real(path)

    monkeypatch.setattr(os, "statvfs", hang)

    async def run() -> tuple[Batch, tuple[str, ...], Batch]:
        await machine.source.poll()
        machine.clock.advance(11.0)
        hung, notes = await machine.source.poll(), machine.source.notes
        answer.set()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))  # the reading in its thread
        return hung, notes, await machine.source.poll()

    hung, notes, after = asyncio.run(run())

    assert 'host/filesystem_free_bytes{mount="/"}' not in hung.values
    assert "host/memory_used_ratio" in hung.values
    assert notes == ("no new file system figures: a disk does not answer",)
    assert after.values['host/filesystem_free_bytes{mount="/"}'] > 0
    assert machine.source.notes == ()


async def _two_polls(source: HostSource) -> dict[str, float]:
    values = dict((await source.poll()).values)
    await asyncio.sleep(0.3)
    values.update((await source.poll()).values)
    await source.close()
    return values


def _real() -> dict[str, float]:
    return asyncio.run(_two_polls(HostSource(1.0, 5.0, wall=time.time, monotonic=time.monotonic)))


def test_the_real_machine_reads_as_psutil_reads_it() -> None:
    values = _real()

    assert values["host/memory_total_bytes"] == psutil.virtual_memory().total
    assert values["host/memory_used_ratio"] == pytest.approx(psutil.virtual_memory().percent / 100, abs=0.05)
    assert values["host/cpu_cores"] == psutil.cpu_count()
    assert 0 <= values["host/cpu_busy_ratio"] <= 1
    assert values["host/swap_total_bytes"] == psutil.swap_memory().total


@pytest.fixture
def exporter() -> Iterator[str]:
    """The metrics page of a real node_exporter on a free port of loopback."""
    program = require("node_exporter")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
                    yield page.read().decode()
                break
            except OSError:
                assert process.poll() is None, "node_exporter ended"
                assert time.monotonic() < end, "node_exporter does not answer"
                time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()


def _metric(page: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", page, re.M)
    assert found is not None, name
    return float(found[1])


def test_the_real_machine_reads_as_node_exporter_reads_it(exporter: str) -> None:
    values = _real()

    assert values["host/memory_total_bytes"] == _metric(exporter, "node_memory_MemTotal_bytes")
    available = _metric(exporter, "node_memory_MemAvailable_bytes")
    assert values["host/memory_available_bytes"] == pytest.approx(available, rel=0.05)
    assert values["host/load1"] == pytest.approx(_metric(exporter, "node_load1"), abs=1.0)
    cores = set(re.findall(r'node_cpu_seconds_total\{cpu="(\d+)"', exporter))
    assert values["host/cpu_cores"] == len(cores)
    free = _metric(exporter, r'node_filesystem_avail_bytes{[^}]*mountpoint="/"[^}]*}')
    assert values['host/filesystem_free_bytes{mount="/"}'] == pytest.approx(free, rel=0.05)
    interfaces = set(re.findall(r'node_network_receive_bytes_total\{device="([^"]+)"', exporter)) - {"lo"}
    seen = {parse_series(series).label("interface") for series in values if "network_interface_receive" in series}
    assert seen <= interfaces
    assert ("host/network_receive_bytes_per_second" in values) == bool(seen)
