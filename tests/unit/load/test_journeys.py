"""Journeys in the engine: what answers give goes into later steps, and every end of a journey is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from perftui.domain.errors import PerftuiError
from perftui.load.engine import Engine
from perftui.load.frames import Delta, Pause, Phase, Stop, Up
from perftui.load.job import Job
from perftui.load.launch import Launch
from perftui.load.plan import Plan, job_of
from perftui.load.record import record
from perftui.load.run import Run
from perftui.load.safety import judge
from perftui.load.schedule import Segment
from perftui.load.thresholds import parse_threshold
from tests.unit.load.runs import run as run_apart
from tests.unit.load.runs import run_here as run
from tests.unit.load.shop import shop

_LOGIN = {
    "name": "log in", "method": "POST", "path": "/login", "body": '{"user": "${user}"}',
    "extract": {"token": {"json": "$.token"}},
}  # fmt: skip
_ORDER = {
    "name": "order", "method": "POST", "path": "/orders", "headers": {"Authorization": "Bearer ${token}"},
    "checks": ["status == 201"], "extract": {"order": {"header": "Location", "regex": "/orders/([0-9]+)"}},
}  # fmt: skip
_LOOK = {"name": "look", "path": "/orders/${order}?by=${user}"}


def _job(port: int, seconds: str = "300ms", **more: Any) -> Job:
    keys = {
        "url": f"http://127.0.0.1:{port}/",
        "rate": 20,
        "duration": seconds,
        "ramp": "0s",
        "probe": False,
        "breaker": 0,
    }
    return job_of(msgspec.convert(keys | more, Plan))[0]


def _whole(job: Job, told: Callable[[Engine, Up], None] | None = None) -> Run:
    """To the end of its last journey, however long that takes: nobody comes after the planned time."""
    return run(_with_tail(job), _Ender(job, told))


def _with_tail(job: Job) -> Job:
    return msgspec.structs.replace(job, segments=(*job.segments, Segment(50.0, 0.0, 0.0)))


class _Ender:
    """Stops a run when every arrival's journey is over."""

    def __init__(self, job: Job, told: Callable[[Engine, Up], None] | None = None) -> None:
        self._left = round(sum(each.arrivals(each.duration_s) for each in job.segments))
        self._has_journeys, self._told = job.flow is not None, told

    def __call__(self, engine: Engine | Launch, message: Up) -> None:
        if isinstance(message, Delta):
            journeys = message.tally.journeys
            over = journeys.get("completed", 0) + journeys.get("abandoned", 0)
            self._left -= over if self._has_journeys else message.tally.done
            if self._left <= 0:
                engine.command(Stop())
        if self._told is not None and isinstance(engine, Engine):
            self._told(engine, message)


def _users(folder: Path, *names: str) -> list[dict[str, str]]:
    (folder / "users.csv").write_text("user\n" + "".join(f"{name}\n" for name in names))
    return [{"file": str(folder / "users.csv")}]


def test_what_a_step_extracts_and_the_cookies_it_sets_go_into_the_steps_after_it(tmp_path: Path) -> None:
    with shop() as there:
        plan = {"steps": [_LOGIN, _ORDER, _LOOK], "data": _users(tmp_path, "ann", "bob")}
        tally = _whole(_job(there.port, **plan)).tally

    assert tally.errors == {}
    assert tally.journeys == {"started": 6, "completed": 6}
    assert tally.offered == tally.sent == tally.done == 18
    assert {name: each.done for name, each in tally.endpoints.items()} == {"log in": 6, "order": 6, "look": 6}
    looked = sorted(each.path for each in there.asked if each.path.startswith("/orders/"))
    assert looked == ["/orders/42?by=ann"] * 3 + ["/orders/42?by=bob"] * 3
    assert {each.headers["cookie"] for each in there.asked if each.method == "POST" and each.path == "/orders"} == {
        "session=ann", "session=bob",
    }  # fmt: skip


def test_a_failed_step_ends_its_journey_unless_the_plan_says_that_it_goes_on(tmp_path: Path) -> None:
    lost = {"name": "lost", "path": "/missing"}
    with shop() as there:
        ends = _whole(_job(there.port, steps=[lost, {"path": "/after"}])).tally
        goes_on = _whole(_job(there.port, steps=[lost | {"stop_on_error": False}, {"path": "/after"}])).tally

    assert ends.journeys == {"started": 6, "abandoned": 6}
    assert (ends.errors, ends.sent) == ({"http_404": 6}, 6)
    assert goes_on.journeys == {"started": 6, "completed": 6}
    assert (goes_on.errors, goes_on.sent) == ({"http_404": 6}, 12)


def test_what_can_not_be_extracted_is_an_error_of_its_step() -> None:
    steps = [{"path": "/", "extract": {"it": {"regex": "nowhere"}}}, {"path": "/${it}"}]
    with shop() as there:
        tally = _whole(_job(there.port, steps=steps)).tally

    assert (tally.errors, tally.journeys) == ({"extract": 6}, {"started": 6, "abandoned": 6})


