"""The meter's terminal: what changed, and the fewest bytes that could have done it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.terminal.screen import PEN_BYTES, RUN_BYTES, Screen, floor_bytes


@pytest.fixture
def screen() -> Screen:
    screen = Screen(20, 5)
    screen.changed()
    return screen


def test_cells_that_are_written_again_as_they_were_have_not_changed(screen: Screen) -> None:
    screen.feed(b"\x1b[1;1Hload 12 %")
    assert len(screen.changed()) == 7  # the blanks were there

    screen.feed(b"\x1b[1;1Hload 13 %")

    assert [(cell.y, cell.x, cell.char.data) for cell in screen.changed()] == [(0, 6, "3")]
    assert screen.changed() == []


def test_another_pen_is_a_change_too(screen: Screen) -> None:
    screen.feed(b"\x1b[2;3Hab")
    screen.changed()

    screen.feed(b"\x1b[2;3H\x1b[31ma\x1b[0mb")

    assert [(cell.x, cell.char.fg) for cell in screen.changed()] == [(2, "red")]


def test_the_floor_counts_text_runs_and_pens(screen: Screen) -> None:
    screen.feed("\x1b[1;1Ha█\x1b[3;5Hb".encode())

    # one byte, three, one; two runs of one pen
    assert floor_bytes(screen.changed()) == 5 + 2 * RUN_BYTES + PEN_BYTES


def test_pens_that_alternate_are_cheaper_by_pen_only_while_their_runs_are_few(screen: Screen) -> None:
    screen.feed(b"\x1b[1;1H\x1b[31mr\x1b[32mg\x1b[31mr\x1b[32mg")
    # by position: one run, four changes of pen; by pen: four runs, two pens
    assert floor_bytes(screen.changed()) == 4 + min(RUN_BYTES + 4 * PEN_BYTES, 4 * RUN_BYTES + 2 * PEN_BYTES)

    screen.feed(b"\x1b[2;1H\x1b[31mr\x1b[3;1H\x1b[32mg\x1b[4;1H\x1b[31mr\x1b[5;1H\x1b[32mg")
    # apart from each other they need their runs in any order, so that each pen is worn once
    assert floor_bytes(screen.changed()) == 4 + 4 * RUN_BYTES + 2 * PEN_BYTES


def test_nothing_changed_costs_nothing() -> None:
    assert floor_bytes([]) == 0


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 18), st.integers(31, 36), st.text("abc█", max_size=2))))
def test_the_floor_is_below_what_a_plain_encoder_sends(pieces: list[tuple[int, int, int, str]]) -> None:
    screen = Screen(20, 5)
    screen.changed()
    sent = "".join(f"\x1b[{y};{x}H\x1b[{colour}m{text}" for y, x, colour, text in pieces).encode()
    screen.feed(sent)

    assert floor_bytes(screen.changed()) <= len(sent)


def test_what_pyte_lacks_is_drawn_and_questions_are_not(screen: Screen) -> None:
    screen.feed(b"\x1b[1;1H-\x1b[3b\x1b[?2026$p\x1b[>0q\x1b[?u\x1b]11;?\x07\x1b[4;1Hlast\x1b[2S")

    assert screen.text.splitlines()[:2] == ["", "last"]

    screen.feed(b"\x1b[3T")
    assert screen.text.splitlines()[4] == "last"


def test_sequences_and_characters_may_come_in_two_pieces(screen: Screen) -> None:
    whole = "\x1b[2;2H\x1b[38;2;1;2;3m█é\x1b[0m".encode()
    for cut in range(len(whole)):
        split, straight = Screen(20, 5), Screen(20, 5)
        split.feed(whole[:cut])
        split.feed(whole[cut:])
        straight.feed(whole)
        assert split.changed() == straight.changed()
