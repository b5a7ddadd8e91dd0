"""When it was not the target that was measured."""

from __future__ import annotations

import pytest

from perftui.load.frames import LevelEnd
from perftui.load.job import Model, Search
from perftui.load.limits import is_behind, is_blocked, is_busy
from perftui.load.record import advice, limited_by, record
from perftui.load.run import Run
from perftui.load.tally import Tally
from tests.unit.load.runs import job

_MS = 1_000_000


def _tally(response_ms: float, lag_ms: float = 0.01, blocked_ms: float = 0.0, **counts: int) -> Tally:
    tally = Tally(offered=100, sent=100, done=100, **counts)
    for _ in range(100):
        tally.ok.record(int(response_ms * _MS))
        tally.lag.record(int(lag_ms * _MS))
        tally.blocked.record(int(blocked_ms * _MS))
    return tally


@pytest.mark.parametrize(
    ("tally", "behind"),
    [
        (_tally(5, lag_ms=0.9), False),
        (_tally(5, lag_ms=1.1), True),
        (_tally(100, lag_ms=9), False),
        (_tally(100, lag_ms=11), True),
        (_tally(100, late=5), False),
        (_tally(100, late=6), True),
        (Tally(), False),
    ],
)
def test_we_are_the_limit_when_we_are_late_by_more_than_a_tenth_of_the_response(tally: Tally, behind: bool) -> None:
    assert is_behind(tally) is behind


@pytest.mark.parametrize(
    ("tally", "blocked"),
    [
        (_tally(100, blocked_ms=9, waited=100), False),
        (_tally(100, blocked_ms=11, waited=100), True),
        # nobody waited: all of it is far below what a person could mean by waiting
        (_tally(0.1, blocked_ms=0.05), False),
        (_tally(100, dropped=1), True),
        (Tally(), False),
    ],
)
def test_the_connections_are_the_limit_when_waiting_for_them_is_a_tenth_of_the_response(
    tally: Tally, blocked: bool
) -> None:
    assert is_blocked(tally) is blocked


def test_a_core_that_is_used_up_is_a_limit() -> None:
    assert is_busy(8.1, 10.0)
    assert not is_busy(7.9, 10.0)
    assert not is_busy(1.0, 0.0)


def test_a_run_is_limited_by_the_first_of_them() -> None:
    run = Run()
    run.measured_s = 1.0
    run.tally = _tally(100, lag_ms=11, blocked_ms=50, waited=100)
    assert limited_by(run, job(1)) == "generator"
    run.tally = _tally(100, blocked_ms=50, waited=100)
    assert limited_by(run, job(1)) == "connections"
    assert limited_by(run, job(1, model=Model.CLOSED)) == "target"
    run.tally = _tally(100)
    assert limited_by(run, job(1)) == "none"


def test_a_limit_says_what_to_raise_and_asyncio_that_it_is_no_uvloop() -> None:
    assert "more than one machine" in advice("generator")[0]
    assert "--connections" in advice("connections", "perftui (uvloop)")[0]
    assert advice("none", "perftui (uvloop)") == ()
    assert "not on uvloop" in advice("none", "perftui (asyncio)")[0]


def _searched(*ends: LevelEnd) -> dict[str, object]:
    run = Run()
    run.stopped_by, run.measured_s = "duration", 10.0
    run.level_ends = list(ends)
    run.levels = {end.number: _tally(20) for end in ends}
    search = Search(20.0, 80.0, 1.0, thresholds=("p(95)<500",))
    return record(run, job(1, shape="stress", control=search), {}, 0.0, {}, {})


def test_a_search_that_we_or_the_connections_ended_says_nothing_about_the_target() -> None:
    for limit in ("generator", "connections"):
        broke = LevelEnd(1, "step", 22.0, 1.0, 2.0, "broke", f"{limit}: p(95)<500")
        found = _searched(LevelEnd(0, "step", 20.0, 0.0, 1.0, "held"), broke)
        verdict = found["shape"]["verdict"]  # type: ignore[index]
        assert found["limited_by"] == verdict["limit"] == limit
        assert (verdict["target"], verdict["highest"], verdict["finished"]) == (None, 20.0, True)
        assert "says nothing about the target" in " ".join(verdict["text"])
        assert found["exit_code"] == 0


def test_a_search_whose_first_rate_does_not_hold_breaks_its_thresholds() -> None:
    found = _searched(LevelEnd(0, "step", 20.0, 0.0, 1.0, "broke", "latency: p(95)<500", 700.0))

    assert found["exit_code"] == 99
    assert found["shape"]["verdict"]["text"][0] == "no rate held"  # type: ignore[index]


def test_a_search_that_breaks_nothing_says_how_far_it_went() -> None:
    found = _searched(LevelEnd(0, "step", 20.0, 0.0, 1.0, "held"), LevelEnd(1, "step", 80.0, 1.0, 2.0, "held"))

    assert (found["exit_code"], found["limited_by"]) == (0, "none")
    assert found["shape"]["verdict"]["text"][1] == (  # type: ignore[index]
        "nothing broke up to 80/s, which is where it was to end"
    )