def test_a_huge_answer_is_looked_at_only_so_far() -> None:
    steps = [{"path": "/huge", "extract": {"token": {"json": "$.token"}}}, {"path": "/${token}"}]
    with shop() as there:
        assert _whole(_job(there.port, steps=steps)).tally.errors == {"extract": 6}


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("token", {"headers": {"X-Token": "${it}"}}),
        ("token", {"path": "/${it}"}),
        ("next", {"path": "${it}"}),
        ("next", {"headers": {"Cookie": "a=${it}"}}),
    ],
)
def test_a_value_that_would_end_a_line_is_refused_and_counted(name: str, after: dict[str, Any]) -> None:
    steps = [{"path": "/evil", "extract": {"it": {"json": f"$.{name}"}}}, {"name": "after", **after}]
    with shop() as there:
        result = _whole(_job(there.port, steps=steps))

    assert result.tally.errors == {"unsafe_value": 6}
    assert (result.tally.offered, result.tally.sent) == (12, 6)
    assert result.tally.journeys == {"started": 6, "abandoned": 6}
    assert {each.path for each in there.asked} == {"/evil"}
    assert not any("x-injected" in each.headers for each in there.asked)
    assert parse_threshold("rate<0.01").value(result.tally, 1.0) == 0.5


def test_users_of_the_closed_model_go_round_and_keep_their_cookies(tmp_path: Path) -> None:
    steps = [{"path": "/first"}, _LOGIN | {"think": "20ms"}]
    more = {"model": "closed", "connections": 2, "steps": steps, "data": _users(tmp_path, "ann"), "requests": 12}
    with shop() as there:
        tally = run(_job(there.port, "50s", **more)).tally

    begun = [each for each in there.asked if each.path == "/first"]
    assert [each.headers.get("cookie", "") for each in begun].count("") == 2
    assert tally.errors == {}
    assert 4 <= tally.journeys["completed"] <= tally.journeys["started"] <= tally.journeys["completed"] + 2


def test_a_value_that_is_never_safe_does_not_turn_users_of_the_closed_model_in_a_circle(tmp_path: Path) -> None:
    def told(engine: Engine, message: Up) -> None:
        if isinstance(message, Delta) and message.tally.errors:
            engine.command(Stop())

    (tmp_path / "users.jsonl").write_text('{"user": "a\\nb"}\n')
    data = [{"file": str(tmp_path / "users.jsonl")}]
    with shop() as there:
        job = _job(there.port, "50s", model="closed", connections=1, data=data, targets=[{"path": "/${user}"}])
        result = run(job, told)

    tally = result.tally
    assert there.asked == []
    # a tenth of a second lies between two of them
    assert 1 <= tally.errors["unsafe_value"] == tally.offered <= 10 * result.measured_s + 2


def test_think_time_is_between_the_end_of_a_step_and_the_intended_start_of_the_next() -> None:
    steps = [{"path": "/a", "think": "30ms-60ms"}, {"path": "/b"}]
    with shop() as there:
        tally = _whole(_job(there.port, steps=steps)).tally

    assert tally.journeys == {"started": 6, "completed": 6}
    assert tally.endpoints["GET /b"].done == 6
    # thinking is no part of a response
    assert tally.endpoints["GET /b"].response.low < 30_000_000


def test_redirects_are_followed_on_the_same_host_within_the_same_request() -> None:
    with shop() as there:
        tally = _whole(_job(there.port, targets=[{"path": "/hop/2"}], redirects=2, checks=["status == 200"])).tally

    assert tally.errors == {}
    assert (tally.offered, tally.done, tally.sent) == (6, 6, 18)
    assert tally.service.n == 6
    assert [each.path for each in there.asked[:3]] == ["/hop/2", "/hop/1", "/hop/0"]


def test_more_redirects_than_the_plan_follows_are_an_error() -> None:
    with shop() as there:
        tally = _whole(_job(there.port, targets=[{"path": "/hop/3"}], redirects=2)).tally
        unfollowed = _whole(_job(there.port, targets=[{"path": "/hop/3"}])).tally

    assert tally.errors == {"too_many_redirects": 6}
    assert (unfollowed.errors, unfollowed.sent) == ({}, 6)


def test_a_redirect_to_an_address_that_nobody_judged_is_refused_and_counted() -> None:
    with shop() as there:
        tally = _whole(_job(there.port, targets=[{"path": "/away"}], redirects=5)).tally

    assert tally.errors == {"redirect_refused": 6}
    assert tally.sent == len(there.asked) == 6


@pytest.mark.parametrize("model", ["open", "closed"])
def test_a_count_of_requests_ends_the_run(model: str) -> None:
    with shop() as there:
        result = run(_job(there.port, "20s", model=model, rate=100, connections=3, requests=17))

    assert result.stopped_by == "requests"
    assert result.tally.offered == result.tally.done == len(there.asked) == 17
    assert result.measured_s < 15


