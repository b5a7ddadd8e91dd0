"""What reading workflow events costs, through the source and the model, and whether every event counts exactly once.

``python -m benchmarks.events [--events N] [--gib G]`` writes a file with 1 % broken lines and reads it; 1 when a bound
does not hold. With ``--gib`` the file has that size, and memory is what matters.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from perftui.config.schema import WorkflowSource as Settings
from perftui.session.workflows import Workflows
from perftui.sources.workflow.source import WorkflowSource

EVENTS_PER_S = 100_000
PEAK_MB = 400
TURN_MS = 20.0
_START = 1_760_000_000.0
_AGENTS, _PHASES, _TASKS_A_RUN = 200, 4, 20_000
_KINDS = ("hash", "compress", "fetch")


class Expected(NamedTuple):
    """What was written."""

    lines: int
    events: int
    broken: int
    done: int
    failed: int
    size: int


def write(path: Path, most_lines: int, most_bytes: int) -> Expected:
    """Tasks of three events each on 200 agents, in runs of 20 000; every 100th line is one that nobody can read."""
    lines = size = broken = done = failed = 0
    with path.open("wb") as file:
        for line, status in _lines():
            if lines >= most_lines or size >= most_bytes:
                break
            lines += 1
            if lines % 100 == 0:
                broken += 1
                size += file.write(b'{"ts":"yesterday","type":"task.started","workflow":"wf_1","task":\n')
                lines += 1
            done += status == "ok"
            failed += status == "failed"
            size += file.write(line)
    return Expected(lines, lines - broken, broken, done, failed, size)


def _lines() -> Iterator[tuple[bytes, str]]:
    task = 0
    while True:
        run, number = divmod(task, _TASKS_A_RUN)
        about = {"workflow": f"wf_{run}", "phase": f"phase_{number * _PHASES // _TASKS_A_RUN}", "task": f"t_{number}"}
        at = _START + task * 0.01
        status = "failed" if task % 50 == 0 else "ok"
        agent = f"agent_{task % _AGENTS}"
        yield _line(at, "task.queued", kind=_KINDS[task % 3], **about), ""
        yield _line(at + 0.2, "task.started", agent=agent, attempt=1, **about), ""
        took = 1.0 + (task % 97) / 100
        yield _line(at + 0.2 + took, "task.finished", status=status, cpu_s=0.4, io_bytes=4096, **about), status
        task += 1


def _line(at: float, event: str, **fields: object) -> bytes:
    return json.dumps({"ts": round(at, 6), "type": event, **fields}, separators=(",", ":")).encode() + b"\n"


class Measured(NamedTuple):
    took_s: float
    cpu_s: float
    longest_apply_ms: float
    rows_ms: float
    rows_s: float
    events: int


async def read(path: Path, workflows: Workflows) -> tuple[Measured, WorkflowSource]:
    """Poll as a session does, with rows once a second. What holds the event loop up is measured as CPU time: what other
    programs do at the same time is not ours.
    """
    source = WorkflowSource("bench", Settings(str(path)), wall=time.time, monotonic=time.monotonic)
    began, cpu, ticked = time.perf_counter(), time.process_time(), time.perf_counter()
    longest, events, rows = 0.0, 0, [0.0]
    at, rows_s = _START, 0.0
    while True:
        batch = await source.poll()
        if batch.error is not None:
            raise RuntimeError(batch.error.message)
        before = time.thread_time()
        workflows.take("bench", batch.events)
        longest = max(longest, time.thread_time() - before)
        events += len(batch.events)
        at = batch.events[-1].at if batch.events else at
        if time.perf_counter() - ticked > 1.0:
            before, ticked = time.thread_time(), time.perf_counter()
            workflows.batch("bench", at)
            rows.append(time.thread_time() - before)
            rows_s += time.perf_counter() - ticked
            ticked = time.perf_counter()
        if not source.behind:
            break
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    workflows.batch("bench", at)
    return Measured(took, cpu, longest * 1e3, max(rows) * 1e3, rows_s, events), source


def json_alone(path: Path) -> float:
    """Lines a second that the standard library's parser reads of the same file, and does nothing with."""
    with path.open("rb") as file:
        lines = [line for line in islice(file, 100_000) if not line.startswith(b'{"ts":"yesterday')]
    began = time.perf_counter()
    for line in lines:
        json.loads(line)
    return len(lines) / (time.perf_counter() - began)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--gib", type=float, default=None)
    options = arguments.parse_args()
    lines = options.events if options.gib is None else sys.maxsize
    size = sys.maxsize if options.gib is None else int(options.gib * 2**30)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.jsonl")
        expected = write(path, lines, size)
        # what writing needed is not what reading needs: but it only ever grows
        before = _peak_mb()
        workflows = Workflows({"bench": Settings(str(path))})
        alone = json_alone(path)
        measured, source = asyncio.run(read(path, workflows))
        alone = (alone + json_alone(path)) / 2
        rows = workflows.batch("bench", _START + expected.events).tables["workflows"]
        asyncio.run(source.close())
    # rows are made once a second, however many events there are
    rate = measured.events / (measured.took_s - measured.rows_s)
    done, failed = sum(row.done for row in rows), sum(row.failed for row in rows)
    counts = (measured.events, done, failed) == (expected.events, expected.done, expected.failed)
    noted = any(note.startswith(f"{expected.broken} broken lines") for note in source.notes)
    peak = _peak_mb()
    print(f"{expected.lines} lines, {expected.size / 2**30:.2f} GiB, {expected.broken} of them broken")
    took = f"{measured.took_s:.1f} s ({measured.cpu_s:.1f} s of CPU), {measured.rows_s:.1f} s of it for rows"
    print(f"{measured.events} events in {took}")
    print(f"reading and applying: {rate:.0f} events/s")
    print(f"json.loads alone: {alone:.0f} lines/s; ratio {rate / alone:.2f}")
    applied, rows = f"{measured.longest_apply_ms:.1f} ms of CPU at most", f"{measured.rows_ms:.1f} ms at most"
    print(f"applying a slice {applied}, all rows {rows}")
    print(f"peak memory {peak:.0f} MB ({before:.0f} MB before)")
    print(f"counts are {'exact' if counts and noted else 'WRONG'}: {done} done, {failed} failed; {source.notes}")
    ok = counts and noted and rate >= EVENTS_PER_S and peak <= PEAK_MB
    print(f"bounds: {EVENTS_PER_S} events/s, {PEAK_MB} MB: {'hold' if ok else 'BROKEN'}")
    return 0 if ok else 1


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
