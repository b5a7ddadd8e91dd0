"""Tables: order, filter, marks, tree, and a cursor that one can trust."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.view.columns import Column
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.table import TableModel, as_tree
from perftui.view.text import line_width, plain


class Item(NamedTuple):
    key: str
    name: str
    size: float | None = 0.0
    parent: str = ""


COLUMNS: tuple[Column[Item], ...] = (
    Column("size", "size", 6, lambda item: str(item.size), lambda item: item.size),
    Column("name", "name", None, lambda item: item.name, lambda item: item.name, False, 1, False),
    Column("key", "key", 5, lambda item: item.key, lambda item: item.key, False, 2, False),
)


def rows(*items: Item) -> dict[str, Item]:
    return {item.key: item for item in items}


def table(*items: Item, sort: str = "size") -> TableModel[Item]:
    made = TableModel(COLUMNS, search_text=lambda item: item.name, parent_of=lambda item: item.parent, sort=sort)
    made.update(rows(*items))
    return made


A, B, C = Item("a", "Alpha one", 1.0), Item("b", "beta two", 3.0), Item("c", "gamma two", 2.0)


def test_a_column_sorts_in_its_natural_direction_first() -> None:
    made = table(A, B, C)
    assert made.order == ["b", "c", "a"]
    made.sort_by("name")
    assert made.order == ["a", "b", "c"]
    made.reverse()
    assert made.order == ["c", "b", "a"]
    made.sort_by("size", descending=False)
    assert made.order == ["a", "c", "b"]
    with pytest.raises(KeyError):
        made.sort_by("nothing")


def test_rows_without_a_value_come_last_in_both_directions() -> None:
    made = table(Item("x", "x", None), A, Item("y", "y", math.nan), B)
    assert made.order == ["b", "a", "x", "y"]
    made.reverse()
    assert made.order == ["a", "b", "x", "y"]


def test_equal_rows_keep_the_order_they_came_in() -> None:
    made = table(Item("x", "1", 1.0), Item("y", "2", 1.0), Item("z", "3", 1.0))
    assert made.order == ["x", "y", "z"]
    made.reverse()
    assert made.order == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "bca"), ("two", "bc"), ("TWO gam", "c"), ("!two", "a"), ("a !one", "bc"), ("zzz", ""), ("!", "bca"),
        ("alpha", "a"), ("! two", "bc"),
    ],
)  # fmt: skip
def test_all_words_must_occur_and_words_with_a_bang_must_not(text: str, shown: str) -> None:
    made = table(A, B, C)
    made.set_filter(text)
    assert made.order == list(shown)
    assert made.total == 3


def test_the_filter_sees_what_a_row_is_now() -> None:
    made = table(A, B, C)
    made.set_filter("two")
    made.update(rows(A._replace(name="two too"), B._replace(name="beta"), C))
    assert made.order == ["c", "a"]


def test_an_update_orders_again_only_when_the_order_can_change() -> None:
    made = table(A, B, C)
    order = made.order
    made.update(rows(A, B._replace(name="other"), C))
    assert made.order is order
    assert "other" in plain(made.row_line("b", 40, UTF8))
    made.update(rows(A._replace(size=9.0), B, C))
    assert made.order == ["a", "b", "c"]
    made.update(rows(B, C))
    assert made.order == ["b", "c"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abcdef"),
            st.tuples(st.sampled_from(("x", "y", "xy")), st.none() | st.integers(0, 3), st.sampled_from("abcdef")),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(("", "x", "!y")),
    st.booleans(),
)
def test_an_updated_table_looks_like_one_made_anew(
    steps: list[dict[str, tuple[str, int | None, str]]], text: str, tree: bool
) -> None:
    made = table()
    made.set_filter(text)
    made.set_tree(tree)
    told = table()
    told.set_filter(text)
    told.set_tree(tree)
    before: dict[str, Item] = {}
    for step in steps:
        now = rows(*(Item(key, *values) for key, values in sorted(step.items())))
        made.update(now)
        told.update(now, {key for key in {*before, *now} if before.get(key) != now.get(key)})
        assert told.order == made.order
        assert told.picture(40, 9, UTF8) == made.picture(40, 9, UTF8)
        before = now
        fresh = table(*now.values())
        fresh.set_filter(text)
        fresh.set_tree(tree)
        assert made.order == fresh.order
        assert made.picture(40, 9, UTF8) == fresh.picture(40, 9, UTF8)


def test_the_filter_sees_rows_that_were_told_to_have_changed() -> None:
    made = table(A, B, C)
    made.prepare_filter()
    made.update(rows(A, B._replace(name="zebra"), C), {"b"})
    made.set_filter("zebra")
    assert made.order == ["b"]


def test_rows_that_change_behind_its_back_do_not_break_a_table() -> None:
    live = rows(A, B, C)
    made = TableModel(COLUMNS, search_text=lambda item: item.name)
    made.update(live)
    del live["b"]
    assert "beta" in plain(made.picture(40, 5, UTF8)[1])


def test_the_cursor_stays_at_the_top_until_somebody_moves_it() -> None:
    made = table(A, B, C)
    assert made.cursor_row == B
    made.update(rows(A._replace(size=9.0), B, C))
    assert made.cursor_key == "a"


def test_a_cursor_that_was_moved_stays_on_its_row() -> None:
    made = table(A, B, C)
    made.move(1)
    assert made.cursor_key == "c"
    made.update(rows(A, B, C._replace(size=0.5)))
    assert (made.cursor_key, made.cursor_index) == ("c", 2)
    made.sort_by("name")
    assert (made.cursor_key, made.cursor_index) == ("c", 2)


def test_a_cursor_whose_row_is_gone_stays_at_its_place() -> None:
    made = table(A, B, C)
    made.move(1)
    made.update(rows(A, B))
    assert (made.cursor_key, made.cursor_index) == ("a", 1)
    made.update({})
    assert (made.cursor_key, made.cursor_row) == (None, None)
    made.move(1)
    made.update(rows(A, B))
    assert made.cursor_key == "b"


def test_a_filter_moves_the_cursor_to_what_it_shows() -> None:
    made = table(A, B, C)
    made.move_to(0)
    made.set_filter("gamma")
    assert made.cursor_key == "c"
    made.set_filter("zzz")
    assert made.cursor_key is None


def test_the_cursor_stops_at_the_ends() -> None:
    made = table(A, B, C)
    made.move(-5)
    assert made.cursor_index == 0
    made.move(50)
    assert made.cursor_index == 2


def test_marks_stay_with_their_rows_and_go_with_them() -> None:
    made = table(A, B, C)
    made.toggle_mark()
    made.update(rows(A, B._replace(size=0.0), C))
    assert made.marks == {"b"}
    assert "●" in plain(made.row_line("b", 40, UTF8))
    made.update(rows(A, C))
    assert made.marks == set()
    made.toggle_mark()
    made.toggle_mark()
    assert made.marks == set()


def test_the_viewport_follows_the_cursor_and_no_further() -> None:
    made = table(*(Item(f"{index:02d}", "x", float(-index)) for index in range(30)))
    assert made.visible(made.scroll(5), 5) == ["00", "01", "02", "03", "04"]
    made.move(5)
    assert made.scroll(5) == 1
    made.move(-1)
    assert made.scroll(5) == 1
    made.move(100)
    assert made.scroll(5) == 25
    assert made.scroll(100) == 0
    assert made.visible(28, 5) == ["28", "29"]
    assert made.visible(0, -1) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=20), min_size=1, max_size=6), st.integers(2, 60), st.integers(0, 9), st.booleans(),
    st.sampled_from((UTF8, ASCII)),
)  # fmt: skip
def test_every_line_has_exactly_its_width(
    names: list[str], width: int, height: int, tree: bool, glyphs: GlyphSet
) -> None:
    made = table(*(Item(str(index), name, 1.0, str(index - 1)) for index, name in enumerate(names)))
    made.set_tree(tree)
    picture = made.picture(width, height, glyphs)
    assert len(picture) == min(height, len(names) + 1)
    assert all(line_width(line) == width for line in picture)


def test_the_sorted_column_has_an_arrow_and_titles_stay_above_their_cells() -> None:
    made = table(A, B, C)
    header, first, *_ = (plain(line) for line in made.picture(40, 4, UTF8))
    assert header.startswith("   ▼size ")
    assert header.index("size") + 4 == first.index("3.0") + 3
    assert header.index("name") == first.index("beta")
    made.sort_by("name")
    assert "name▲" in plain(made.header_line(40, UTF8))


def test_a_title_that_fills_its_column_is_not_cut_by_the_arrow() -> None:
    full: Column[Item] = Column("size", "threads", 7, lambda item: "1", lambda item: item.size)
    made = TableModel((full,), search_text=lambda item: item.name)
    assert plain(made.header_line(20, UTF8)).startswith(" ▼threads ")


def test_cursor_and_mark_have_signs_and_roles() -> None:
    made = table(A, B, C)
    made.toggle_mark()
    made.move(1)
    lines = made.picture(40, 4, UTF8)
    assert [plain(line)[:2] for line in lines] == ["  ", " ●", "▸ ", "  "]
    assert {role for _, role in lines[1][1:4]} == {Role.MARKED}
    assert {role for _, role in lines[2][1:4]} == {Role.SELECTED}


FOREST = (
    Item("1", "init", 5.0), Item("2", "shell", 4.0, "1"), Item("3", "make", 3.0, "2"), Item("4", "cc", 2.0, "3"),
    Item("5", "cron", 1.0, "1"),
)  # fmt: skip


def names(made: TableModel[Item]) -> list[str]:
    return [plain(line)[9:24].rstrip() for line in made.picture(40, 20, UTF8)[1:]]


def test_a_tree_shows_who_belongs_to_whom() -> None:
    made = table(*FOREST)
    made.set_tree(True)
    assert names(made) == ["init", "├─shell", "│ └─make", "│   └─cc", "└─cron"]


def test_siblings_of_a_tree_are_sorted() -> None:
    made = table(*FOREST)
    made.set_tree(True)
    made.reverse()
    assert made.order == ["1", "5", "2", "3", "4"]


def test_a_folded_row_hides_what_is_below_and_says_so() -> None:
    made = table(*FOREST)
    made.set_tree(True)
    made.move(1)
    made.toggle_fold()
    assert names(made) == ["init", "├─▸ shell", "└─cron"]
    made.update(rows(*FOREST))
    assert made.order == ["1", "2", "5"]
    made.toggle_fold()
    assert len(made.order) == 5


def test_folding_means_nothing_in_a_list() -> None:
    made = table(*FOREST)
    made.toggle_fold()
    assert len(made.order) == 5


def test_a_row_whose_parent_is_filtered_out_is_a_root() -> None:
    made = table(*FOREST)
    made.set_tree(True)
    made.set_filter("!init")
    assert names(made) == ["shell", "└─make", "  └─cc", "cron"]


def test_rows_that_are_each_others_parents_are_shown() -> None:
    assert list(as_tree("abc", {"a": "b", "b": "a", "c": "c"})) == ["c", "a", "b"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=12), st.sets(st.integers(0, 11)))
def test_a_tree_loses_no_row_but_those_below_a_fold(parents: list[int], folded: set[int]) -> None:
    keys = [str(index) for index in range(len(parents))]
    parent_of = {key: str(parent) for key, parent in zip(keys, parents, strict=True)}
    assert sorted(as_tree(keys, parent_of)) == sorted(keys)
    some = as_tree(keys, parent_of, {str(index) for index in folded})
    for key in keys:
        above, seen = key, {key}
        while parent_of[above] in parent_of and parent_of[above] not in seen:
            above = parent_of[above]
            seen.add(above)
        in_a_circle = parent_of[above] in seen and parent_of[above] != above
        if not in_a_circle:
            assert (key in some) == (not any(int(one) in folded for one in seen - {key})), key
        else:
            assert key in some


def test_a_chain_of_thousands_costs_no_square() -> None:
    keys = [str(index) for index in range(5000)]
    stems = as_tree(keys, {key: str(int(key) - 1) for key in keys})
    assert list(stems) == keys
    assert max(map(len, stems.values())) <= 13
