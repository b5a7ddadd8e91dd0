from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from perftui.domain.workflow import Event
from perftui.events import Events, workflow
from perftui.sources.workflow.lines import Lines


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def told(path: Path) -> list[dict[str, Any]]:
    """The lines without their times."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name not in ("ts", "cpu_s")} for line in lines]


def read(path: Path) -> tuple[list[Event], list[str]]:
    reader, events = Lines(), list[Event]()
    reader.read(path.read_bytes().splitlines(), "", 1, events)
    return events, list(reader.skipped.notes())


def test_a_run_with_phases_tasks_and_agents_is_told_in_order(path: Path) -> None:
    phases = [{"name": "setup", "estimate_s": 8}, {"name": "build", "after": ["setup"]}]
    with workflow("wf_1", name="nightly", path=path, estimate_s=60, phases=phases) as wf:
        with wf.agent("agent_1", kind="builder", slots=2) as agent:
            agent.heartbeat()
            with wf.phase("setup", estimate_s=8) as phase, phase.task("t_1", "hash", agent, after=["t_0"]) as task:
                task.blocked("lock:db")
                task.unblocked()
                task.measured(io_bytes=10)
        wf.mark("deploy 1.4.2")

    wf_task = {"workflow": "wf_1", "task": "t_1"}
    assert told(path) == [
        {"type": "workflow.started", "workflow": "wf_1", "name": "nightly", "estimate_s": 60, "phases": phases},
        {"type": "agent.joined", "agent": "agent_1", "kind": "builder", "slots": 2},
        {"type": "agent.heartbeat", "agent": "agent_1"},
        {"type": "phase.started", "workflow": "wf_1", "phase": "setup", "estimate_s": 8},
        {"type": "task.queued", **wf_task, "phase": "setup", "kind": "hash", "after": ["t_0"]},
        {"type": "task.started", **wf_task, "phase": "setup", "agent": "agent_1"},
        {"type": "task.blocked", **wf_task, "agent": "agent_1", "on": "lock:db"},
        {"type": "task.unblocked", **wf_task, "agent": "agent_1"},
        {"type": "task.finished", **wf_task, "agent": "agent_1", "status": "ok", "io_bytes": 10},
        {"type": "phase.finished", "workflow": "wf_1", "phase": "setup", "status": "ok"},
        {"type": "agent.left", "agent": "agent_1"},
        {"type": "mark", "name": "deploy 1.4.2", "workflow": "wf_1"},
        {"type": "workflow.finished", "workflow": "wf_1", "status": "ok"},
    ]
    events, notes = read(path)
    assert (len(events), notes) == (13, [])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("no"), "failed"),
        (TimeoutError(), "timeout"),
        (subprocess.TimeoutExpired("x", 1), "timeout"),
        (KeyboardInterrupt(), "cancelled"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
def test_an_exception_is_told_and_goes_on(path: Path, error: BaseException, status: str) -> None:
    with pytest.raises(type(error)), workflow("wf", path=path) as wf, wf.phase("p") as phase, phase.task("t"):
        raise error

    assert [line["status"] for line in told(path) if "status" in line] == [status] * 3


def test_a_task_that_was_queued_before_is_not_queued_again(path: Path) -> None:
    task = workflow("wf", path=path).phase("p").task("t")
    task.queued()
    with task:
        pass

    assert [line["type"] for line in told(path)] == ["task.queued", "task.started", "task.finished"]


def test_cpu_time_is_of_the_thread_and_not_told_from_an_event_loop(path: Path) -> None:
    wf = workflow("wf", path=path)

    async def in_loop() -> None:
        with wf.task("async"):
            await asyncio.sleep(0)

    with wf.task("plain"):
        sum(range(100_000))
    asyncio.run(in_loop())
    finished = {one["task"]: one for one in map(json.loads, path.read_text().splitlines()) if "status" in one}
    assert finished["plain"]["cpu_s"] > 0
    assert "cpu_s" not in finished["async"]


def test_a_file_that_cannot_be_written_is_said_once_and_never_raises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with workflow("wf", path=tmp_path / "nowhere" / "events.jsonl") as wf, wf.task("t"):
        pass

    assert wf.dropped == 5
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "No such file or directory" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_does_not_reach_the_program() -> None:
    events = Events("/dev/full")
    events.mark("a")

    assert events.dropped == 1


def test_a_pipe_that_nobody_reads_does_not_hold_the_program_up(path: Path) -> None:
    os.mkfifo(path)
    events = Events(path)
    events.mark("a")

    assert events.dropped == 1


def test_nothing_is_written_without_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERFTUI_EVENTS", raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with workflow("wf") as wf:
        wf.mark("a")

    assert (wf.dropped, list(here.iterdir())) == (0, [])


def test_the_path_may_come_from_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFTUI_EVENTS", str(path))
    Events().mark("a")

    assert told(path) == [{"type": "mark", "name": "a"}]


def test_values_that_json_does_not_know_are_written_as_text_or_dropped(path: Path) -> None:
    events = Events(path)
    events.mark(Path("/x"))  # type: ignore[arg-type]
    events.write("task.finished", workflow="w", task="t", cpu_s=float("nan"))
    events.mark("line\nbreak \x1b[31m")
    events.mark("x" * (1 << 20))

    assert [line["name"] for line in told(path)] == ["/x", "line\nbreak \x1b[31m"]
    assert events.dropped == 2


def test_a_renamed_file_is_left_alone(path: Path) -> None:
    events = Events(path)
    events.mark("a")
    path.rename(path.with_name("old"))
    events.mark("b")

    assert [line["name"] for line in told(path)] == ["b"]


def _write_many(path: str, name: str) -> None:
    events = Events(path)
    threads = [threading.Thread(target=_marks, args=(events, f"{name}-{number}")) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _marks(events: Events, name: str) -> None:
    for number in range(200):
        events.mark(f"{name}-{number} " + "x" * (number * 7))


def test_lines_of_threads_and_processes_never_mix(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_many, args=(str(path), f"p{number}")) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    events, notes = read(path)
    assert notes == []
    assert len({event.name.split(" ")[0] for event in events}) == 3 * 4 * 200


_FORK = """
import os, sys, threading
from perftui.events import Events
events = Events(sys.argv[1])
stop = threading.Event()
def chatter():
    while not stop.is_set():
        events.mark("parent")
thread = threading.Thread(target=chatter)
thread.start()
children = []
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        events.mark("child")
        os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
stop.set()
thread.join()
"""


def test_forked_children_write_while_threads_of_the_parent_do(path: Path) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", _FORK, str(path)], check=True, timeout=60)

    events, notes = read(path)
    assert notes == []
    assert sum(event.name == "child" for event in events) == 20


def test_importing_it_loads_nothing_else_of_perftui_and_nothing_heavy() -> None:
    code = "import sys, perftui.events; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {name for name in loaded if name.startswith("perftui")} == {"perftui", "perftui.events"}
    # an editable installation may load some of them by itself
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"typing", "dataclasses", "asyncio", "socket", "subprocess", "inspect", "msgspec", "datetime", "logging"}
    assert set(loaded) & heavy <= set(bare)


def test_a_closed_stderr_is_no_trouble() -> None:
    code = "import os, sys; sys.stderr = None; from perftui.events import Events; Events('/nowhere/x').mark('a')"

    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0
