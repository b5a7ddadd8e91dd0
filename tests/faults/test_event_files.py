"""What happens to event files while a session reads them: writers that die, files that vanish, disks that hang."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from perftui.config.schema import WorkflowSource as Settings
from perftui.domain.samples import Batch
from perftui.domain.workflow import WorkState
from perftui.session.collector import Collector
from perftui.sources.base import Source
from perftui.sources.workflow.source import WorkflowSource
from tests.unit.session.workflow_events import Watched
from tests.unit.sources.workflow.reading import Reading, line

_WRITER = """
import sys, time
from perftui.events import workflow
wf = workflow(sys.argv[2], path=sys.argv[1])
with wf.phase("p") as phase:
    for number in range(int(sys.argv[3])):
        with phase.task(f"t{number}", agent=sys.argv[2]):
            pass
    print("wrote", flush=True)
    if len(sys.argv) > 4:
        with phase.task("last", agent=sys.argv[2]):
            print("begun", flush=True)
            time.sleep(60)
"""


def _writer(path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _WRITER, str(path), *arguments], stdout=subprocess.PIPE, text=True)


def test_writers_at_once_while_the_file_is_rotated_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.touch()
    reading = Reading(path)
    writers = [_writer(path, f"wf{number}", "300") for number in range(3)]
    rotated = 0
    while any(writer.poll() is None for writer in writers):
        reading.poll()
        if path.exists() and path.stat().st_size > 20_000:
            path.replace(tmp_path / "events.jsonl.1")
            rotated += 1
    for writer in writers:
        writer.communicate(timeout=60)
    reading.poll()
    watched = Watched(reading.events).at(time.time())

    assert rotated > 0
    assert [watched.phase("p", f"wf{number}").done for number in range(3)] == [300] * 3
    assert reading.source._tails.lines.skipped.broken == 0
    reading.close()


def test_a_writer_that_is_killed_leaves_a_task_that_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = _writer(path, "wf", "5", "sleep")
    assert writer.stdout is not None
    assert [writer.stdout.readline(), writer.stdout.readline()] == ["wrote\n", "begun\n"]
    writer.send_signal(signal.SIGKILL)
    writer.wait(30)
    writer.stdout.close()
    reading = Reading(path).poll()
    watched = Watched(reading.events, lost_after=30.0)

    assert watched.at(time.time()).task("last").state is WorkState.RUNNING
    assert watched.at(time.time() + 31).task("last").state is WorkState.LOST
    assert watched.phase("p").done == 5
    reading.close()


def test_a_session_that_starts_again_knows_what_it_knew(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    _writer(path, "wf", "50").communicate(timeout=60)
    rows = []
    for _ in range(2):
        reading = Reading(path).poll()
        rows.append(Watched(reading.events).at(1e10).tables)
        reading.close()

    assert rows[0] == rows[1]


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_collector_goes_on_at_once_while_there_is_more_to_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(line(number) for number in range(20_000)))
    # an interval that the test would never see the end of
    settings = Settings(str(path if kind == "file" else tmp_path), interval=3600.0)
    batches: list[Batch] = []

    def take(_: Source, batch: Batch) -> None:
        batches.append(batch)

    async def main() -> None:
        source = WorkflowSource("w", settings, wall=time.time, monotonic=time.monotonic)
        collector = Collector(source, take, wall=time.time, random=lambda: 0.5)
        task = asyncio.ensure_future(collector.run())
        await _until(lambda: sum(len(batch.events) for batch in batches) == 20_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.close()

    asyncio.run(main())
    assert len(batches) > 5


def test_a_file_that_is_missing_for_long_is_found_within_seconds(tmp_path: Path) -> None:
    source = WorkflowSource("w", Settings(str(tmp_path / "x")), wall=time.time, monotonic=time.monotonic)
    collector = Collector(source, lambda *_: None, wall=lambda: 1000.0, random=lambda: 0.999)

    async def main() -> None:
        for _ in range(8):
            await collector._poll_once()
        pause = asyncio.ensure_future(collector._pause())
        await asyncio.sleep(0)
        assert collector.health(1000.0).next_try_at is not None
        assert (collector.health(1000.0).next_try_at or 0) <= 1000.0 + source.longest_pause_s
        pause.cancel()
        await asyncio.gather(pause, return_exceptions=True)

    asyncio.run(main())
