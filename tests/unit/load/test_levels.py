"""A call counts in the level that it was meant for."""

from __future__ import annotations

from perftui.load.connection import Call
from perftui.load.ledger import Ledger
from perftui.load.levels import RAMP, Levels


def _of(levels: Levels, intended: int) -> Ledger:
    return levels.ledger_of(Call(intended, intended, 0))


def test_levels_that_are_planned_begin_at_their_moments() -> None:
    levels = Levels(["home"], [1e-6, 2e-6, 3e-6])
    ramp = levels.now.ledger
    levels.start(1000)

    assert _of(levels, 999) is ramp
    numbers = []
    for at in (1000, 1999, 2000, 3999, 4000, 99_999):
        _of(levels, at)
        numbers.append(levels.now.number)
    assert numbers == [0, 0, 1, 1, 2, 2]


def test_an_answer_that_comes_late_counts_where_its_call_was_meant_to_be() -> None:
    levels = Levels(["home"], [1e-6, 1e-6])
    ramp = levels.now.ledger
    levels.start(0)
    first = _of(levels, 500)
    second = _of(levels, 1500)
    first.offered = 1

    assert second is not first
    assert _of(levels, 500) is first
    assert _of(levels, -5) is ramp
    assert [level.number for level in levels.pending()] == [0, 1]


def test_what_was_told_is_not_told_again_but_kept_for_who_decides() -> None:
    levels = Levels(["home"], [])
    levels.start(0)
    _of(levels, 5).offered = 3
    levels.now.told(levels.now.ledger.tally())
    _of(levels, 6).offered = 2

    assert levels.now.ledger.offered == 2
    assert levels.now.figures().offered == 5


def test_a_level_that_is_cut_ends_there_and_the_ramp_is_none() -> None:
    levels = Levels(["home"], [])
    assert levels.now.number == RAMP
    levels.start(100)
    before = _of(levels, 150)
    levels.cut(200)

    assert _of(levels, 199) is before
    assert _of(levels, 200) is not before
    assert _of(levels, 199) is before
    assert levels.now.number == 1


def test_what_lies_ahead_comes_later_when_the_schedule_was_held() -> None:
    levels = Levels(["home"], [1e-6, 1e-6, 1e-6])
    levels.start(0)
    _of(levels, 500)
    levels.shift(300, 900)

    assert _of(levels, 1299) is levels.now.ledger
    assert levels.now.number == 0
    _of(levels, 1300)
    assert levels.now.number == 1
    _of(levels, 2300)
    assert levels.now.number == 2
