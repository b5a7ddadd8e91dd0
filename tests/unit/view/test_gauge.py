"""A bar and its value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.domain.units import Unit
from perftui.view.gauge import bar, gauge
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.text import line_width, plain, text_width


@settings(max_examples=100, deadline=None)
@given(
    st.none() | st.floats(allow_nan=True, allow_infinity=True), st.integers(0, 90), st.sampled_from((UTF8, ASCII)),
    st.sampled_from(list(Unit)), st.none() | st.floats(-1, 5),
)  # fmt: skip
def test_a_gauge_has_exactly_its_width(
    value: float | None, width: int, glyphs: GlyphSet, unit: Unit, top: float | None
) -> None:
    assert line_width(gauge("disk /var", value, width=width, unit=unit, glyphs=glyphs, top=top)) == width


@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
def test_a_bar_is_as_long_as_its_part(glyphs: GlyphSet) -> None:
    assert bar(0.0, 4, glyphs) == "    "
    assert bar(0.5, 4, glyphs) == glyphs.full * 2 + "  "
    assert bar(1.0, 4, glyphs) == bar(7.0, 4, glyphs) == glyphs.full * 4
    assert bar(-1.0, 4, glyphs) == bar(math.nan, 4, glyphs) == "    "


def test_almost_empty_is_not_empty_and_almost_full_is_not_full() -> None:
    assert bar(1e-9, 4, UTF8) == "▏   "
    assert bar(1 - 1e-9, 4, UTF8) == "███▉"


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_a_shorter_bar(one: float, other: float) -> None:
    def size(part: float) -> int:
        return sum(UTF8.left_bars.index(char) for char in bar(part, 10, UTF8))

    assert (one <= other) <= (size(one) <= size(other))


def test_beyond_a_threshold_bar_and_value_change_and_get_a_sign() -> None:
    line = gauge("mem", 0.95, width=40, unit=Unit.RATIO, glyphs=UTF8, watch=0.8, bad=0.9)
    assert [role for _, role in line] == [Role.LABEL, Role.BAD, Role.BAD]
    assert plain(line).endswith("95 % ✗")


def test_only_what_has_a_top_has_a_bar() -> None:
    assert UTF8.full not in plain(gauge("load", 3.0, width=40, unit=Unit.NONE, glyphs=UTF8))
    assert UTF8.full in plain(gauge("load", 3.0, width=40, unit=Unit.NONE, glyphs=UTF8, top=4.0))


def test_no_value_is_no_bar() -> None:
    line = gauge("mem", None, width=40, unit=Unit.RATIO, glyphs=UTF8)
    assert plain(line).split() == ["mem", "–"]
    assert text_width(plain(line)) == 40
