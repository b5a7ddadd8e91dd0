"""Which side of an alerting expression can be drawn, and against which limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.config.promql_comparison import Comparison, comparison


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ("up == 0", Comparison("up", "==", 0.0)),
        ("rate(x[5m]) > 1e3", Comparison("rate(x[5m])", ">", 1000.0)),
        ("a / b >= bool 0.9", Comparison("a / b", ">=", 0.9)),
        ("free < (0.1)", Comparison("free", "<", 0.1)),
        ("temperature<-3", Comparison("temperature", "<", -3.0)),
        ('errors{path=~"a>b"} > 5', Comparison('errors{path=~"a>b"}', ">", 5.0)),
        ("queue > limit", Comparison("queue", ">", None)),
        ("sum(x > 3) > 2", Comparison("sum(x > 3)", ">", 2.0)),
    ],
)
def test_the_left_side_is_what_is_drawn_and_a_plain_number_is_the_limit(expr: str, found: Comparison) -> None:
    assert comparison(expr) == found


@pytest.mark.parametrize(
    "expr",
    ["vector(1)", "a > 1 and b > 2", "a > 1 or b", "1 < a < 3", "absent(up)", "(a > 1)", "a >", "> 3", "a) > 1", ""],
)
def test_what_is_not_one_comparison_is_none(expr: str) -> None:
    assert comparison(expr) is None


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    found = comparison(text)

    assert found is None or (found.left in text and found.operator in text)
