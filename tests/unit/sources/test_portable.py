"""What psutil tells, where there is no /proc: held against what /proc itself tells."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import psutil
import pytest

from perftui.domain.series import parse_series
from perftui.sources.host.catalogue import SERIES
from perftui.sources.host.portable import PortableHostSource
from perftui.sources.host.portable_processes import PortableProcessSource
from perftui.sources.host.processes import ProcessSource
from tests.fakes import FakeClock


def test_gauges_come_at_once_rates_with_the_second_poll_and_all_are_described() -> None:
    clock = FakeClock()
    source = PortableHostSource(1.0, 5.0, wall=clock, monotonic=clock)

    first = asyncio.run(source.poll()).values
    clock.advance(1.0)
    second = asyncio.run(source.poll()).values

    assert first["host/memory_total_bytes"] == psutil.virtual_memory().total
    assert first["host/cpu_cores"] == psutil.cpu_count()
    assert "host/network_receive_bytes_per_second" not in first
    assert second["host/network_receive_bytes_per_second"] >= 0
    assert {info.series for info in source.catalogue()} == set(first) | set(second)
    assert all(parse_series(series).name in SERIES for series in second)


def test_the_table_holds_this_process_with_rates_from_the_second_scan_on() -> None:
    clock = FakeClock()
    source = PortableProcessSource(3.0, 1.0, 5.0, wall=clock, monotonic=clock)
    source.watched = True

    first = {row.pid: row for row in asyncio.run(source.poll()).tables["processes"]}
    clock.advance(2.0)
    second = {row.pid: row for row in asyncio.run(source.poll()).tables["processes"]}

    mine = second[os.getpid()]
    assert first[os.getpid()].cpu_ratio is None
    assert mine.cpu_ratio is not None
    assert mine.ppid == os.getppid()
    assert mine.user == psutil.Process().username()
    assert mine.read_bytes_per_s is None


def test_a_followed_process_has_series_and_one_that_is_gone_is_said() -> None:
    clock = FakeClock()
    source = PortableProcessSource(3.0, 1.0, 5.0, wall=clock, monotonic=clock)
    source.follow(os.getpid())
    values = asyncio.run(source.poll()).values
    assert {parse_series(series).name for series in values} >= {"process_memory_bytes", "process_threads"}

    source.follow(2**22 + 1)  # no system hands out such a number

    assert asyncio.run(source.poll()).values == {}
    assert source.notes == (f"process {2**22 + 1} has ended",)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="compares with /proc, which only Linux has")
def test_both_readers_tell_the_same_of_this_process() -> None:
    rows = []
    for kind in (ProcessSource, PortableProcessSource):
        source = kind(3.0, 1.0, 5.0, wall=time.time, monotonic=time.monotonic)
        source.watched = True
        rows.append(next(r for r in asyncio.run(source.poll()).tables["processes"] if r.pid == os.getpid()))
    direct, portable = rows

    assert (direct.name, direct.user, direct.ppid) == (portable.name, portable.user, portable.ppid)
    assert direct.command == portable.command
    assert direct.started_at == pytest.approx(portable.started_at, abs=2)
    assert direct.rss_bytes == pytest.approx(portable.rss_bytes, rel=0.2)
