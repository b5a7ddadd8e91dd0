from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.trend import theil_sen


def test_a_line_is_found_in_spite_of_wild_samples() -> None:
    points = [(float(at), 3.0 * at + 5.0) for at in range(40)]
    points[7], points[20] = (7.0, 1e9), (20.0, -1e9)
    trend = theil_sen(points)
    assert trend is not None
    assert trend.slope == pytest.approx(3.0)
    assert trend.value == pytest.approx(3.0 * 39 + 5.0)
    assert trend.low <= 3.0 <= trend.high


def test_the_interval_holds_the_slope_about_as_often_as_it_says() -> None:
    random, inside = Random(5), 0
    for _ in range(100):
        trend = theil_sen([(float(at), 2.0 * at + random.gauss(0, 20)) for at in range(50)])
        assert trend is not None
        inside += trend.low <= 2.0 <= trend.high
    assert 65 <= inside <= 92


@pytest.mark.parametrize(
    "points", [[], [(1.0, 1.0)] * 10, [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)], [(1.0, float("nan"))] * 9]
)
def test_too_little_has_no_trend(points: list[tuple[float, float]]) -> None:
    assert theil_sen(points) is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e9, 1e9)), max_size=200))
def test_the_slope_lies_in_its_interval(points: list[tuple[float, float]]) -> None:
    trend = theil_sen(points)
    assert trend is None or trend.low <= trend.slope <= trend.high
