"""The demo with its real processes on loopback: what it tells, what its faults change, and that nothing outlives it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.demo.plan import AGENTS, LINK
from tests.e2e.demo_run import ROOT, Demo, demo, fastest, get, until

_ITEM_BYTES = 65_536


@pytest.fixture
def healthy(tmp_path: Path) -> Iterator[Demo]:
    with demo(tmp_path / "demo", "--no-fault") as started:
        yield started


def _slow_ones(text: str, handler: str, above: str) -> int:
    """Requests in a histogram that took longer than one of its bounds."""
    found = re.findall(rf'_bucket{{handler="{handler}",le="({re.escape(above)}|\+Inf)"}} (\d+)', text)
    counts = {bound: int(count) for bound, count in found}
    return counts["+Inf"] - counts[above]


def test_its_first_line_says_where_everything_is_and_every_port_is_a_free_one(tmp_path: Path) -> None:
    with demo(tmp_path / "one", "--no-fault") as one, demo(tmp_path / "two", "--no-fault") as two:
        assert one.ready["agents"] == [f"agent_{number + 1}" for number in range(AGENTS)]
        assert one.ready["pid"] == one.process.pid
        assert Path(one.ready["events"]) == one.path
        assert len({each.ready[name] for each in (one, two) for name in ("service", "client")}) == 4
        for each in (one, two):
            status, text = get(each.ready["service"], "/metrics")
            assert status == 200
            assert b"# TYPE http_request_duration_seconds histogram" in text
            # the customers are at work without being asked to
            until(lambda url=each.ready["client"]: b'code="200"} 5' in get(url, "/metrics")[1], "50 requests")


def test_a_run_has_four_phases_and_a_straggler_in_its_build_only_while_that_fault_is_there(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", "--fault", "straggler:4", "--fault-after", "0") as started:
        late = started.wait("task.finished", workflow="demo-1", task=LINK)
        waiting = [event["task"] for event in started.events("task.queued") if event.get("after") == [LINK]]
        first = started.wait("task.started", workflow="demo-1", task=waiting[0])
        started.tell("lift")
        ended = started.wait("workflow.finished", workflow="demo-1")
        punctual = started.wait("task.finished", workflow="demo-2", task=LINK)
        events = started.events()

    assert late["io_bytes"] == 4 * _ITEM_BYTES
    assert first["ts"] > late["ts"]
    others = {e["io_bytes"] for e in events if e["type"] == "task.finished" and e["task"] != LINK}
    assert others == {_ITEM_BYTES}
    assert punctual["io_bytes"] == _ITEM_BYTES
    assert ended["status"] == "ok"
    run = [event for event in events if event.get("workflow") == "demo-1"]
    phases = [(e["type"], e["phase"]) for e in run if e["type"] in ("phase.started", "phase.finished")]
    assert phases == [
        (type_, phase)
        for phase in ("setup", "build", "test", "deploy")
        for type_ in ("phase.started", "phase.finished")
    ]
    finished = [event for event in run if event["type"] == "task.finished"]
    assert len({event["agent"] for event in finished}) == AGENTS
    assert {event["kind"] for event in finished} == {"hash", "compress", "fetch"}
    assert all(event["cpu_s"] > 0 and event["rss_bytes"] > 0 for event in finished)
    assert [e["name"] for e in events if e["type"] == "mark"] == [
        "fault straggler:4 injected",
        "fault straggler:4 lifted",
    ]


def test_of_a_smaller_pool_fewer_agents_work_until_it_is_lifted(healthy: Demo) -> None:
    assert healthy.tell("fault pool:4") == {"ok": "fault pool:4 injected"}
    mark = healthy.wait("mark", name="fault pool:4 injected")
    gone = {f"agent_{number}" for number in (3, 4, 5, 6)}
    left = [healthy.wait("agent.left", agent=agent, reason="fault pool:4", after=mark["ts"]) for agent in gone]
    small = max(event["ts"] for event in left)
    until(lambda: len([e for e in healthy.events("task.finished") if e["ts"] > small]) >= 10, "ten tasks")
    assert {e["agent"] for e in healthy.events("task.started") if e["ts"] > small} == {"agent_1", "agent_2"}
    assert sorted(healthy.tell("status")["agents"]) == ["agent_1", "agent_2"]

    assert healthy.tell("lift") == {"ok": "fault pool:4 lifted"}
    lifted = healthy.wait("mark", name="fault pool:4 lifted")["ts"]
    for agent in gone:
        healthy.wait("agent.joined", agent=agent, after=lifted)
        healthy.wait("task.finished", agent=agent, status="ok", after=lifted)


def test_a_slow_handler_is_slow_for_everybody_and_the_others_are_not(healthy: Demo) -> None:
    service, client = healthy.ready["service"], healthy.ready["client"]
    assert fastest(service, "/checkout") < 0.4

    healthy.tell("fault slow:400")
    assert fastest(service, "/checkout") >= 0.4
    assert fastest(service, "/catalog") < 0.4
    until(lambda: _slow_ones(get(client, "/metrics")[1].decode(), "/checkout", "0.3") >= 3, "slow for the client too")
    healthy.tell("fault slow:900")
    assert fastest(service, "/checkout") >= 0.9

    healthy.tell("lift")
    assert fastest(service, "/checkout") < 0.4


def test_failing_tasks_really_fail_and_are_tried_three_times(healthy: Demo) -> None:
    healthy.tell("fault failing:100")
    begun = healthy.wait("mark", name="fault failing:100 injected")["ts"]
    third = healthy.wait("task.finished", after=begun, kind="compress", attempt=3)
    healthy.tell("lift")
    lifted = healthy.wait("mark", name="fault failing:100 lifted")["ts"]
    queued = healthy.wait("task.queued", after=lifted, kind="compress", attempt=1)
    healthy.wait("task.finished", after=lifted, task=queued["task"], status="ok", attempt=1)

    assert third["status"] == "failed"
    attempts = [e for e in healthy.events("task.finished") if e["task"] == third["task"]]
    assert [(e["attempt"], e["status"]) for e in attempts] == [(1, "failed"), (2, "failed"), (3, "failed")]
    failed = [e for e in healthy.events("task.finished") if e["status"] != "ok"]
    assert {e["kind"] for e in failed} == {"compress"}
    assert healthy.wait("phase.finished", after=lifted, phase="setup")["status"] == "failed"


def test_who_is_killed_is_named_and_replaced_and_the_work_goes_on(healthy: Demo) -> None:
    os.kill(healthy.ready["pids"]["agent_2"], signal.SIGKILL)
    left = healthy.wait("agent.left", agent="agent_2")
    assert left["reason"] == "killed by SIGKILL"

    for name in ("service", "client"):
        os.kill(healthy.ready["pids"][name], signal.SIGKILL)
        killed = healthy.wait("mark", name=f"{name} killed by SIGKILL")
        healthy.wait("mark", name=f"{name} started again", after=killed["ts"])
        until(lambda name=name: get(healthy.ready[name], "/metrics")[0] == 200, "it answers where it did")

    healthy.wait("agent.joined", agent="agent_2", after=left["ts"])
    again = healthy.wait("task.finished", agent="agent_2", after=left["ts"])
    assert again["status"] == "ok"
    now = healthy.events()[-1]["ts"]
    healthy.wait("task.finished", after=now, status="ok")
    assert not [e for e in healthy.events("task.finished") if e["status"] != "ok"]
    for name in ("agent_2", "service", "client"):
        assert healthy.pid(name) != healthy.ready["pids"][name]


def test_the_task_of_a_killed_agent_is_tried_again(healthy: Demo) -> None:
    def killed_at_work() -> str:
        """The task of an agent that was at work when it was killed."""
        os.kill(healthy.pid("agent_1"), signal.SIGSTOP)
        started = [e["task"] for e in healthy.events("task.started") if e["agent"] == "agent_1"]
        finished = [e["task"] for e in healthy.events("task.finished") if e["agent"] == "agent_1"]
        at_work = started and started[-1:] != finished[-1:]
        os.kill(healthy.pid("agent_1"), signal.SIGKILL if at_work else signal.SIGCONT)
        return started[-1] if at_work else ""

    task = until(killed_at_work, "an agent at work")

    healthy.wait("agent.left", agent="agent_1", reason="killed by SIGKILL")
    healthy.wait("task.queued", task=task, attempt=2)
    healthy.wait("task.finished", task=task, attempt=2, status="ok")


def test_a_service_that_is_started_again_is_still_slow(healthy: Demo) -> None:
    healthy.tell("fault slow:500")
    os.kill(healthy.ready["pids"]["service"], signal.SIGKILL)
    healthy.wait("mark", name="service started again")

    assert until(lambda: fastest(healthy.ready["service"], "/checkout"), "an answer") >= 0.5


_GARBAGE = {
    b"\n": "unknown command",
    b"hello\n": "unknown command",
    b"stop it\n": "unknown command",
    b"fault\x00 \xff\xfe\n": "unknown command",
    b"\x1b]0;title\x07\n": "unknown command",
    b"x" * 100_000 + b"\n": "unknown command",
    b"fault nothing:3\n": "known are pool:K",
    b"fault \xff\n": "known are pool:K",
    b"fault pool:6\n": "from 1 to 5",
    b"fault pool:-1\n": "from 1 to 5",
    b"fault slow:1e3\n": "from 1 to 5000",
}


def test_garbage_is_answered_with_one_error_and_harms_nothing(healthy: Demo) -> None:
    for garbage, words in _GARBAGE.items():
        healthy.send(garbage)
        answer = healthy.answer()
        assert set(answer) == {"error"}
        assert words in answer["error"]
        assert answer["error"].isprintable()

    status = healthy.tell("status")
    assert status == healthy.ready
    healthy.wait("task.finished", after=healthy.events()[-1]["ts"], status="ok")


def test_nobody_without_the_token_can_inject_anything(healthy: Demo) -> None:
    address = healthy.ready["service"].removeprefix("http://")
    for headers in ({}, {"X-Demo-Token": ""}, {"X-Demo-Token": "0" * 32}):
        connection = http.client.HTTPConnection(address, timeout=20)
        connection.request("POST", "/fault", json.dumps({"handler": "/checkout", "sleep_s": 5}), headers)
        assert connection.getresponse().status == 403
        connection.close()
    assert fastest(healthy.ready["service"], "/checkout") < 5


@pytest.mark.parametrize("end", ["stop", "eof", "TERM", "INT", "HUP", "KILL"])
def test_no_process_of_the_demo_outlives_it(tmp_path: Path, end: str) -> None:
    with demo(tmp_path / "demo", "--fault", "pool:2", "--fault-after", "0") as started:
        until(lambda: len(started.events("agent.left")) == 2, "a pool of four")
        if end == "stop":
            assert started.tell("stop") == {"ok": "stopping"}
        elif end == "eof":
            assert started.process.stdin is not None
            started.process.stdin.close()
        else:
            started.process.send_signal(signal.Signals[f"SIG{end}"])
        code = started.process.wait(20)

        until(started.is_gone, f"nothing is left: {started.processes()}")
        assert code == (-signal.SIGKILL if end == "KILL" else 0)
        if end != "KILL":
            assert started.events()[-1]["status"] == "cancelled"
            reasons = [event["reason"] for event in started.events("agent.left")]
            assert sorted(reasons) == ["fault pool:2"] * 2 + ["the demo ended"] * 4


def test_children_that_stand_still_end_too(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", "--no-fault") as started:
        for name in ("agent_4", "service"):
            os.kill(started.ready["pids"][name], signal.SIGSTOP)
        started.tell("stop")

        assert started.process.wait(20) == 0
        until(started.is_gone, "nothing is left")


def test_a_parent_that_is_killed_takes_the_demo_with_it_and_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    parent = subprocess.Popen(
        [sys.executable, "-c",
         "import subprocess, sys, time\n"
         "demo = subprocess.Popen([sys.executable, '-m', 'perftui.demo', '--folder', sys.argv[1], '--remove'],\n"
         "                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)\n"
         "print(demo.stdout.readline().decode(), end='', flush=True)\n"
         "time.sleep(600)\n", str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert parent.stdout is not None
        ready = json.loads(parent.stdout.readline())
        assert folder.is_dir()
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()

    pids = [ready["pid"], *ready["pids"].values()]
    until(lambda: not any(_is_alive(pid) for pid in pids), "nothing is left")
    until(lambda: not folder.exists(), "its folder is gone")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # one that nobody has waited for is dead all the same
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--fault", "pol"), "known are pool:K"),
        (("--fault", "slow:0"), "from 1 to 5000"),
        (("--fault", "pool", "--no-fault"), "either --fault or --no-fault"),
        (("--seconds", "soon"), "a number of seconds"),
    ],
)
def test_what_it_is_told_wrongly_it_says_in_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "perftui.demo", "--folder", str(tmp_path), *arguments],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert answer.returncode == 2
    assert words in json.loads(answer.stdout)["error"]
    assert answer.stderr == ""


def test_a_folder_with_something_in_it_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")

    answer = subprocess.run(
        [sys.executable, "-m", "perftui.demo", "--folder", str(tmp_path), "--remove"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert "not empty" in json.loads(answer.stdout)["error"]
    assert (tmp_path / "precious").read_text() == "mine"


def test_it_ends_by_itself_and_lifts_by_itself(tmp_path: Path) -> None:
    timing = ("--fault-after", "0.2", "--lift-after", "0.5", "--seconds", "2")
    with demo(tmp_path / "demo", "--fault", "slow", *timing) as started:
        assert started.process.wait(20) == 0
        marks = [event["name"] for event in started.events("mark")]

    assert marks == ["fault slow:400 injected", "fault slow:400 lifted"]
