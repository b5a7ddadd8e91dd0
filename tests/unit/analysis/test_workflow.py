from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.workflow import (
    Piled,
    Times,
    Worked,
    agents_busy_s,
    balance,
    expected_s,
    middle,
    overlap_s,
    phase_efficiency,
    piled,
    progress,
    share,
    times,
    utilisation,
)

_SECONDS = st.floats(0, 1e6)


def test_efficiency_is_what_was_expected_of_the_time_that_agents_worked() -> None:
    assert phase_efficiency(60, 80, 0.5) == 0.375
    assert phase_efficiency(60, 30, 0.9) == 0.9
    assert phase_efficiency(None, 30, 0.9) is None
    assert phase_efficiency(60, 30, None) is None
    assert phase_efficiency(60, 0, 0.9) is None


@given(_SECONDS, st.floats(0.001, 1e6), st.floats(0, 1))
def test_efficiency_is_a_ratio(expected: float, elapsed: float, busy: float) -> None:
    found = phase_efficiency(expected, elapsed, busy)

    assert found is not None
    assert 0 <= found <= busy


def test_an_estimate_goes_before_what_was_measured() -> None:
    assert expected_s(5.0, [1.0]) == 5.0
    assert expected_s(None, [1.0, 2.0, 9.0]) == 2.0
    assert expected_s(None, []) is None
    assert middle([1.0, 2.0]) == 1.5


def test_balance_is_one_for_equal_work_and_zero_for_one_who_does_it_all() -> None:
    assert balance([3.0, 3.0, 3.0]) == 1.0
    assert balance([3.0, 0.0, 0.0]) == 0.0
    assert balance([2.0, 1.0]) == pytest.approx(0.8)
    assert balance([3.0]) is None
    assert balance([0.0, 0.0]) is None


@given(st.lists(st.floats(0.01, 1e3), min_size=2, max_size=20), st.floats(0.01, 100))
def test_balance_does_not_depend_on_the_unit(busy: list[float], factor: float) -> None:
    one, other = balance(busy), balance(value * factor for value in busy)

    assert one is not None
    assert 0 <= one <= 1
    assert other == pytest.approx(one, abs=1e-9)


def test_progress_is_never_more_than_time_and_tasks_allow() -> None:
    assert progress(3, 4, None, None, ended=False) == 0.75
    assert progress(3, 4, 1.0, 10.0, ended=False) == 0.1
    assert progress(0, 0, 5.0, 10.0, ended=False) == 0.5
    assert progress(4, 4, 99.0, 10.0, ended=False) == 0.99
    assert progress(0, 0, None, None, ended=False) is None
    assert progress(0, 9, 1.0, 10.0, ended=True) == 1.0


def test_utilisation_and_shares_of_nothing_are_not_known() -> None:
    assert utilisation(1.0, 0.0) is None
    assert utilisation(5.0, 4.0) == 1.0
    assert share(1, 0) is None
    assert share(1, 4) == 0.25


def test_times_of_nothing_are_not_known() -> None:
    assert times([]) == Times()
    assert times([1.0, 2.0, 3.0]) == Times(2.0, 2.0, pytest.approx(2.9), pytest.approx(2.98))


def test_what_was_worked_for_others_counts_as_far_as_it_was_at_the_same_time() -> None:
    assert overlap_s(0, 10, 5, 20) == 5
    assert overlap_s(0, 10, 12, 20) == 0
    span, moment = Worked(0, 10, 4.0), Worked(3, 3, 1.0)
    everything = piled([span, Worked(5, 15, 6.0), Worked(20, 30, 9.0), moment])
    assert agents_busy_s(span, everything) == pytest.approx(7.0)
    assert agents_busy_s(moment, everything) == 1.0


_MOMENTS = st.integers(0, 1000).map(lambda tenths: 1.8e9 + tenths / 10)
_SPANS = st.lists(st.tuples(_MOMENTS, _MOMENTS, st.floats(0, 16)), max_size=12)


@given(_SPANS, _MOMENTS, _MOMENTS)
def test_a_pile_holds_what_each_of_its_spans_holds(
    spans: list[tuple[float, float, float]], since: float, until: float
) -> None:
    alone = sum(rate * overlap_s(start, end, since, until) for start, end, rate in spans)

    assert Piled(spans).between(since, until) == pytest.approx(alone, abs=1e-6)
