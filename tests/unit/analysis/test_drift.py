from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.drift import drift


def _points(slope: float, noise: float, seconds: int = 300) -> list[tuple[float, float]]:
    random = Random(7)
    return [(float(at), 100.0 + slope * at + random.gauss(0, noise)) for at in range(seconds)]


def test_what_creeps_is_drift_with_its_slope_and_an_interval_around_it() -> None:
    found = drift(_points(0.1, 5.0))

    assert found.word == "drift"
    assert found.slope == pytest.approx(0.1, rel=0.15)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low <= 0.1 <= found.high


def test_what_stands_is_none_and_what_is_sure_but_tiny_too() -> None:
    assert drift(_points(0.0, 5.0)).word == "none"
    assert drift(_points(0.005, 0.1)).word == "none"


def test_noise_that_could_hide_a_lot_is_not_called_none() -> None:
    assert drift(_points(0.0, 500.0, 60)).word == "unsure"


def test_a_short_run_is_too_short_to_tell() -> None:
    assert drift(_points(5.0, 0.1, 50)).word == "too short"
    assert drift([(float(at), float(at)) for at in range(0, 300, 20)]).word == "too short"
    assert drift([]).word == "too short"


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e9)), max_size=120))
def test_whatever_was_measured_is_one_of_four_words(points: list[tuple[float, float]]) -> None:
    assert drift(points).word in ("drift", "none", "unsure", "too short")
