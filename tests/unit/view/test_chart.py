"""Charts: exact sizes, honest scales, gaps, bands and what stands in which cell."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.view.chart import chart
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.scale import Limits, Scale, scale
from perftui.view.text import Line, line_width, plain
from perftui.view.time_axis import TICKS_S


def window(*series: list[float | None], step_s: float = 1.0) -> Window:
    made = tuple(SeriesWindow(f"t/s{index}", tuple(one), tuple(one), tuple(one)) for index, one in enumerate(series))
    return Window(0.0, step_s, len(series[0]) if series else 0, made)


def drawn(
    *series: list[float | None],
    width: int = 20,
    height: int = 4,
    glyphs: GlyphSet = UTF8,
    unit: Unit = Unit.NONE,
    axis: bool = False,
    top: float | None = 1.0,
    limits: Limits | None = None,
    cursor: float | None = None,
    marks: tuple[tuple[float, str], ...] = (),
) -> tuple[Line, ...]:
    made, bounds = window(*series), limits or Limits()
    end = made.end or 1.0
    return chart(
        made, start=0.0, end=end, width=width, height=height, unit=unit, glyphs=glyphs, watch=bounds.watch,
        bad=bounds.bad, above=bounds.above, top=top, axis=axis, cursor=cursor, marks=marks,
    )  # fmt: skip


def rows(picture: tuple[Line, ...]) -> list[str]:
    return [plain(line) for line in picture]


def roles_at(picture: tuple[Line, ...], cell: int) -> list[Role]:
    """The roles of the drawn cells of a column, from top to bottom."""
    found = []
    for line in picture:
        at = 0
        for text, role in line:
            if at <= cell < at + len(text) and text[cell - at] != " ":
                found.append(role)
            at += len(text)
    return found


values = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 1)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(values, min_size=5, max_size=5), max_size=3),
    st.integers(0, 60),
    st.integers(0, 20),
    st.sampled_from((UTF8, ASCII)),
    st.sampled_from(list(Unit)),
    st.booleans(),
    st.none() | st.floats(-1, 6),
)
def test_a_picture_has_exactly_its_size_whatever_the_data(
    series: list[list[float | None]], width: int, height: int, glyphs: GlyphSet, unit: Unit, above: bool, at: float
) -> None:
    picture = drawn(
        *series, width=width, height=height, glyphs=glyphs, unit=unit, axis=True, top=None,
        limits=Limits(0.5, 0.8, above), cursor=at, marks=() if at is None else ((at, "D"), (at, "あ")),
    )  # fmt: skip
    assert len(picture) == height
    assert all(line_width(line) == width for line in picture)


def test_a_gap_stays_a_gap() -> None:
    assert rows(drawn([1.0, None, 1.0], width=3, height=2)) == ["⣿ ⣿", "⣿ ⣿"]
    assert rows(drawn([1.0, None, 1.0], width=3, height=2, glyphs=ASCII)) == ["@ @", "@ @"]


def test_not_a_number_is_a_gap_and_infinity_stands_at_the_edge() -> None:
    assert rows(drawn([1.0, math.nan, math.inf, -math.inf], width=4, height=1)) == ["⣿ ⣿⣀"]


def test_zero_is_a_line_at_the_bottom_and_not_nothing() -> None:
    assert rows(drawn([0.0, 0.0], width=2, height=2)) == ["  ", "⣀⣀"]


def test_the_column_shows_the_bucket_that_covers_its_time() -> None:
    picture = rows(drawn([0.0, 1.0, 0.0, 0.0], width=8, height=1))
    assert picture == ["⣀⣀⣿⣿⣀⣀⣀⣀"]


def test_a_peak_survives_in_a_chart_of_fewer_columns_than_buckets() -> None:
    lonely: list[float | None] = [0.0] * 100
    for place in range(100):
        spiky = list(lonely)
        spiky[place] = 1.0
        top = rows(drawn(spiky, width=10, height=4))[0]
        assert sum(char != " " for char in top) == 1, place


def test_where_low_is_bad_the_dip_survives() -> None:
    dipped: list[float | None] = [*[1.0] * 99, 0.0]
    picture = drawn(dipped, width=10, height=1, limits=Limits(bad=0.5, above=False))
    assert roles_at(picture, 9) == [Role.BAD]


def test_cells_beyond_a_threshold_change_their_role_as_whole_columns() -> None:
    picture = drawn([0.2, 0.6, 0.9], width=3, height=4, limits=Limits(0.5, 0.8))
    assert set(roles_at(picture, 0)) == {Role.SERIES1, Role.THRESHOLD}
    assert set(roles_at(picture, 1)) - {Role.THRESHOLD} == {Role.WATCH}
    assert set(roles_at(picture, 2)) == {Role.BAD}


def test_the_worse_half_of_a_cell_decides_its_role() -> None:
    for pair in ([0.9, 0.2], [0.2, 0.9]):
        picture = drawn([*pair], width=1, height=1, limits=Limits(0.5, 0.8))
        assert roles_at(picture, 0) == [Role.BAD]


def test_a_value_at_the_threshold_is_not_beyond_it() -> None:
    for glyphs in (UTF8, ASCII):
        for value, role in ((0.5, Role.SERIES1), (0.8, Role.WATCH), (0.81, Role.BAD)):
            picture = drawn([value], width=1, height=1, limits=Limits(0.5, 0.8), glyphs=glyphs)
            assert roles_at(picture, 0) == [role], (glyphs.name, value)


def test_the_threshold_is_dotted_through_empty_cells_only() -> None:
    picture = rows(drawn([0.0, 1.0, None], width=3, height=4, limits=Limits(bad=0.5)))
    assert picture == [" ⣿ ", "┄⣿┄", " ⣿ ", "⣀⣿ "]


def test_several_series_are_lines_and_the_first_stays_on_top() -> None:
    picture = drawn([0.0, 0.0], [1.0, 1.0], width=2, height=2)
    assert rows(picture) == ["⠉⠉", "⣀⣀"]
    assert roles_at(picture, 0) == [Role.SERIES2, Role.SERIES1]
    assert roles_at(drawn([0.5, 0.5], [0.5, 0.5], width=2, height=1), 0) == [Role.SERIES1]


def test_a_line_is_joined_where_it_jumps() -> None:
    column = [row[1] for row in rows(drawn([0.0, 1.0], [None, None], width=2, height=4))]
    assert " " not in column


def test_values_below_zero_hang_from_the_zero_line() -> None:
    picture = chart(
        window([-1.0, 1.0]), start=0, end=2, width=2, height=4, unit=Unit.NONE, glyphs=UTF8, axis=False
    )  # fmt: skip
    assert [row[1] != " " for row in rows(picture)][:2] == [True, True]
    assert [row[0] != " " for row in rows(picture)][2:] == [True, True]
    assert rows(picture)[3][1] == " "
    assert rows(picture)[0][0] == " "


def test_the_cursor_stands_on_its_column_and_at_the_end_on_the_last() -> None:
    assert [row.index("┃") for row in rows(drawn([0.0] * 10, width=10, cursor=3.5))] == [3] * 4
    assert [row.index("┃") for row in rows(drawn([0.0] * 10, width=10, cursor=10.0))] == [9] * 4
    assert "┃" not in "".join(rows(drawn([0.0] * 10, width=10, cursor=-0.01)))


def test_a_mark_has_its_letter_on_top_and_leaves_the_data_standing() -> None:
    picture = rows(drawn([0.4] * 10, width=10, height=4, marks=((2.0, "D"),)))
    assert [row[2] for row in picture][:2] == ["D", "┊"]
    assert picture[3][2] == "⣿"


def test_a_mark_before_the_window_is_not_drawn() -> None:
    assert "D" not in "".join(rows(drawn([0.0] * 4, width=4, marks=((-0.5, "D"), (4.5, "D")))))


def test_axes_name_the_unit_once_and_the_time() -> None:
    picture = rows(drawn([0.2] * 300, width=60, height=8, unit=Unit.RATIO, axis=True))
    assert picture[0].startswith("100 % ")
    assert "".join(picture).count("%") == 1
    assert picture[3].startswith("   50 ")
    assert picture[6].startswith("    0 ")
    assert picture[7].split() == ["-5m", "-4m", "-3m", "-2m", "-1m", "now"]


@pytest.mark.parametrize(("width", "height"), [(29, 8), (60, 2)])
def test_a_small_chart_is_all_data(width: int, height: int) -> None:
    assert not any(char.isalnum() for char in "".join(rows(drawn([0.2] * 9, width=width, height=height, axis=True))))


@pytest.mark.parametrize(
    ("highest", "unit", "top"),
    [
        (0.0, Unit.NONE, 1.0),
        (0.3, Unit.RATIO, 0.5),
        (0.51, Unit.RATIO, 1.0),
        (1.2, Unit.RATIO, 2.0),
        (0.038, Unit.SECONDS, 0.05),
        (100.0, Unit.SECONDS, 120.0),
        (212.0, Unit.PER_SECOND, 250.0),
        (1000.0, Unit.COUNT, 1000.0),
        (900 * 1024.0, Unit.BYTES, 1024.0**2),
        (5 * 1024.0**3, Unit.BYTES, 6 * 1024.0**3),
    ],
)
def test_the_top_of_the_scale_reads_well(highest: float, unit: Unit, top: float) -> None:
    assert scale(window([0.0, highest]).series, unit, Limits()) == Scale(0.0, top)


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-299, 1e299), st.sampled_from(list(Unit)))
def test_the_scale_holds_the_data_and_wastes_little(highest: float, unit: Unit) -> None:
    top = scale(window([highest]).series, unit, Limits()).high
    assert highest <= top * (1 + 1e-9)
    assert top <= highest * 2.5 * (1 + 1e-9) or (unit is Unit.SECONDS and top in TICKS_S)


def test_a_threshold_joins_the_scale_only_when_the_data_comes_near() -> None:
    assert scale(window([40.0]).series, Unit.NONE, Limits(bad=200.0)).high == 50.0
    assert scale(window([100.0]).series, Unit.NONE, Limits(bad=200.0)).high == 200.0


def test_a_fixed_top_is_fixed() -> None:
    assert scale(window([7.0]).series, Unit.NONE, Limits(bad=9.0), 5.0) == Scale(0.0, 5.0)
