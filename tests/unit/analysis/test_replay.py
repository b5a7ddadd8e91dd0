from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.replay import Work, replay

spans = st.floats(0.01, 10.0)
independent = st.lists(st.tuples(spans, st.floats(0.0, 20.0)), min_size=1, max_size=40).map(
    lambda drawn: [Work(str(place), span, release_s=release) for place, (span, release) in enumerate(drawn)]
)


@st.composite
def dependent(draw: st.DrawFn) -> list[Work]:
    works: list[Work] = []
    for place in range(draw(st.integers(1, 30))):
        after = draw(st.sets(st.integers(0, place - 1), max_size=3)) if place else set()
        gate = draw(st.booleans()) and draw(st.booleans())
        span = 0.0 if gate else draw(spans)
        lag = draw(st.floats(0.0, 2.0))
        works.append(Work(str(place), span, after=tuple(map(str, sorted(after))), lag_s=lag, gate=gate))
    return works


def test_two_slots_work_off_four_equal_tasks_in_two_rounds() -> None:
    schedule = replay([Work(name, 3.0) for name in "abcd"], 2)
    assert schedule.starts == [0.0, 0.0, 3.0, 3.0]
    assert schedule.makespan_s == 6.0


def test_a_task_waits_for_those_before_it_and_for_its_lag() -> None:
    works = [Work("a", 2.0), Work("b", 1.0, after=("a",), lag_s=0.5), Work("c", 1.0, release_s=9.0)]
    assert replay(works, 3).starts == [0.0, 2.5, 9.0]


def test_a_gate_takes_no_slot_and_opens_when_all_before_it_are_over() -> None:
    works = [
        Work("a", 2.0),
        Work("b", 3.0),
        Work("end", 0.0, after=("a", "b"), gate=True),
        Work("c", 1.0, after=("end",)),
    ]
    assert replay(works, 2).makespan_s == 4.0
    assert replay(works, 1).makespan_s == 6.0


def test_what_is_not_in_the_list_is_over_and_circles_end() -> None:
    assert replay([Work("a", 1.0, after=("gone", "a"))], 1).makespan_s == 1.0
    circle = [Work("a", 1.0, after=("b",)), Work("b", 1.0, after=("a",)), Work("c", 5.0)]
    assert replay(circle, 2).makespan_s == 7.0


def test_nothing_takes_no_time_and_no_slot_is_an_error() -> None:
    assert replay([], 1).makespan_s == 0.0
    with pytest.raises(ValueError, match="0 slots"):
        replay([], 0)


@given(dependent(), st.integers(1, 6))
def test_the_makespan_is_at_least_critical_path_and_work_by_slots(works: list[Work], slots: int) -> None:
    makespan = replay(works, slots).makespan_s
    with_a_slot_for_each = replay(works, max(1, len(works))).makespan_s
    assert makespan >= with_a_slot_for_each - 1e-9
    assert makespan >= sum(work.duration_s for work in works) / slots - 1e-9


@given(dependent(), st.integers(1, 6))
def test_every_schedule_keeps_its_order_and_its_slots(works: list[Work], slots: int) -> None:
    schedule = replay(works, slots)
    for place, work in enumerate(works):
        for key in work.after:
            assert schedule.starts[place] >= schedule.ends[int(key)] - 1e-9
    real = [place for place, work in enumerate(works) if not work.gate]
    for begun in (schedule.starts[place] for place in real):
        assert sum(schedule.starts[place] <= begun < schedule.ends[place] - 1e-9 for place in real) <= slots


@given(independent, st.integers(1, 6))
def test_without_dependencies_a_further_slot_starts_no_task_later(works: list[Work], slots: int) -> None:
    """With dependencies it can (Graham's anomaly), so that nothing of the kind is promised there."""
    fewer, more = replay(works, slots), replay(works, slots + 1)
    assert all(later >= earlier - 1e-9 for later, earlier in zip(fewer.starts, more.starts, strict=True))


@given(independent, st.integers(1, 6), st.floats(0.1, 1.0))
def test_without_dependencies_shorter_tasks_end_no_later(works: list[Work], slots: int, factor: float) -> None:
    shorter = [work._replace(duration_s=work.duration_s * factor) for work in works]
    assert replay(shorter, slots).makespan_s <= replay(works, slots).makespan_s + 1e-9
