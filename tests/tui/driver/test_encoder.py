"""An update makes of one picture exactly the other, in few bytes."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perftui.tui.driver.encoder import Run, Spot, motion, runs_of, update
from perftui.tui.driver.grid import Grid, Row, blank_row
from perftui.tui.driver.pens import PLAIN, Pen, pen_after, pen_change
from tests.tui.driver.glass import Cell, Glass
from tests.tui.driver.pictures import EMOJI, PENS, WORDS, drawn, strokes

WIDTH, HEIGHT = 24, 5
RED = Pen((), "31", "")


def picture(grid: Grid) -> list[list[Cell]]:
    """What a terminal shows when everything is painted afresh, cell by cell."""
    glass = Glass(grid.width, grid.height)
    text, _ = update(dict(enumerate(grid.rows)), dict.fromkeys(range(grid.height)), Spot())
    glass.write(text)
    return glass.cells()


def rows_of(grid: Grid) -> dict[int, Row]:
    return copy.deepcopy(dict(enumerate(grid.rows)))


@given(st.lists(strokes(WIDTH, HEIGHT, WORDS + EMOJI), min_size=1, max_size=4), st.booleans())
def test_updates_one_after_the_other_show_what_painting_afresh_shows(
    frames: list[list[tuple[int, int, Pen, str]]], erases: bool
) -> None:
    grid, glass = Grid(WIDTH, HEIGHT), Glass(WIDTH, HEIGHT)
    shown: Mapping[int, Row | None] = dict.fromkeys(range(HEIGHT))
    spot = Spot()
    for frame in frames:
        drawn(grid, frame)
        text, spot = update(rows_of(grid), shown, spot, erases_in_colour=erases)
        glass.write(text)
        shown = rows_of(grid)
        assert glass.cells() == picture(grid)
        assert [[cell[0] for cell in row] for row in glass.cells()] == [row.texts for row in grid.rows]


# the second one is sent again with the first, and reaches farther than that
@example([[(0, 5, PLAIN, "👨‍👩‍👧")], [(0, 0, PLAIN, "🏳️‍🌈")]])
@given(st.lists(strokes(WIDTH, HEIGHT, WORDS + EMOJI), min_size=1, max_size=4))
@example([[(0, 4, PLAIN, "🏳️\u200d🌈")], [(0, 0, PLAIN, "1️⃣")]])
def test_what_stands_behind_an_emoji_is_in_its_place_whatever_the_terminal_thinks_of_its_width(
    frames: list[list[tuple[int, int, Pen, str]]],
) -> None:
    grid, glass = Grid(WIDTH, HEIGHT), Glass(WIDTH, HEIGHT, by_character=True)
    shown: Mapping[int, Row | None] = dict.fromkeys(range(HEIGHT))
    spot = Spot()
    for frame in frames:
        drawn(grid, frame)
        text, spot = update(rows_of(grid), shown, spot)
        glass.write(text)
        shown = rows_of(grid)
        for row, cells in zip(grid.rows, glass.cells(), strict=True):
            plain = [x for x, text in enumerate(row.texts) if text.isascii() and text]
            assert [cells[x][0] for x in plain] == [row.texts[x] for x in plain]


@given(PENS, PENS)
def test_a_pen_is_changed_into_any_other(old: Pen, new: Pen) -> None:
    pen = old._replace(link="")
    for parameters in pen_change(old, new).replace("\x1b]8;", "\n").split("\n")[0].split("\x1b[")[1:]:
        pen = pen_after(pen, parameters.rstrip("m"))
    assert pen == new._replace(link="")


@given(*[st.integers(0, 30)] * 4)
def test_a_cursor_gets_where_it_should_by_no_more_than_an_address(x: int, y: int, to_x: int, to_y: int) -> None:
    glass = Glass(40, 40)
    glass.write(f"\x1b[{y + 1};{x + 1}H{motion(x, y, to_x, to_y)}!")
    assert glass.cells()[to_y][to_x][0] == "!"
    assert len(motion(x, y, to_x, to_y)) <= len(motion(None, None, to_x, to_y))


def test_equal_pictures_need_nothing() -> None:
    row = blank_row(10)
    assert update({0: row}, {0: blank_row(10)}, Spot()) == ("", Spot())


def test_a_short_gap_of_the_same_pen_is_sent_along() -> None:
    wanted = Row(list("abcdefgh"), [PLAIN] * 8)
    shown = Row(list("Abc.e..h"), [PLAIN] * 8)
    assert runs_of(0, wanted, shown) == [Run(0, 0, PLAIN, "abcdefg", 7)]


def test_a_long_gap_is_jumped_over() -> None:
    wanted = Row(list("x" + "-" * 20 + "x"), [PLAIN] * 22)
    shown = Row(list("y" + "-" * 20 + "y"), [PLAIN] * 22)
    assert update({0: wanted}, {0: shown}, Spot(0, 0, PLAIN))[0] == "x\x1b[20Cx"


def test_blanks_up_to_the_end_are_erased() -> None:
    wanted, shown = Row(list("ab" + " " * 20), [PLAIN] * 22), Row(list("x" * 22), [PLAIN] * 22)
    assert update({0: wanted}, {0: shown}, Spot(0, 0, PLAIN))[0] == "ab\x1b[K"


def test_blanks_with_a_background_are_erased_only_where_erasing_keeps_it() -> None:
    wanted, shown = Row([" "] * 22, [Pen((), "", "44")] * 22), blank_row(22)
    sent = {erases: update({0: wanted}, {0: shown}, Spot(0, 0, PLAIN), erases_in_colour=erases) for erases in (0, 1)}
    assert sent[True][0] == "\x1b[44m\x1b[K"
    assert sent[False][0] == "\x1b[44m" + " " * 22


@pytest.mark.parametrize("attribute", [4, 7, 9])
def test_blanks_that_are_seen_are_never_erased(attribute: int) -> None:
    wanted, shown = Row([" "] * 9, [Pen((attribute,))] * 9), blank_row(9)
    assert "\x1b[K" not in update({0: wanted}, {0: shown}, Spot(0, 0, PLAIN), erases_in_colour=True)[0]


def test_few_colours_in_many_places_are_sent_colour_by_colour() -> None:
    texts, pens = ["x"] * 60, [RED if x % 10 == 0 else PLAIN for x in range(60)]
    wanted = Row(texts, pens)
    shown = Row([" " if x % 5 == 0 else "x" for x in range(60)], list(pens))
    text, _ = update({0: wanted}, {0: shown}, Spot(0, 0, PLAIN))
    assert text.count("\x1b[31m") == 1


def test_a_link_is_closed_behind_what_it_covers() -> None:
    linked = Pen(link="id=1;http://a")
    text, spot = update({0: Row(["a"], [linked])}, {0: blank_row(1)}, Spot(0, 0, PLAIN))
    assert text == "\x1b]8;id=1;http://a\x1b\\a\x1b]8;;\x1b\\"
    assert spot.pen == PLAIN
