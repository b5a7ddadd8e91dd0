"""What Textual writes becomes cells, and what is no part of the picture goes on as it is."""

from __future__ import annotations

import pytest

from perftui.tui.driver.grid import Grid
from perftui.tui.driver.pens import PLAIN, Pen


def texts(data: str, width: int = 8, height: int = 2) -> list[list[str]]:
    grid = Grid(width, height)
    grid.feed(data)
    return [row.texts for row in grid.rows]


def test_text_stands_where_the_cursor_was_put() -> None:
    assert texts("\x1b[2;3Hab\x1b[Hc") == [list("c       "), list("  ab    ")]


def test_styles_hold_until_they_are_changed() -> None:
    grid = Grid(4, 1)
    grid.feed("\x1b[1;31;48;2;1;2;3ma\x1b[22mb\x1b[0mc")
    pen = Pen((1,), "31", "48;2;1;2;3")
    assert grid.rows[0].pens == [pen, pen._replace(attributes=()), PLAIN, PLAIN]


def test_a_link_belongs_to_its_cells_only() -> None:
    grid = Grid(3, 1)
    grid.feed("\x1b]8;id=7;http://a;b\x1b\\x\x1b]8;;\x1b\\y")
    assert [pen.link for pen in grid.rows[0].pens] == ["id=7;http://a;b", "", ""]


def test_a_picture_of_several_characters_is_one_cell_and_those_that_it_covers() -> None:
    assert texts("👨‍👩‍👧世e\u0301x")[0] == ["👨‍👩‍👧", "", "世", "", "e\u0301", "x", " ", " "]


def test_an_accent_at_the_beginning_belongs_to_the_cell_before() -> None:
    assert texts("e\x1b[1m\u0301x")[0][:2] == ["e\u0301", "x"]


def test_half_a_wide_character_is_none() -> None:
    assert texts("世界\x1b[1;2Ha")[0][:4] == [" ", "a", "界", ""]
    assert texts("世界\x1b[1;3Ha")[0][:4] == ["世", "", "a", " "]


def test_what_reaches_over_the_margin_is_cut() -> None:
    assert texts("\x1b[1;4H世界", width=6) == [[" ", " ", " ", "世", "", " "], [" "] * 6]


def test_another_size_keeps_what_fits() -> None:
    grid = Grid(4, 2)
    grid.feed("\x1b[1;1Ha世b\x1b[2;1Hcd")
    grid.resize(2, 3)
    assert [row.texts for row in grid.rows] == [["a", " "], ["c", "d"], [" ", " "]]
    assert {len(row.pens) for row in grid.rows} == {2}


@pytest.mark.parametrize("control", ["\x07", "\x1b[?25l", "\x1b[?2004h", "\x1b[<u", "\x1b]52;c;YQ==\x07", "\x1b[2 q"])
def test_what_is_no_part_of_the_picture_is_a_control(control: str) -> None:
    assert Grid(9, 1).feed(f"a{control}b") == ([control], False)


@pytest.mark.parametrize("control", ["\x1b[?1049h", "\x1b[2J", "\x1b[3L", "\x1bc"])
def test_a_control_that_may_change_the_picture_is_told_apart(control: str) -> None:
    assert Grid(9, 1).feed(control) == ([control], True)


def test_marks_of_synchronized_output_are_dropped() -> None:
    assert Grid(9, 1).feed("\x1b[?2026ha\x1b[?2026l") == ([], False)


@pytest.mark.parametrize("later", ["\x1b[1;2HX", "\x1b[1;2H世"])
def test_a_row_that_was_lent_stays_as_it_was_whatever_is_drawn_later(later: str) -> None:
    grid = Grid(4, 1)
    grid.put(0, [("abc", PLAIN)], PLAIN)
    lent = grid.lend(0)
    grid.feed(later)
    assert "".join(lent.texts) == "abc "
    again = grid.lend(0)
    assert again.texts != lent.texts
    grid.resize(2, 1)
    assert len(again.texts) == len(again.pens) == 4


@pytest.mark.parametrize(("text", "plain"), [("ab│⣀", True), ("✓ ok", False), ("世", False), ("👍", False)])
def test_a_row_is_known_to_be_plain_only_where_terminals_agree_about_it(text: str, plain: bool) -> None:
    grid = Grid(6, 1)
    grid.put(0, [(text, PLAIN)], PLAIN)
    assert grid.rows[0].plain is plain


def test_a_row_is_not_known_to_be_plain_any_more_when_something_is_written_on_it() -> None:
    grid = Grid(6, 1)
    grid.put(0, [("abc", PLAIN)], PLAIN)
    grid.feed("\x1b[1;2H👍")
    assert not grid.rows[0].plain
