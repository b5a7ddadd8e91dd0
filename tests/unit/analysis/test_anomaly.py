"""A band is what a series usually does: it is not left by noise, is left by a jump, and follows a new level in time."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.anomaly import Band, Bands

WIDTH, MEMORY = 4.0, 60.0


def _fed(values: list[float], band: Band | None = None, start: float = 0.0) -> tuple[Band, list[int]]:
    band = Band() if band is None else band
    sides = []
    for second, value in enumerate(values):
        band.take(start + second, value, WIDTH, MEMORY)
        sides.append(band.side)
    return band, sides


def _noise(count: int, level: float = 100.0) -> list[float]:
    rng = random.Random(7)
    return [rng.gauss(level, 5.0) for _ in range(count)]


def test_noise_hardly_ever_leaves_the_band() -> None:
    _, sides = _fed(_noise(10_000))

    assert sum(map(abs, sides)) <= 10


def test_a_jump_leaves_it_to_its_side_and_is_believed_in_time() -> None:
    band, _ = _fed(_noise(300))
    assert _fed([200.0], band, 300.0)[1] == [1]
    _, sides = _fed(_noise(600, 200.0), band, 301.0)

    assert sides[:5] == [1] * 5
    assert sides[-100:].count(0) >= 95
    assert _fed([0.0], band, 901.0)[1] == [-1]


def test_before_it_is_known_nothing_is_strange() -> None:
    assert not any(_fed([1.0] * 20 + [1e6] * 5)[1])


def test_one_outlier_hardly_moves_the_band() -> None:
    band, _ = _fed(_noise(300))
    before = band.mean
    _fed([1e9], band, 300.0)

    assert abs(band.mean - before) < 5.0


def test_a_flat_series_flickers_without_being_strange() -> None:
    band, _ = _fed([100.0] * 100)

    assert _fed([101.0], band, 100.0)[1] == [0]
    assert _fed([110.0], band, 101.0)[1] == [1]


def test_series_that_are_gone_are_forgotten() -> None:
    bands = Bands()
    for second in range(50):
        bands.take({"a": (second, 1.0), "b": (second, 2.0)}, WIDTH, MEMORY)
    assert bands.warm == 2
    bands.take({"a": (50, 9.0)}, WIDTH, MEMORY)

    assert (bands.warm, bands.outside()) == (1, {"a": 1})


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=100))
def test_no_values_break_a_band(values: list[float]) -> None:
    band, sides = _fed(values)

    assert band.n <= len(values)
    assert set(sides) <= {-1, 0, 1}
