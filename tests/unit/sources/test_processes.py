"""Processes: hostile names, races, rates, and the one that is followed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.processes import ProcessRow
from perftui.domain.samples import Batch
from perftui.sources.host.process_files import parse_stat
from perftui.sources.host.processes import ProcessSource

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, which only Linux has")


def _stat(pid: int, name: bytes, ticks: int = 0, started: int = 100, ppid: int = 1) -> bytes:
    fields = ["S", ppid, 1, 1, 0, -1, 0, 0, 0, 0, 0, ticks, 0, 0, 0, 20, 0, 4, 0, started, 0, 25, 0]
    return b"%d (%s) " % (pid, name) + " ".join(map(str, fields)).encode() + b"\n"


def _process(proc: Path, pid: int, name: bytes = b"worker", ticks: int = 0, started: int = 100) -> None:
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True, exist_ok=True)
    (folder / "stat").write_bytes(_stat(pid, name, ticks, started))
    (folder / "cmdline").write_bytes(b"/bin/worker\0--evil\x1b[31m\0")
    (folder / "io").write_text("rchar: 1\nread_bytes: 4096\nwrite_bytes: 0\n")


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _source(proc: Path, clock: _Clock) -> ProcessSource:
    (proc / "stat").write_text("btime 500\n")
    source = ProcessSource(3.0, 1.0, 5.0, wall=clock, monotonic=clock, proc=proc)
    source.watched = True
    return source


def _rows(batch: Batch) -> dict[int, ProcessRow]:
    return {row.pid: row for row in batch.tables["processes"]}


@given(st.binary(max_size=40), st.integers(1, 2**22), st.integers(0, 10**9))
def test_any_name_is_parsed(name: bytes, pid: int, ticks: int) -> None:
    stat = parse_stat(_stat(pid, name, ticks))

    assert (stat.pid, stat.ticks, stat.threads, stat.ppid) == (pid, ticks, 4, 1)
    assert stat.name == name.decode("utf-8", "replace")


@pytest.mark.parametrize("text", [b"", b"1 (x", b"1 (x) S 1 2", b") 1 ("])
def test_what_is_no_stat_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="stat"):
        parse_stat(text)


def test_rates_need_two_tables_and_control_characters_never_arrive(tmp_path: Path) -> None:
    clock = _Clock()
    _process(tmp_path, 7, b"wo\x1b[2Jrker")
    source = _source(tmp_path, clock)

    row = _rows(asyncio.run(source.poll()))[7]
    assert row.cpu_ratio is None
    assert "\x1b" not in row.name + row.command
    assert (row.threads, row.fds) == (4, 0)
    assert row.started_at == 500 + 100 / os.sysconf("SC_CLK_TCK")

    clock.now += 2.0
    _process(tmp_path, 7, b"worker", ticks=os.sysconf("SC_CLK_TCK"))
    row = _rows(asyncio.run(source.poll()))[7]
    assert row.cpu_ratio == 0.5
    assert row.read_bytes_per_s == 0


def test_a_reused_pid_is_another_process(tmp_path: Path) -> None:
    clock = _Clock()
    _process(tmp_path, 7, ticks=1000, started=100)
    source = _source(tmp_path, clock)
    before = _rows(asyncio.run(source.poll()))[7]
    _process(tmp_path, 7, ticks=5, started=900)
    clock.now += 2.0

    after = _rows(asyncio.run(source.poll()))[7]

    assert before.key != after.key
    assert after.cpu_ratio is None


def test_a_process_that_can_not_be_read_is_shown_with_what_is_known(tmp_path: Path) -> None:
    _process(tmp_path, 7)
    (tmp_path / "7" / "io").unlink()
    (tmp_path / "7" / "fd").rmdir()
    _process(tmp_path, 8)
    (tmp_path / "8" / "stat").unlink()

    rows = _rows(asyncio.run(_source(tmp_path, _Clock()).poll()))

    assert set(rows) == {7}
    assert rows[7].fds is None
    assert rows[7].read_bytes_per_s is None


def test_a_followed_process_has_series_until_it_ends(tmp_path: Path) -> None:
    clock = _Clock()
    _process(tmp_path, 7)
    source = _source(tmp_path, clock)
    source.watched = False
    source.follow(7)

    batch = asyncio.run(source.poll())

    assert batch.tables == {}
    assert batch.values['processes/process_threads{name="worker",pid="7"}'] == 4
    assert {info.series for info in source.catalogue()} >= set(batch.values)
    (tmp_path / "7" / "stat").unlink()
    assert asyncio.run(source.poll()).values == {}
    assert source.notes == ("process 7 has ended",)
    source.follow(None)
    assert not source.wanted


def test_a_followed_process_whose_number_is_reused_has_ended(tmp_path: Path) -> None:
    clock = _Clock()
    _process(tmp_path, 7, started=100)
    source = _source(tmp_path, clock)
    source.watched = False
    source.follow(7)
    assert asyncio.run(source.poll()).values
    _process(tmp_path, 7, started=900)

    assert asyncio.run(source.poll()).values == {}
    assert source.notes == ("process 7 has ended",)
    source.follow(7)  # chosen again, it is the new one that is meant
    assert asyncio.run(source.poll()).values
    assert not source.notes


def test_a_followed_process_that_takes_another_name_is_still_described(tmp_path: Path) -> None:
    _process(tmp_path, 7, b"sh")
    source = _source(tmp_path, _Clock())
    source.follow(7)
    asyncio.run(source.poll())
    _process(tmp_path, 7, b"worker")

    values = asyncio.run(source.poll()).values

    assert values
    assert {info.series for info in source.catalogue()} >= set(values)


def test_only_the_followed_process_is_read_while_nobody_looks_at_the_table(tmp_path: Path) -> None:
    _process(tmp_path, 7)
    (tmp_path / "8").symlink_to(tmp_path / "nowhere")
    source = _source(tmp_path, _Clock())
    source.watched = False
    source.follow(7)
    assert source.wanted
    assert source.interval_s == 1.0

    assert asyncio.run(source.poll()).tables == {}


def test_the_start_time_is_right_on_machines_with_a_long_interrupt_line(tmp_path: Path) -> None:
    _process(tmp_path, 7)
    source = _source(tmp_path, _Clock())
    (tmp_path / "stat").write_text("intr" + " 0" * 20_000 + "\nbtime 500\n")

    assert _rows(asyncio.run(source.poll()))[7].started_at == 500 + 100 / os.sysconf("SC_CLK_TCK")


def test_user_and_command_are_read_once_for_each_process(tmp_path: Path) -> None:
    clock = _Clock()
    _process(tmp_path, 7)
    source = _source(tmp_path, clock)
    before = _rows(asyncio.run(source.poll()))[7].command
    (tmp_path / "7" / "cmdline").write_bytes(b"changed\0")
    clock.now += 3.0
    assert _rows(asyncio.run(source.poll()))[7].command == before
    _process(tmp_path, 7, started=900)
    (tmp_path / "7" / "cmdline").write_bytes(b"another\0")
    clock.now += 3.0

    assert _rows(asyncio.run(source.poll()))[7].command == "another"


def test_the_real_table_holds_this_process_and_its_child_as_psutil_sees_them() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        source = ProcessSource(3.0, 1.0, 5.0, wall=time.time, monotonic=time.monotonic)
        source.watched = True
        rows = _rows(asyncio.run(source.poll()))
        child.communicate(b"\n")

    mine = rows[os.getpid()]
    assert mine.rss_bytes == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert mine.user == psutil.Process().username()
    assert mine.started_at == pytest.approx(psutil.Process().create_time(), abs=2)
    assert rows[child.pid].ppid == os.getpid()
