"""Where panels stand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.layout import Region, arrange, shared

ROWS = (("a", "b", "c"), ("d",), ("e", "f"))
layouts = st.lists(st.integers(1, 4), min_size=1, max_size=5).map(
    lambda sizes: [[f"p{row}_{index}" for index in range(size)] for row, size in enumerate(sizes)]
)


def overlap(one: Region, other: Region) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


@settings(max_examples=100, deadline=None)
@given(
    layouts, st.lists(st.floats(-1, 9), max_size=5), st.randoms(use_true_random=False), st.integers(1, 250),
    st.integers(1, 70), st.integers(1, 9), st.integers(1, 80),
)  # fmt: skip
def test_panels_cover_everything_and_never_overlap(
    rows: list[list[str]], weights: list[float], order: object, width: int, height: int, tall: int, wide: int
) -> None:
    priority = [name for row in rows for name in row]
    order.shuffle(priority)  # type: ignore[attr-defined]  # a seeded random.Random
    regions = list(arrange(rows, weights, priority, width, height, tall, wide).values())
    assert regions
    for region in regions:
        assert region.x >= 0
        assert region.y >= 0
        assert region.x + region.width <= width
        assert region.y + region.height <= height
        assert len(regions) == 1 or region.height >= tall
    assert not any(overlap(one, other) for at, one in enumerate(regions) for other in regions[at + 1 :])
    assert sum(region.width * region.height for region in regions) == width * height


@settings(max_examples=100, deadline=None)
@given(layouts, st.randoms(use_true_random=False), st.integers(1, 250), st.integers(1, 60))
def test_the_most_important_panel_always_stays(rows: list[list[str]], order: object, width: int, height: int) -> None:
    names = [name for row in rows for name in row]
    first = order.choice(names)  # type: ignore[attr-defined]  # a seeded random.Random
    assert first in arrange(rows, (), [first], width, height)


def across(width: int, height: int = 60) -> int:
    regions = arrange(ROWS, (), (), width, height)
    return max(sum(one.y == region.y for one in regions.values()) for region in regions.values())


def test_columns_follow_the_width() -> None:
    assert [across(width) for width in (40, 80, 120, 200)] == [1, 1, 2, 3]


def test_a_panel_alone_in_its_row_keeps_the_whole_width() -> None:
    assert arrange(ROWS, (), (), 200, 60)["d"].width == 200


def test_widths_in_a_row_differ_by_one_cell_at_most() -> None:
    widths = [arrange([["a", "b", "c"]], (), (), 200, 9)[name].width for name in "abc"]
    assert widths == [67, 67, 66]


def test_what_has_no_room_drops_out_whole_least_important_first() -> None:
    rows = [["a"], ["b"], ["c"]]
    assert set(arrange(rows, (), ["c", "a", "b"], 80, 14)) == {"a", "c"}
    assert set(arrange(rows, (), ["c"], 80, 14)) == {"a", "c"}


def test_a_panel_that_costs_no_height_stays_where_a_more_important_one_has_no_room() -> None:
    assert set(arrange([["a", "z"], ["b"]], (), ["a", "b", "z"], 120, 8)) == {"a", "z"}


def test_panels_name_the_height_they_need() -> None:
    assert set(arrange([["a"], ["b"]], (), ["a"], 80, 14, {"b": 12})) == {"a"}
    assert set(arrange([["a"], ["b"]], (), ["a"], 80, 14, 7)) == {"a", "b"}


def test_heights_follow_the_weights() -> None:
    regions = arrange([["a"], ["b"]], (3.0, 1.0), (), 80, 40)
    assert (regions["a"].height, regions["b"].height) == (30, 10)


def test_no_cells_hold_no_panels() -> None:
    assert arrange(ROWS, (), (), 0, 40) == {}
    assert arrange(ROWS, (), (), 80, 0) == {}
    assert arrange((), (), (), 80, 40) == {}


@pytest.mark.parametrize("odd", [0.0, -1.0, math.nan, math.inf])
def test_shares_add_up_whatever_the_weights(odd: float) -> None:
    assert sum(shared(31, [odd, odd, odd], [5, 5, 5])) == 31
    assert sum(shared(31, [1.0, odd, 1.0], [5, 5, 5])) == 31
