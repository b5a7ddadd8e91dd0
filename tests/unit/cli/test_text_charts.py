"""Charts of text snapshots: plotext's, in exactly their room, with gaps, thresholds and times that are true."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.cli.text_charts import TextCharts
from perftui.domain.roles import SERIES_ROLES
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.text import line_width, plain

_START = 1_800_000_000.0


def _clock(at: float) -> str:
    return f"t{at - _START:+.0f}"


def _drawn(
    *series: list[float | None],
    width: int = 70,
    height: int = 12,
    glyphs: GlyphSet = UTF8,
    unit: Unit = Unit.NONE,
    bad: float | None = None,
    marks: tuple[tuple[float, str], ...] = (),
    top: float | None = 100.0,
) -> list[str]:
    made = tuple(SeriesWindow(f"a/s{place}", tuple(one), tuple(one), tuple(one)) for place, one in enumerate(series))
    cells = max(map(len, series))
    window = Window(_START, 1.0, cells, made)
    lines = TextCharts(glyphs, _clock)(
        window, start=_START, end=_START + cells, width=width, height=height, unit=unit, glyphs=glyphs, bad=bad,
        top=top, marks=marks, roles=SERIES_ROLES,
    )  # fmt: skip
    assert [line_width(line) for line in lines] == [width] * height
    return [plain(line) for line in lines]


def test_a_chart_has_axes_with_units_and_times_of_day() -> None:
    rows = _drawn([0.5] * 60, unit=Unit.RATIO, top=1.0)

    assert rows[0].startswith("100 %┤")
    assert any(row.startswith("0.0 %┤") for row in rows)
    assert "t+30" in rows[-1]
    assert "\x1b" not in "".join(rows)


def test_a_gap_stays_empty_and_is_never_drawn_as_nothing() -> None:
    rows = _drawn([50.0] * 20 + [None] * 20 + [50.0] * 20, glyphs=ASCII)

    body = [row[row.index("|") + 1 :] for row in rows[:-2]]
    stars = [row for row in body if "*" in row]
    assert len(stars) == 1
    assert "  " * 8 in stars[0].strip()


def test_not_a_number_is_a_gap_too() -> None:
    assert _drawn([50.0] * 20 + [math.nan] * 20 + [50.0] * 20) == _drawn([50.0] * 20 + [None] * 20 + [50.0] * 20)


def test_curves_are_told_apart_without_colours() -> None:
    text = "\n".join(_drawn([10.0] * 60, [50.0] * 60, [90.0] * 60))

    assert "•" in text
    assert "+" in text
    assert any("\u2801" <= char <= "\u28ff" for char in text)


def test_the_threshold_is_a_line_and_marks_are_letters_at_their_time() -> None:
    rows = _drawn([10.0] * 60, bad=50.0, marks=((_START + 30, "F"),))

    assert sum("┄┄┄" in row for row in rows) == 1
    at = rows[0].index("F")
    assert 30 <= at <= 44
    assert all(row[at] == "┊" for row in rows[1:4])


def test_ascii_is_ascii() -> None:
    assert "".join(_drawn([10.0] * 60, [50.0] * 60, bad=50.0, glyphs=ASCII)).isascii()


def test_what_has_no_room_for_axes_is_the_consoles_own_chart() -> None:
    assert "┤" not in "".join(_drawn([10.0] * 60, width=11))
    assert "┤" not in "".join(_drawn([10.0] * 60, height=2))


_VALUES = st.lists(st.none() | st.floats(), min_size=1, max_size=40)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(_VALUES, min_size=1, max_size=5), st.integers(1, 130), st.integers(1, 30), st.sampled_from([UTF8, ASCII]),
    st.sampled_from(list(Unit)), st.none() | st.floats(), st.none() | st.floats(0, 1e9),
)  # fmt: skip
def test_whatever_is_measured_is_drawn_in_exactly_its_room(
    series: list[list[float | None]],
    width: int,
    height: int,
    glyphs: GlyphSet,
    unit: Unit,
    bad: float | None,
    top: float | None,
) -> None:
    longest = max(map(len, series))
    padded = [one + [None] * (longest - len(one)) for one in series]
    _drawn(*padded, width=width, height=height, glyphs=glyphs, unit=unit, bad=bad, top=top)
