"""The search by itself, shown whatever it might see: no clock, no socket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.control import Move, Sight
from perftui.load.job import Search
from perftui.load.recent import Moment
from perftui.load.search import RECOVER, Searching
from perftui.load.tally import Tally

_MS = 1_000_000
_SLOW, _LATE = (900 * _MS,) * 100, (850 * _MS,) * 100


def _sight(
    level_s: float,
    *,
    ok: Sequence[int] = (10 * _MS,) * 100,
    errors: int = 0,
    ages: Sequence[int] = (),
    service: int = 10 * _MS,
    **more: Any,
) -> Sight:
    """``ok`` are response times of good calls; a hundred of 10 ms unless something else is said."""
    tally = Tally(offered=len(ok) + errors + len(ages), done=len(ok) + errors)
    for value in ok:
        tally.ok.record(value)
        tally.service.record(service)
        tally.lag.record(1000)
    for _ in range(errors):
        tally.failed.record(_MS)
        tally.service.record(_MS)
        tally.errors["http_503"] = tally.errors.get("http_503", 0) + 1
    for name in ("blocked", "lag"):
        for value in more.pop(name, ()):
            getattr(tally, name).record(value)
    tally.waited = more.pop("waited", 0)
    recent = more.pop("recent", Moment(level_s, 20, 20, 0, 20, 10.0 * _MS))
    values: dict[str, Any] = {"waiting": 0, "is_full": False, "cpu_s": 0.0, **more}
    return Sight(level_s, level_s, tally, recent, ages_ns=lambda: ages, **values)


def _plan(**more: Any) -> Search:
    values: dict[str, Any] = {"start": 20.0, "top": 1000.0, "hold_s": 5.0, "thresholds": ("rate<0.01", "p(95)<500")}
    return Search(**{**values, **more})


def _ended(search: Searching, sight: Sight) -> Move:
    move = search.look(sight)
    assert move is not None
    return move


@given(st.floats(1, 5000), st.floats(1, 50), st.floats(1.1, 4), st.floats(0.02, 0.5))
def test_it_ends_as_close_below_what_the_target_can_do_as_was_asked_for(
    capacity: float, start: float, factor: float, precision: float
) -> None:
    search = Searching(_plan(start=start, factor=factor, precision=precision))
    held, broke, levels = 0.0, float("inf"), 0
    while True:
        levels += 1
        assert levels < 500
        kind, rate = search.kind, search.rate
        is_good = kind == RECOVER or rate <= capacity
        move = _ended(search, _sight(20.0) if is_good else _sight(5.0, errors=50))
        if kind != RECOVER:
            held, broke = (max(held, rate), broke) if is_good else (held, min(broke, rate))
        if move.rate is None:
            break
    assert held <= capacity < broke or held == 1000.0
    assert held in (0.0, 1000.0) or broke - held <= precision * held + 1e-9
    assert max(held, broke if broke < 1e9 else 0.0) <= 1000.0


def test_a_level_is_held_for_its_time_and_then_the_rate_goes_up() -> None:
    search = Searching(_plan())

    assert search.look(_sight(4.9)) is None
    assert search.look(_sight(5.0)) == Move(40.0, "held")
    assert Searching(_plan(step=5.0)).look(_sight(5.0)) == Move(25.0, "held")
    assert Searching(_plan(top=20.0)).look(_sight(5.0)) == Move(None, "held")


def test_a_level_that_is_hopeless_ends_early() -> None:
    assert _ended(Searching(_plan()), _sight(0.5, ok=(), errors=21)).outcome == "broke"
    assert _ended(Searching(_plan()), _sight(0.5, waiting=51, ok=(900 * _MS,) * 30)).outcome == "broke"


def test_after_a_level_that_broke_the_target_has_to_be_well_before_the_next() -> None:
    search = Searching(_plan())
    _ended(search, _sight(5.0))
    move = _ended(search, _sight(5.0, errors=10))
    unwell = Moment(1.0, 20, 20, 0, 20, 90.0 * _MS)

    assert (move.rate, move.outcome, move.limit) == (20.0, "broke", "errors: rate<0.01")
    assert search.kind == RECOVER
    assert search.look(_sight(0.5)) is None
    assert search.look(_sight(2.0, recent=unwell)) is None
    assert search.look(_sight(2.0, waiting=1)) is None
    assert search.look(_sight(3.0)) == Move(30.0, "recovered", value=2.0)


def test_a_target_that_does_not_come_back_is_left_alone() -> None:
    search = Searching(_plan())
    _ended(search, _sight(5.0))
    _ended(search, _sight(5.0, ok=(), errors=100, recent=Moment(5.0, 20, 20, 20, 0, 1.0)))
    silent = Moment(10.0, 20, 20, 20, 0, 1.0)

    assert search.look(_sight(10.0, recent=silent)) == Move(None, "not recovered", value=10.0, is_silent=True)


def test_calls_that_are_not_over_count_with_their_age() -> None:
    move = _ended(Searching(_plan()), _sight(5.0, ages=(800 * _MS,) * 20))

    assert move.limit == "latency: p(95)<500"
    assert _ended(Searching(_plan()), _sight(5.0, ok=(), ages=(5000 * _MS,) * 20)).limit == "silence"


@pytest.mark.parametrize(
    ("seen", "limit"),
    [
        ({"ok": _SLOW, "lag": _LATE}, "generator: p(95)<500"),
        ({"cpu_s": 4.5}, "generator: CPU"),
        # the target is as quick as ever, but there are too few connections
        ({"ok": _SLOW, "is_full": True, "waited": 90, "blocked": _LATE}, "connections: p(95)<500"),
        # all connections are busy because the target has become slow
        (
            {"ok": _SLOW, "service": 100 * _MS, "is_full": True, "waited": 90, "blocked": _LATE},
            "latency: p(95)<500",
        ),
        ({"waiting": 20, "service": 100 * _MS, "is_full": True}, "throughput: waiting for a connection"),
        # that we were late is no reason for an error
        ({"errors": 10, "lag": _LATE}, "errors: rate<0.01"),
    ],
)
def test_what_broke_first_is_told_apart(seen: dict[str, Any], limit: str) -> None:
    search = Searching(_plan())
    _ended(search, _sight(5.0))

    assert _ended(search, _sight(5.0, **seen)).limit == limit