def test_a_count_of_requests_ends_journeys_too() -> None:
    steps = [{"path": "/a"}, {"path": "/b"}, {"path": "/c"}]
    with shop() as there:
        job = _job(there.port, "20s", rate=50, requests=10, steps=steps)
        result = run(job)

    assert (result.stopped_by, result.tally.offered, len(there.asked)) == ("requests", 10, 10)
    found = record(result, job, {}, 0.0, {}, {})
    assert found["exit_code"] == 0
    assert found["journeys"]["started"] >= 4
    assert found["journeys"]["unfinished"] == found["journeys"]["started"] - found["journeys"]["completed"]


@pytest.mark.parametrize(("model", "warm_up"), [("open", "200ms"), ("open", 10), ("closed", 10)])
def test_a_warm_up_is_sent_and_not_counted(model: str, warm_up: str | int) -> None:
    phases: list[str] = []

    def told(_: Engine, message: Up) -> None:
        if isinstance(message, Phase):
            phases.append(message.name)

    with shop() as there:
        job = _job(there.port, "20s", model=model, rate=50, connections=2, warm_up=warm_up, requests=10)
        result = run(job, told)

    assert result.tally.offered == result.tally.done == 10
    assert len(there.asked) == 20
    assert phases[0] == "warm-up"


def test_a_warm_up_counts_for_the_caps_and_so_does_every_step() -> None:
    job, host = job_of(msgspec.convert({"url": "http://127.0.0.1:1/", "duration": "590s", "warm_up": "20s"}, Plan))
    with pytest.raises(PerftuiError, match="590 s with a warm-up of up to 20 s are over the cap"):
        judge(job, host)

    steps = [{"path": "/a"}, {"path": "/b"}]
    near = {"url": "http://10.0.0.1/", "rate": 60, "steps": steps, "redirects": 1}
    with pytest.raises(PerftuiError, match="a rate of 60/s of up to 4 requests each"):
        judge(*job_of(msgspec.convert(near, Plan)))
    judge(*job_of(msgspec.convert(near | {"redirects": 0}, Plan)))


def test_the_probe_is_the_first_step_and_takes_no_row(tmp_path: Path) -> None:
    with shop() as there:
        job = _job(there.port, probe=True, steps=[_LOGIN], data=_users(tmp_path, "ann", "bob", "cid"))
        result = run(job)

    assert result.probe == "ok"
    assert [each.body for each in there.asked[:3]] == ['{"user": "ann"}', '{"user": "ann"}', '{"user": "bob"}']


def test_a_data_file_that_is_gone_when_the_engine_starts_stops_it_in_words(tmp_path: Path) -> None:
    with shop() as there:
        job = _job(there.port, steps=[_LOGIN], data=_users(tmp_path, "ann"))
        (tmp_path / "users.csv").unlink()
        result = run(job)

    assert result.stopped_by.startswith("data: ")
    assert there.asked == []


def test_authorization_comes_from_a_secret_that_nothing_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "hush-${not}-a-variable")
    with shop() as there:
        run(_job(there.port, auth={"token": "env:SHOP_TOKEN"}))
        run(_job(there.port, auth={"user": "ann", "password": "env:SHOP_TOKEN"}, steps=[{"path": "/basic"}]))

    assert there.asked[0].headers["authorization"] == "Bearer hush-${not}-a-variable"
    assert there.asked[-1].headers["authorization"].startswith("Basic YW5uOmh1c2g")


def test_journeys_go_over_the_transport_of_httpx_too(tmp_path: Path) -> None:
    with shop() as there:
        plan = {"steps": [_LOGIN, _ORDER, _LOOK], "data": _users(tmp_path, "ann"), "transport": "compat"}
        job = _job(there.port, **plan)
        tally = run_apart(_with_tail(job), _Ender(job)).tally
        job = _job(there.port, targets=[{"path": "/hop/2"}], redirects=2, transport="compat")
        hops = run_apart(_with_tail(job), _Ender(job)).tally

    assert (tally.errors, tally.journeys) == ({}, {"started": 6, "completed": 6})
    assert {each.path for each in there.asked if each.headers.get("cookie")} >= {"/orders", "/orders/42?by=ann"}
    assert (hops.errors, hops.done, hops.sent) == ({}, 6, 18)


def test_a_pause_holds_those_who_think() -> None:
    paused: list[int] = []

    def told(engine: Engine, message: Up) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(message, Delta) and message.tally.done and not paused:
            paused.append(1)
            loop.call_soon(engine.command, Pause(True))
        elif isinstance(message, Phase) and message.name == "paused":
            loop.call_later(0.1, engine.command, Pause(False))

    with shop() as there:
        steps = [{"path": "/a", "think": "50ms"}, {"path": "/b"}]
        result = _whole(_job(there.port, "400ms", steps=steps), told)

    assert paused == [1]
    assert result.tally.journeys == {"started": 8, "completed": 8}


def test_after_stop_nobody_who_thinks_goes_on() -> None:
    def told(engine: Engine, message: Up) -> None:
        if isinstance(message, Delta) and message.tally.done:
            engine.command(Stop())

    with shop() as there:
        steps = [{"path": "/a", "think": "150ms"}, {"path": "/b"}]
        result = run(_job(there.port, "20s", steps=steps), told)

    assert result.stopped_by == "user"
    assert {each.path for each in there.asked} == {"/a"}
