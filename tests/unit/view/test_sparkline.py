"""One line for a series."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.sparkline import sparkline_row
from perftui.view.text import Line, line_width, plain

numbers = st.none() | st.floats(-10, 1e6)


def row(value: float | None, width: int, glyphs: GlyphSet = UTF8, label: str = "cpu") -> Line:
    series = SeriesWindow("t/x", (0.5, None, 0.9), (), ())
    return sparkline_row(
        label, series, Window(0.0, 1.0, 3, (series,)), start=0.0, end=3.0, width=width, unit=Unit.RATIO,
        glyphs=glyphs, value=value, watch=0.6, bad=0.8,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.none() | st.floats(0, 1e15), st.integers(0, 90), st.sampled_from((UTF8, ASCII)))
def test_a_row_has_exactly_its_width(label: str, value: float | None, width: int, glyphs: GlyphSet) -> None:
    assert line_width(row(value, width, glyphs, label)) == width


def test_values_of_rows_line_up_and_their_state_has_a_sign() -> None:
    texts = [plain(row(value, 50)) for value in (0.05, 0.7, 0.92)]
    assert {text.index("%") for text in texts} == {47}
    assert [text[-1] for text in texts] == [" ", "▲", "✗"]


def test_no_value_is_a_dash_and_never_zero() -> None:
    line = row(None, 50)
    assert plain(line).rstrip().endswith("–")
    assert line[-1][1] is Role.STALE


def test_the_figure_stays_longest() -> None:
    assert "92 % ✗" in plain(row(0.92, 20))
    assert plain(row(0.92, 8)).startswith("92 % ✗")
