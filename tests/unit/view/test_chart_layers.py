"""Charts whose rows are drawn as a whole are equal, cell by cell, to charts that are drawn dot by dot."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.view.chart import chart
from perftui.view.glyphs import UTF8
from perftui.view.heat import shaded
from perftui.view.scale import Limits, Scale, scale
from perftui.view.text import Line

_LOW, _HIGH = -1.0, 2.0
_WEIGHTS = {Role.WATCH: 100, Role.BAD: 101}
_Cell = tuple[str, Role | None]
_number = st.none() | st.sampled_from((0.0, 0.5, 0.8, 1.0)) | st.floats(_LOW, _HIGH) | st.floats()
_limits = st.builds(Limits, st.none() | st.floats(_LOW, _HIGH), st.none() | st.floats(_LOW, _HIGH), st.booleans())


def _window(series: list[list[float | None]]) -> Window:
    made = tuple(SeriesWindow(f"t/s{index}", tuple(one), (), ()) for index, one in enumerate(series))
    return Window(0.0, 1.0, len(series[0]), made)


def _cells(line: Line) -> list[_Cell]:
    """Every character with its role; a blank has none."""
    return [(char, None if char == " " else role) for text, role in line for char in text]


def _dot_by_dot(series: list[list[float | None]], values: Scale, limits: Limits, rows: int) -> list[list[_Cell]]:
    """Two columns a cell, one for each value; a single series is filled, of several the first is on top."""
    steps, cells = rows * 4, len(series[0]) // 2
    base = values.level(0.0, steps)
    bits: dict[tuple[int, int], int] = {}
    roles: dict[tuple[int, int], Role] = {}
    weights = {**dict.fromkeys(SERIES_ROLES, 0), **{SERIES_ROLES[index]: -index for index in range(6)}, **_WEIGHTS}
    for index, one in enumerate(series):
        old: int | None = None
        for column, value in enumerate(one):
            if value is None or value != value:
                old = None
                continue
            level = values.levels([value], steps, inside=False)[0] - 1
            low, high = level, level
            if len(series) == 1:
                low, high = min(base, level), max(base, level)
            elif old is not None and old != level:
                low, high = (old + 1, level) if old < level else (level, old - 1)
            old = level
            role = limits.role(value, SERIES_ROLES[index])
            for dot in range(low, high + 1):
                at = rows - 1 - dot // 4, column // 2
                bits[at] = bits.get(at, 0) | (0x40, 0x04, 0x02, 0x01, 0x80, 0x20, 0x10, 0x08)[column % 2 * 4 + dot % 4]
                roles[at] = max(roles.get(at, role), role, key=lambda one: weights[one])
    return [
        [
            (chr(0x2800 + bits[row, cell]), roles[row, cell]) if (row, cell) in bits else (" ", None)
            for cell in range(cells)
        ]
        for row in range(rows)
    ]


@settings(max_examples=300, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 8), st.integers(1, 2) | st.integers(64, 70), _limits)
def test_every_cell_of_a_chart_is_as_if_drawn_dot_by_dot(
    data: st.DataObject, count: int, cells: int, rows: int, limits: Limits
) -> None:
    one = st.lists(_number, min_size=cells * 2, max_size=cells * 2)
    series = data.draw(st.lists(one, min_size=count, max_size=count))
    top = data.draw(st.sampled_from((None, 1.0)))
    window = _window(series)
    values = scale(window.series, Unit.NONE, limits, top)
    picture = chart(
        window, start=0.0, end=window.end, width=cells, height=rows, unit=Unit.NONE, glyphs=UTF8, watch=limits.watch,
        bad=limits.bad, above=limits.above, top=top, axis=False,
    )  # fmt: skip
    # the line of the threshold stands where nothing else does
    shown = [
        [(char, role) if role is not Role.THRESHOLD else (" ", None) for char, role in _cells(line)] for line in picture
    ]
    assert shown == _dot_by_dot(series, values, limits, rows)


@settings(max_examples=300, deadline=None)
@given(st.lists(_number, max_size=30), st.sampled_from((Scale(0.0, 1.0), Scale(-1.0, 2.0))), _limits)
def test_every_cell_of_a_heat_row_has_the_shade_and_the_role_of_its_own_value(
    numbers: list[float | None], values: Scale, limits: Limits
) -> None:
    cells = [None if value is None or math.isnan(value) else value for value in numbers]
    wanted: list[_Cell] = []
    for value in cells:
        level = 0 if value is None else values.level(value, 5) or int(value > values.low)
        normal = Role.BAR if level else Role.LABEL
        wanted.append((" ", None) if value is None else (UTF8.shades[level], limits.role(value, normal)))
    line = shaded(cells, UTF8.shades, values, limits)
    assert _cells(line) == wanted
    assert all(role is not after for (_, role), (_, after) in pairwise(line))


@given(st.lists(st.none() | st.floats(-2.0, 3.0)), st.integers(1, 400))
def test_levels_of_values_that_are_known_to_be_inside_are_the_same(numbers: list[float | None], steps: int) -> None:
    values = Scale(-2.0, 3.0)
    assert values.levels(numbers, steps, inside=True) == values.levels(numbers, steps, inside=False)
