"""A rate that follows how well the target does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.adapting import Adapting
from perftui.load.adapting_record import adapted
from perftui.load.control import Move, Sight
from perftui.load.job import Adapt
from perftui.load.recent import Moment
from perftui.load.tally import Tally

_NOTHING = Moment(0.0, 0, 0, 0, 0, None)


def _sight(ok: int, failed: int, level_s: float = 5.0, waiting: int = 0) -> Sight:
    tally = Tally(offered=ok + failed + waiting, done=ok + failed)
    for _ in range(ok):
        tally.ok.record(1)
    return Sight(level_s, level_s, tally, _NOTHING, waiting, False, 0.0, lambda: ())


@pytest.mark.parametrize(
    ("sight", "move"),
    [
        (_sight(96, 4), Move(15.0, "up", "success", 0.96)),
        (_sight(95, 5), Move(10.0, "same", "success", 0.95)),
        (_sight(80, 20), Move(10.0, "same", "success", 0.8)),
        (_sight(79, 21), Move(5.0, "down", "success", 0.79)),
        # who found no connection was not served
        (_sight(50, 0, waiting=50), Move(5.0, "down", "success", 0.5)),
        (_sight(100, 0, level_s=4.9), None),
    ],
)
def test_up_while_more_than_95_percent_go_well_and_down_below_80(sight: Sight, move: Move | None) -> None:
    assert Adapting(Adapt(10.0, 1000.0)).look(sight) == move


@given(st.lists(st.integers(0, 100), max_size=60), st.floats(1, 20), st.floats(20, 60))
def test_the_rate_never_leaves_its_bounds(good: list[int], floor: float, top: float) -> None:
    control = Adapting(Adapt(20.0, top, floor=floor))
    for ok in good:
        move = control.look(_sight(ok, 100 - ok))
        assert move is not None
        assert move.rate == control.rate
        assert floor <= control.rate <= top


def test_a_target_that_says_nothing_is_no_success() -> None:
    control = Adapting(Adapt(10.0, 100.0))
    silent = Sight(5.0, 5.0, Tally(offered=50), _NOTHING, 0, False, 0.0, lambda: ())

    assert control.look(silent) == Move(5.0, "down", "success", 0.0)


def test_the_intervals_give_average_maximum_optimal_and_sustainable() -> None:
    levels = [
        {"rate": rate, "throughput": rate, "value": success, "behind": False}
        for rate, success in ((10.0, 1.0), (15.0, 1.0), (20.0, 0.96), (25.0, 0.7), (20.0, 0.94))
    ]
    found = adapted(levels)

    assert (found["average"], found["maximum"], found["optimal"], found["sustainable"]) == (18.0, 25.0, 20.0, 15.0)
    assert found["success"] == pytest.approx(0.92)
    assert found["variability"] == pytest.approx(0.2833, abs=1e-3)
    assert adapted([])["text"] == ["no interval was finished"]
