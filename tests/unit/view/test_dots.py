"""Rows of dots are what one gets who sets every dot on its own."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.dots import areas, packed, strokes, text

# bits of braille by column and height, the lowest first
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
# beyond 63 rows the levels do not fit into bytes
_HEIGHTS = st.integers(1, 8) | st.integers(60, 130)


def _shown(drawn: Sequence[int], columns: int) -> list[str]:
    return [text(packed(row, columns // 2)) for row in drawn]


def _by_dots(dots: Sequence[range], rows: int) -> list[str]:
    """``dots`` are the levels of each column that have a dot."""
    cells = [[0x2800] * (len(dots) // 2) for _ in range(rows)]
    for column, levels in enumerate(dots):
        for level in levels:
            row, height = divmod(level - 1, 4)
            cells[rows - 1 - row][column // 2] |= _BITS[column % 2][height]
    return ["".join(map(chr, row)).replace("\u2800", " ") for row in cells]


@st.composite
def _levels(draw: st.DrawFn) -> tuple[int, list[int]]:
    """Rows, and the levels of as many columns as some cells have."""
    rows, cells = draw(_HEIGHTS), draw(st.integers(1, 12))
    level = st.integers(0, rows * 4) | st.integers(0, 3)
    return rows, draw(st.lists(level, min_size=cells * 2, max_size=cells * 2))


@settings(max_examples=200, deadline=None)
@given(_levels(), st.data())
def test_an_area_has_all_dots_from_its_base_to_each_level(case: tuple[int, list[int]], data: st.DataObject) -> None:
    rows, levels = case
    base = data.draw(st.just(1) | st.integers(1, rows * 4))
    dots = [range(min(base, level), max(base, level) + 1) if level else range(0) for level in levels]
    assert _shown(areas(levels, base, rows), len(levels)) == _by_dots(dots, rows)


def _stroke(old: int, level: int) -> range:
    if not level:
        return range(0)
    if not old or old == level:
        return range(level, level + 1)
    return range(old + 1, level + 1) if old < level else range(level, old)


@settings(max_examples=200, deadline=None)
@given(_levels())
def test_a_stroke_joins_each_level_to_the_one_before_but_for_gaps(case: tuple[int, list[int]]) -> None:
    rows, levels = case
    dots = [_stroke(old, level) for old, level in zip([0, *levels], levels, strict=False)]
    assert _shown(strokes(levels, rows), len(levels)) == _by_dots(dots, rows)
