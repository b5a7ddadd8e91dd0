"""The engine in its own process against servers good and bad: every request is counted for what it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.load.frames import Delta, Pause, Phase, Rate, Stop, Up
from perftui.load.job import Address, Model, Target, Threshold
from perftui.load.launch import Launch
from perftui.load.record import limited_by, record
from perftui.load.schedule import Segment
from tests.unit.load import misbehaving as server
from tests.unit.load.misbehaving import OK, says, serving
from tests.unit.load.runs import REQUEST, job, run


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_every_arrival_is_sent_and_done_and_measured(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loop == "uvloop":
        pytest.importorskip("uvloop")
    monkeypatch.setenv("PERFTUI_LOAD_LOOP", loop)
    with serving(says(OK)) as port:
        result = run(job(port, rate=100, seconds=0.5, ramp_s=0.2, probe=True))

    tally = result.tally
    assert (result.loop, result.probe, result.stopped_by) == (loop, "ok", "duration")
    assert tally.offered == tally.sent == tally.done == tally.ok.n == 50
    assert tally.service.n == tally.blocked.n == tally.lag.n == tally.ttfb.n == 50
    assert tally.bytes == 50 * len(OK)
    assert (tally.errors, tally.dropped, tally.timed_out) == ({}, 0, 0)


def test_errors_are_counted_and_the_load_goes_on() -> None:
    with serving(server.resets) as port:
        result = run(job(port, rate=20, seconds=0.3))

    assert result.tally.errors == {"reset": 6}
    assert result.tally.failed.n == result.tally.done == 6
    assert result.stopped_by == "duration"


def test_a_timeout_counts_at_its_value_and_as_an_error() -> None:
    with serving(server.hangs) as port:
        result = run(job(port, rate=20, seconds=0.3, timeout_s=0.3))

    assert result.tally.errors == {"timeout_headers": 6}
    assert result.tally.timed_out == 6
    assert result.tally.service.low == result.tally.service.high == 300_000_000


def test_a_port_where_nobody_listens_is_refused_and_counted() -> None:
    with serving(says(OK)) as port:
        pass
    result = run(job(port, rate=20, seconds=0.3))

    assert result.tally.errors == {"refused": 6}
    assert run(job(port, probe=True)).stopped_by == "probe: refused"


def test_a_body_that_ends_with_its_connection_is_whole() -> None:
    with serving(says(b"HTTP/1.0 200 OK\r\n\r\nall of it", then_closes=True)) as port:
        result = run(job(port, rate=20, seconds=0.3))

    assert (result.tally.ok.n, result.tally.connect.n) == (6, 6)


def test_ipv6_and_unix_sockets_are_addresses_too(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with serving(says(OK), path=path):
        assert run(job(0, addresses=(Address("", 0, path),))).tally.ok.n == 20
    try:
        with serving(says(OK), host="::1") as port:
            assert run(job(0, addresses=(Address("::1", port),))).tally.ok.n == 20
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")


def test_an_address_where_nobody_listens_is_passed_over_when_the_host_has_another() -> None:
    with serving(says(OK)) as port, serving(says(OK), host="127.0.0.2") as other:
        both = (Address("127.0.0.2", port), Address("127.0.0.1", port))
        assert other != port
        result = run(job(port, rate=20, seconds=0.3, addresses=both))

    assert (result.tally.ok.n, result.tally.errors) == (6, {})


def test_targets_share_the_arrivals_by_weight_and_checks_count() -> None:
    targets = (
        Target("often", REQUEST, weight=3.0, checks=("body ~ ok",)),
        Target("seldom", REQUEST, weight=1.0, checks=("status == 201",)),
    )
    with serving(says(OK)) as port:
        tally = run(job(port, rate=200, seconds=1.0, targets=targets)).tally

    often, seldom = tally.endpoints["often"], tally.endpoints["seldom"]
    assert often.done + seldom.done == 200
    assert 120 < often.done < 180
    assert tally.checks == {"body ~ ok": (often.done, 0), "status == 201": (0, seldom.done)}
    assert tally.errors == {"check": seldom.done}


def test_arrivals_that_find_no_place_are_dropped_and_counted() -> None:
    with serving(server.hangs) as port:
        result = run(job(port, rate=100, seconds=0.3, connections=1, backlog=5, timeout_s=0.5, connect_s=0.1))

    tally = result.tally
    assert tally.offered == 30
    assert tally.dropped >= 24
    assert tally.sent + tally.dropped == 30
    assert limited_by(result, job(port)) in ("connections", "generator")


def test_users_of_the_closed_model_send_again_when_they_have_their_answer() -> None:
    with serving(says(OK)) as port:
        result = run(job(port, model=Model.CLOSED, connections=3, seconds=0.5))

    tally = result.tally
    assert tally.offered == tally.sent == tally.done == tally.ok.n > 30
    assert tally.connect.n == 3


def test_stop_ends_it_and_the_record_is_complete() -> None:
    def stop(launch: Launch, message: Up) -> None:
        if isinstance(message, Delta) and message.tally.done:
            launch.command(Stop())

    what = job(0, rate=50, seconds=60)
    with serving(says(OK)) as port:
        what = job(port, rate=50, seconds=60)
        result = run(what, stop)
    found = record(result, what, {}, 0.0, {}, {})

    assert found["stopped_by"] == "user"
    assert 0 < found["done"] <= found["offered"] == found["sent"] + found["dropped"]
    assert found["exit_code"] == 0


def test_a_load_can_be_held_and_its_rate_be_changed() -> None:
    seen: list[str] = []

    def steer(launch: Launch, message: Up) -> None:
        if isinstance(message, Phase):
            seen.append(message.name)
            if message.name == "measure" and len(seen) == 1:
                launch.command(Rate(2.0))
                launch.command(Pause(on=True))
            elif message.name == "paused":
                launch.command(Pause(on=False))

    with serving(says(OK)) as port:
        result = run(job(port, rate=50, seconds=1.0), steer)

    assert seen == ["measure", "paused", "measure", "drain"]
    # a hundred, less what was planned before the engine heard of it
    assert 50 < result.tally.done <= 101


def test_a_threshold_may_end_the_run() -> None:
    what = job(0, seconds=60, thresholds=(Threshold("max<0.000001", abort_on_fail=True),))
    with serving(says(OK)) as port:
        what = job(port, seconds=60, thresholds=what.thresholds)
        result = run(what)
    found = record(result, what, {}, 0.0, {}, {})

    assert result.stopped_by == "threshold max<0.000001"
    assert found["exit_code"] == 99
    assert found["thresholds"][0]["ok"] is False


def test_the_breaker_ends_a_load_on_a_server_that_fails() -> None:
    with serving(says(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")) as port:
        result = run(job(port, rate=100, seconds=60, breaker=0.1))

    assert result.stopped_by == "circuit breaker: too many failures"
    assert result.tally.offered == result.tally.sent + result.tally.dropped


def test_an_engine_that_is_killed_leaves_what_it_has_told(caplog: pytest.LogCaptureFixture) -> None:
    def kill(launch: Launch, message: Up) -> None:
        if isinstance(message, Delta) and message.tally.done:
            os.kill(launch.pid, signal.SIGKILL)

    with serving(says(OK)) as port:
        result = run(job(port, seconds=60), kill)

    assert result.stopped_by == "engine"
    assert result.tally.done > 0
    assert [each.getMessage() for each in caplog.records if each.name == "asyncio"] == []


def test_a_ramp_is_not_counted() -> None:
    with serving(says(OK)) as port:
        result = run(job(port, segments=(Segment(0.5, 100, 100),), ramp_s=0.5))

    assert result.tally.offered == 50


def test_the_engine_imports_no_screen_and_no_http_client() -> None:
    code = (
        "import sys, perftui.load.__main__, perftui.load.engine; "
        "print([name for name in ('textual', 'rich', 'httpx', 'requests', 'psutil') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
