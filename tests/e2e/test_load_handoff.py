"""A plan on a real Locust, and on what k6 says, started and stopped as the console does it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from perftui.load.frames import Delta, Pause, Phase, Rate, Stop, Up
from perftui.load.handoff.launcher import Launcher, launcher
from perftui.load.job import Address, Job
from perftui.load.places import Found
from perftui.load.plan import Plan, PlannedTarget, job_of, told
from perftui.load.record import record
from perftui.load.run import Run
from tests.e2e.load_site import Console, Site, audited, kept, until
from tests.services import require

_LINES = Path(__file__).parents[1] / "data" / "load" / "k6_points.jsonl"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.seen.append((time.monotonic(), self.path, dict(self.headers)))
        if self.path == "/slow":
            self.server.is_over.wait(60)
        body = b'{"user": {"id": 7}}'
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Remembers who asked for what, and when."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.is_over = threading.Event()
        self.seen: list[tuple[float, str, dict[str, str]]] = []


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.05,))
        thread.start()
        yield found
        found.is_over.set()
        found.shutdown()
        thread.join()


@pytest.fixture
def left() -> Callable[[], list[psutil.Process]]:
    """The processes that this test has started and that are still there."""
    before = psutil.Process().children()
    return lambda: [one for one in psutil.Process().children() if one not in before]


@pytest.fixture
def locust(monkeypatch: pytest.MonkeyPatch) -> str:
    """On the PATH, as people have it who do not have it beside perftui."""
    folder = str(Path(require("locust")).parent)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def _whole(launch: Launcher) -> Run:
    async def run() -> Run:
        return await asyncio.wait_for(launch.finish(), 100)

    return asyncio.run(run())


def _planned(server: Server, monkeypatch: pytest.MonkeyPatch, **values: Any) -> tuple[Plan, Job]:
    """For a host whose name leads nowhere: only who takes the address that was judged gets there."""
    port = server.server_address[1]
    monkeypatch.setattr("perftui.load.plan_job.look_up", lambda host, port: Found((Address("127.0.0.1", port),), 0))
    plan = Plan(f"http://target.invalid:{port}/", headers={"X-Api-Key": "hush"}, breaker=0.0, ramp="0s", **values)
    return plan, job_of(plan)[0]


def test_locust_with_a_master_and_two_workers_is_started_watched_and_stopped_by_a_console_and_its_record_is_kept(
    locust: str,
) -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            checked = {"name": "home", "checks": ["status == 200", "body ~ nothing of the kind"]}
            plan = site.plan(
                rate=50.0, duration="5m", connections=4, ramp="0s", breaker=0.0, targets=[checked],
                thresholds=[{"expr": "p(95)<60000"}, {"expr": "checks: rate>0.9"}],
            )  # fmt: skip
            run_id = await console.start(plan, engine="locust", workers=2)
            # without its lease: this is about engines, and a machine that stands still for two seconds would end it
            await console.ask("load_detach", run_id=run_id)
            mirror = console.mirror
            await until(lambda: mirror.load is not None and mirror.load.done >= 20, "answers are told")
            left = psutil.Process(console.session.pid).children(recursive=True)
            await console.ask("load_stop")
            await console.over()
            await until(lambda: kept(run_id).get("stopped_by") == "user", "its record")
            found = kept(run_id)

            assert len(left) == 3
            assert [one for one in left if one.is_running()] == []
            assert found["engine"].startswith("locust 2.")
            assert "Locust timed it" in found["percentile_quality"]
            assert 20 <= found["done"] <= found["sent"] <= found["offered"]
            # what was under way when it ended was not told any more
            assert found["done"] <= site.hits
            assert found["sent"] <= site.hits + 4
            # a machine that stands still has timeouts, too
            assert found["errors"]["check"] + found["timed_out"] == found["done"]
            assert found["checks"]["status == 200"] == {"passed": found["errors"]["check"], "failed": 0}
            assert [threshold["ok"] for threshold in found["thresholds"]] == [True, False]
            assert found["exit_code"] == 99
            assert audited() == [("load", "started"), ("load_detach", "done"), ("load", "user")]

    asyncio.run(asyncio.wait_for(main(), 110))


def test_an_engine_that_is_not_there_is_refused_to_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            for engine, told in (("k6", "there is no k6 on the PATH"), ("steam", "unknown engine")):
                answer = await console.client.request("load_start", plan=site.plan(), client="x", engine=engine)
                assert told in answer.error
            assert site.hits == 0

    monkeypatch.setenv("PATH", "/nowhere")
    asyncio.run(asyncio.wait_for(main(), 110))


def test_a_run_on_locust_is_held_goes_faster_and_ends_by_itself_with_every_arrival_of_the_plan(
    locust: str, server: Server, monkeypatch: pytest.MonkeyPatch, left: Callable[[], list[psutil.Process]]
) -> None:
    plan, job = _planned(server, monkeypatch, rate=40.0, duration="1500ms", connections=4)
    held: list[int] = []
    phases: list[str] = []

    def heard(message: Up) -> None:
        done = launch.run.tally.done
        if isinstance(message, Phase):
            phases.append(message.name)
        if isinstance(message, Delta) and done >= 10 and not held:
            launch.command(Pause(True))
            held.append(done)
        elif isinstance(message, Delta) and len(held) == 1 and message.in_flight == 0:
            held.append(done)
            launch.command(Pause(False))
            launch.command(Rate(2.0))

    launch = launcher("locust", plan, job, heard)
    run = _whole(launch)

    assert run.stopped_by == "duration"
    assert run.tally.offered == run.tally.sent == run.tally.done == run.tally.lag.n
    # 60 were planned; with twice the rate for what was left it is fewer than twice as many
    assert 60 < run.tally.done < 120
    assert run.measured_s == 1.5
    assert {headers["X-Api-Key"] for _, _, headers in server.seen} == {"hush"}
    assert all(headers["User-Agent"].endswith(f"run/{job.run_id}") for _, _, headers in server.seen)
    assert left() == []
    assert phases == ["measure", "paused", "measure", "drain"]
    assert record(run, job, told(plan), 0.0, {}, {})["limited_by"] in ("none", "generator", "connections")


def test_what_takes_too_long_on_locust_is_a_timeout(
    locust: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = (PlannedTarget(path="/slow"),)
    plan, job = _planned(server, monkeypatch, rate=10.0, duration="500ms", timeout="200ms", probe=False, targets=slow)
    run = _whole(launcher("locust", plan, job, lambda message: None))

    assert run.tally.errors == {"timeout": 5}
    assert run.tally.timed_out == 5


def test_when_whoever_started_it_is_killed_locust_ends_with_its_workers(
    locust: str, server: Server, tmp_path: Path
) -> None:
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    with subprocess.Popen(
        [sys.executable, "-m", "perftui", "load", "run", url, "--engine", "locust", "--workers", "1"],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        next(line for line in process.stderr if "ramp" in line)
        left = psutil.Process(process.pid).children(recursive=True)
        process.kill()

    assert len(left) >= 2
    _, alive = psutil.wait_procs(left, timeout=60)
    assert alive == []


def test_a_locust_that_does_not_start_is_told_with_its_own_words(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "locust"
    program.write_text("#!/bin/sh\necho no gevent for you >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    plan, job = _planned(server, monkeypatch)
    run = _whole(launcher("locust", plan, job, lambda message: None))

    assert run.stopped_by == "engine: no gevent for you"


@pytest.fixture
def k6(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Says what a real k6 said, and goes on until it is interrupted when its script holds the word ``endless``."""
    program = tmp_path / "k6"
    program.write_text(f"""#!{sys.executable}
import signal, sys, time
if sys.argv[1] == "version":
    print("k6 v1.1.0 (as it was recorded)")
    sys.exit()
assert "hush" not in open(sys.argv[-1]).read()
print("not a point")
print(open({str(_LINES)!r}).read(), end="", flush=True)
if "endless" in open(sys.argv[-1]).read():
    signal.signal(signal.SIGINT, lambda *_: sys.exit(105))
    time.sleep(600)
""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return program


def _k6_plan(server: Server, monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[Plan, Job]:
    targets = (
        PlannedTarget(name="home", checks=("json.user.id == 7", "json.user.id == 8")),
        PlannedTarget(name="missing", path="/missing"),
        PlannedTarget(name=name),
    )
    plan, job = _planned(server, monkeypatch, rate=10.0, duration="1s", connections=2, targets=targets)
    return plan, msgspec.structs.replace(job, ramp_s=1.0)


def test_what_k6_says_becomes_a_record_like_our_own(k6: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, job = _k6_plan(server, monkeypatch, "short")
    run = _whole(launcher("k6", plan, job, lambda message: None))
    found = record(run, job, told(plan), 0.0, {}, {})

    assert (found["engine"], found["stopped_by"]) == ("k6 v1.1.0", "duration")
    assert (found["offered"], found["sent"], found["done"], found["duration_s"]) == (10, 10, 10, 1.0)
    assert set(found["errors"]) == {"check", "http_404"}
    assert found["response_ms"]["n"] == found["service_ms"]["n"] == 10
    assert found["lag_ms"]["n"] == 0
    assert "k6 timed it" in found["percentile_quality"]
    assert found["bytes"] > 0


def test_k6_is_interrupted_when_it_is_to_stop(
    k6: Path, server: Server, monkeypatch: pytest.MonkeyPatch, left: Callable[[], list[psutil.Process]]
) -> None:
    plan, job = _k6_plan(server, monkeypatch, "endless")

    def heard(message: Up) -> None:
        if isinstance(message, Delta):
            launch.command(Stop("user"))

    launch = launcher("k6", plan, job, heard)
    run = _whole(launch)

    assert run.stopped_by == "user"
    assert left() == []


def test_a_probe_that_gets_no_answer_starts_nothing(k6: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, job = _k6_plan(server, monkeypatch, "short")
    nowhere = msgspec.structs.replace(job, addresses=(Address("127.0.0.1", 1),))
    run = _whole(launcher("k6", plan, nowhere, lambda message: None))

    assert (run.stopped_by, run.tally.done) == ("probe: refused", 0)


@pytest.mark.parametrize("end", ["killed", "left alone"])
def test_a_program_ends_with_its_guard_and_the_guard_with_who_started_it(end: str) -> None:
    guard = Path(sys.modules["perftui.load"].__path__[0]) / "handoff" / "guard.py"
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-I", str(guard), sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        if end == "killed":
            process.kill()
        else:
            process.stdin.close()
        _, alive = psutil.wait_procs([child], timeout=60)

    assert alive == []
