"""Which columns fit, and how wide they are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.columns import Column, fitting


def column(name: str, width: int | None, priority: int = 0, weight: float = 1.0) -> Column[str]:
    return Column(name, name, width, str, str, priority=priority, weight=weight)


def placed(width: int, *columns: Column[str]) -> dict[str, int]:
    return {one.id: size for one, size in fitting(columns, width)}


def test_a_flexible_column_takes_what_is_left() -> None:
    assert placed(40, column("a", 6), column("b", None), column("c", 8)) == {"a": 6, "b": 24, "c": 8}


def test_flexible_columns_share_by_weight() -> None:
    assert placed(41, column("a", None, weight=3.0), column("b", None)) == {"a": 30, "b": 10}


def test_the_least_important_columns_go_first_and_whole() -> None:
    columns = (column("a", 10), column("b", 10, 2), column("c", 10, 1), column("d", 10, 2))
    assert list(placed(43, *columns)) == ["a", "b", "c", "d"]
    assert list(placed(42, *columns)) == ["a", "b", "c"]
    assert list(placed(31, *columns)) == ["a", "c"]
    assert list(placed(12, *columns)) == ["a"]


def test_the_last_column_is_as_narrow_as_it_must_be() -> None:
    assert placed(4, column("a", 10)) == {"a": 4}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(1, 20), st.integers(0, 4), st.floats(0.1, 5)), min_size=1, max_size=7),
    st.integers(0, 150),
)
def test_columns_and_the_blanks_between_them_never_need_more_than_there_is(
    shapes: list[tuple[int | None, int, float]], width: int
) -> None:
    columns = [column(str(index), *shape) for index, shape in enumerate(shapes)]
    found = fitting(columns, width)
    used = sum(size for _, size in found) + len(found) - 1
    assert used <= width
    assert all(size >= 0 for _, size in found)
    if any(one.width is None for one, _ in found):
        assert used == width
