"""The schedule that is copied to Locust is that of our own engine, shared by its processes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.handoff.locust_pace import Pace
from perftui.load.schedule import Arrivals, Schedule, Segment

_rates = st.floats(0.0, 50.0)
_stages = st.lists(st.tuples(st.floats(0.1, 5.0), _rates, _rates), min_size=1, max_size=4)


def _due(pace: Pace) -> list[float]:
    found = []
    while (due := pace.due()) is not None:
        found.append(due)
        pace.step()
    return found


def _own(stages: list[tuple[float, float, float]]) -> list[float]:
    schedule = Schedule([Segment(*stage) for stage in stages], Arrivals.UNIFORM, 1)
    found = []
    while (due := schedule.next_ns()) is not None:
        found.append(due / 1e9)
    return found


@given(_stages, st.integers(1, 4))
def test_the_shares_together_are_the_whole_schedule(stages: list[tuple[float, float, float]], shares: int) -> None:
    lists = [list(stage) for stage in stages]
    together = sorted(due for index in range(shares) for due in _due(Pace(lists, index, shares, None)))

    assert together == pytest.approx(_own(stages), abs=1e-6)


def test_random_arrivals_come_at_the_planned_rate_and_are_the_same_for_the_same_seed() -> None:
    whole = [_due(Pace([[100.0, 20.0, 20.0]], index, 2, 7)) for index in range(2)]

    assert whole[0] == _due(Pace([[100.0, 20.0, 20.0]], 0, 2, 7))
    assert whole[0] != whole[1]
    # five standard deviations of a Poisson count of 2000
    assert abs(sum(map(len, whole)) - 2000) < 5 * 2000**0.5


def test_a_rate_that_changes_meanwhile_leaves_no_arrival_out() -> None:
    pace = Pace([[10.0, 10.0, 10.0]], 0, 1, None)
    found = []
    while (due := pace.due()) is not None:
        found.append(due)
        pace.step()
        if len(found) == 50:
            pace.scale(2.0, 5.0)

    assert len(found) == 150
    assert found[49:53] == pytest.approx([4.9, 5.0, 5.05, 5.1])
    assert (pace.rate(6.0), pace.rate(11.0)) == (20.0, 0.0)
