"""Steps, windows and placeholders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.sources.prometheus.steps import MAX_POINTS, aligned, filled, fresh, nice_step, rate_window, ready, span


def test_the_window_of_rates_holds_four_scrapes_or_a_step_and_a_scrape() -> None:
    assert rate_window(1, 15) == 60
    assert rate_window(300, 15) == 315


@pytest.mark.parametrize(("seconds", "step"), [(0.3, 1), (1, 1), (3, 5), (61, 120), (90_000, 172_800)])
def test_steps_are_those_that_people_read(seconds: float, step: float) -> None:
    assert nice_step(seconds) == step


def test_placeholders_are_filled_grafanas_too() -> None:
    expr = 'rate(a{job="x",$sel}[$win]) + rate(b[${__rate_interval}]) + avg_over_time(c{$sel}[$__interval])'

    assert filled(expr, 5, 1, 'env="ci"') == (
        'rate(a{job="x",env="ci"}[6s]) + rate(b[6s]) + avg_over_time(c{env="ci"}[5s])'
    )


def test_an_empty_selection_leaves_valid_matchers() -> None:
    assert filled("a{$sel}", 1, 1, "") == "a{}"
    assert filled('a{$sel, job="x"}', 1, 1, "") == 'a{job="x"}'
    assert filled('a{job="x", $sel}', 1, 1, "") == 'a{job="x"}'
    assert filled('a{job="x",${sel},env="ci"}', 1, 1, "") == 'a{job="x",env="ci"}'


def test_a_word_that_only_begins_like_a_placeholder_is_left_alone() -> None:
    assert filled('a{b="$window"}', 1, 1, "") == 'a{b="$window"}'


def test_durations_below_a_second_are_whole_milliseconds() -> None:
    assert (span(1.5), span(60), span(0.0001)) == ("1500ms", "60s", "1ms")


@given(
    start=st.floats(0, 2e9),
    length=st.floats(0, 1e8),
    step=st.sampled_from([1.0, 2.0, 5.0, 15.0, 60.0, 3600.0]),
)
def test_both_ends_lie_on_whole_steps_and_never_ask_for_too_many_points(
    start: float, length: float, step: float
) -> None:
    first, last = aligned(start, start + length, step)

    assert abs(last / step - round(last / step)) < 1e-6
    assert abs(first / step - round(first / step)) < 1e-6
    assert last <= start + length + 1e-6
    assert first >= start - 1e-6
    assert (last - first) / step <= MAX_POINTS - 1 + 1e-6


def test_a_plain_selector_shows_no_sample_that_is_older_than_two_scrapes() -> None:
    assert fresh('a{b="}"}', 15) == 'a{b="}"} unless (time() - timestamp(a{b="}"}) > 37.5)'


@pytest.mark.parametrize("expr", ["rate(a[1m])", "job:a:sum", "a + b", "a offset 5m", "a # b", "1"])
def test_other_expressions_and_recorded_ones_are_left_alone(expr: str) -> None:
    assert fresh(expr, 15) == expr


def test_without_a_known_interval_nothing_is_left_out() -> None:
    assert fresh("a", None) == "a"


def test_an_expression_is_asked_anew_when_the_step_the_scrape_interval_or_its_age_limit_changed() -> None:
    assert ready("rate(a[$win])", 1, 1, "", None) == "rate(a[4s])"
    assert ready("rate(a[$win])", 1, 5, "", None) == "rate(a[20s])"
    assert ready("rate(a[$win])", 60, 5, "", None) == "rate(a[65s])"
    assert ready("a", 1, 1, "", None) == "a"
    assert ready("a", 1, 1, "", 15) == fresh("a", 15)
