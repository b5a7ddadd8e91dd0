"""Storage trouble is named in one sentence, watching goes on, and writing resumes by itself."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from perftui.domain.alerts import AlertState, Severity
from perftui.domain.health import StorageHealth, StorageState
from perftui.domain.samples import Batch
from perftui.domain.triage import AlertSpan
from perftui.store.journal import Journal
from perftui.store.reader import JournalReader
from perftui.store.schema import VERSION

_KILLS = int(os.environ.get("PERFTUI_PROVE_KILLS", "20"))


def _until(condition: Callable[[], bool], what: str) -> None:
    """Wait for an event of the writer thread; a deadline, not a pause, ends a test that waits in vain."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.005)


def _batch(at: float) -> Batch:
    return Batch("host", at, 0.0, {"host/a": at, "host/b": 1.0})


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Journal]]:
    """Journals with short pauses between attempts; all are closed at the end."""
    made: list[Journal] = []

    def start(path: Path = tmp_path / "data" / "h.db", **options: float) -> Journal:
        settings = {"keep_raw_s": 1e12, "max_waiting": 50, **options}
        journal = Journal(path, wall=lambda: 1_000_000.0, retry_s=(0.02,), **settings)  # type: ignore[arg-type]
        journal.start()
        made.append(journal)
        return journal

    yield start
    for journal in made:
        journal.close()


def _fill(path: Path) -> None:
    """Write until the file system is full."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(fd, b"x" * 4096) == 4096:
            pass
    os.close(fd)


def _settled(journal: Journal, at: float) -> None:
    """The tick was written, or the journal says why not."""
    _until(lambda: journal.health().acknowledged_at == at or bool(journal.health().reason), "stuck")


def _ticks(path: Path) -> list[float]:
    connection = sqlite3.connect(path)
    try:
        return [at for (at,) in connection.execute("SELECT at FROM ticks ORDER BY at")]
    finally:
        connection.close()


def _in_trouble(journal: Journal, words: str) -> StorageHealth:
    _until(lambda: words in journal.health().reason, f"{words!r} not in {journal.health().reason!r}")
    return journal.health()


def test_the_file_and_its_folder_are_private(make: Callable[..., Journal], tmp_path: Path) -> None:
    journal = make()
    journal.append(1.0, [_batch(1.0)])
    _until(lambda: journal.health().acknowledged_at == 1.0, "not written")

    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "h.db").stat().st_mode & 0o777 == 0o600


def test_a_locked_journal_is_named_and_writing_resumes(make: Callable[..., Journal], tmp_path: Path) -> None:
    journal = make()
    journal.append(1.0, [_batch(1.0)])
    _until(lambda: journal.health().acknowledged_at == 1.0, "not written")
    other = sqlite3.connect(tmp_path / "data" / "h.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.append(2.0, [_batch(2.0)])

    health = _in_trouble(journal, "is locked by another program")
    assert health.state is StorageState.MEMORY
    assert health.waiting == 1
    other.execute("ROLLBACK")
    other.close()

    _until(lambda: journal.health().acknowledged_at == 2.0, "did not resume")
    assert journal.health().state is StorageState.OK
    assert _ticks(tmp_path / "data" / "h.db") == [1.0, 2.0]


def test_a_full_disk_is_named_and_the_oldest_waiting_ticks_are_counted_when_dropped(
    make: Callable[..., Journal], tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: a file system of its own is mounted to be filled")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"can't mount a small file system here: {mounted.stderr.strip()}")
    try:
        journal = make(folder / "h.db")
        journal.append(0.0, [_batch(0.0)])
        _until(lambda: journal.health().acknowledged_at == 0.0, "not written")
        ballast = folder / "ballast"
        _fill(ballast)
        at = 0.0
        while "full" not in journal.health().reason:
            at += 1
            journal.append(at, [Batch("host", at, 0.0, {f"host/s{index}": at for index in range(200)})])
            _settled(journal, at)
            assert at < 2000, "the disk never filled"
        for extra in range(60):
            journal.append(at + 1 + extra, [_batch(at + 1 + extra)])
        assert journal.health().dropped > 0
        assert journal.health().waiting <= 50

        ballast.unlink()

        _until(lambda: journal.health().state is StorageState.OK and not journal.health().waiting, "did not resume")
        journal.close()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_read_only_disk_is_named_and_writing_resumes(make: Callable[..., Journal], tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: a file system of its own is mounted and made read-only")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"can't mount a small file system here: {mounted.stderr.strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        journal = make(folder / "h.db")
        journal.append(1.0, [_batch(1.0)])
        assert _in_trouble(journal, "Read-only file system").state is StorageState.MEMORY

        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)

        _until(lambda: journal.health().acknowledged_at == 1.0, "did not resume")
        journal.close()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_corrupt_journal_is_set_aside_never_deleted(make: Callable[..., Journal], tmp_path: Path) -> None:
    path = tmp_path / "data" / "h.db"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"SQLite format 3\x00" + os.urandom(8192))

    journal = make(path)
    journal.append(1.0, [_batch(1.0)])

    health = _in_trouble(journal, "was corrupt; it was set aside as h.db.corrupt-19700112T134640Z")
    assert health.state is StorageState.OK
    _until(lambda: journal.health().acknowledged_at == 1.0, "not written")
    assert (path.parent / "h.db.corrupt-19700112T134640Z").read_bytes().startswith(b"SQLite format 3")


def test_a_journal_that_is_corrupted_while_it_is_written_is_replaced(
    make: Callable[..., Journal], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "h.db"
    journal = make(path)
    journal.append(1.0, [_batch(1.0)])
    _until(lambda: journal.health().acknowledged_at == 1.0, "not written")
    for ending in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.unlink()
    journal.append(2.0, [_batch(2.0)])
    _until(lambda: journal.health().acknowledged_at == 2.0 or journal.health().reason != "", "stuck")
    journal.append(3.0, [_batch(3.0)])

    _until(lambda: journal.health().acknowledged_at == 3.0, f"did not resume: {journal.health()}")


def test_a_folder_in_its_place_is_named(make: Callable[..., Journal], tmp_path: Path) -> None:
    path = tmp_path / "data" / "h.db"
    path.mkdir(parents=True)

    assert _in_trouble(make(path), "is a folder, not a journal file").state is StorageState.MEMORY


def test_a_folder_that_cannot_be_made_is_named(make: Callable[..., Journal], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert _in_trouble(make(tmp_path / "file" / "h.db"), "can't write").state is StorageState.MEMORY


def test_a_second_perftui_keeps_its_history_in_memory_and_takes_over(
    make: Callable[..., Journal], tmp_path: Path
) -> None:
    first = make()
    first.append(1.0, [_batch(1.0)])
    _until(lambda: first.health().acknowledged_at == 1.0, "not written")
    second = make()
    second.append(2.0, [_batch(2.0)])
    _in_trouble(second, f"another perftui (pid {os.getpid()}) writes this journal")

    first.close()

    _until(lambda: second.health().acknowledged_at == 2.0, "did not take over")
    assert _ticks(tmp_path / "data" / "h.db") == [1.0, 2.0]


def test_a_journal_of_a_newer_perftui_is_left_alone(make: Callable[..., Journal], tmp_path: Path) -> None:
    path = tmp_path / "data" / "h.db"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()

    _in_trouble(make(path), f"it has schema {VERSION + 1}, this perftui knows {VERSION}")

    assert path.read_bytes()[:100] == before[:100]


def test_old_ticks_are_pruned_and_newer_ones_kept(make: Callable[..., Journal], tmp_path: Path) -> None:
    journal = make(keep_raw_s=100.0)
    journal.append(1.0, [_batch(999_000.0), _batch(999_950.0)])
    _until(lambda: journal.health().oldest_at == 999_950.0, "not pruned")
    journal.close()

    assert _ticks(tmp_path / "data" / "h.db") == [999_950.0]


def test_marks_firings_and_runs_are_kept(make: Callable[..., Journal], tmp_path: Path) -> None:
    journal = make()
    journal.mark(1.0, "deploy", "1.4.2")
    span = AlertSpan("f1@2.0", "f1", "Slow", Severity.CRITICAL, AlertState.FIRING, 2.0, None, (("job", "api"),))
    ended = msgspec.structs.replace(span, end=3.0)
    journal.firing(span)
    journal.firing(ended)
    journal.run("r1", 4.0, None, "nightly", {"p95_ms": 12.5})
    journal.close()

    connection = sqlite3.connect(tmp_path / "data" / "h.db")
    assert connection.execute("SELECT at, name, text FROM marks").fetchall() == [(1.0, "deploy", "1.4.2")]
    assert JournalReader(tmp_path / "data" / "h.db").firings(2.5, 10) == ([ended], 0.0)
    assert JournalReader(tmp_path / "data" / "h.db").firings(3.5, 10) == ([], 0.0)
    assert connection.execute("SELECT id, name, summary FROM runs").fetchall() == [
        ("r1", "nightly", '{"p95_ms": 12.5}')
    ]
    connection.close()


_WRITER = """
import sys, time
from pathlib import Path
from perftui.domain.samples import Batch
from perftui.store.journal import Journal
journal = Journal(Path(sys.argv[1]), wall=time.time, keep_raw_s=1e12)
journal.start()
told, at = None, float(sys.argv[2])
while True:
    at += 1
    journal.append(at, [Batch("host", at, 0.0, {"host/a": at})])
    safe = journal.health().acknowledged_at
    if safe is not None and safe != told:
        told = safe
        print(safe, flush=True)
    time.sleep(0.0005)
"""


def test_kill_9_loses_no_acknowledged_tick(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    at = 0.0
    for round_number in range(_KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), str(at)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        told = [float(writer.stdout.readline()) for _ in range(5 + round_number % 7)]
        writer.send_signal(signal.SIGKILL)
        told += [float(line) for line in writer.stdout.read().splitlines() if line]
        writer.stdout.close()
        writer.wait()

        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        connection.close()
        kept = set(_ticks(path))
        expected = {at + 1 + index for index in range(int(told[-1] - at))}
        assert expected <= kept, f"round {round_number}: lost {sorted(expected - kept)[:5]}"
        at = max(kept)
