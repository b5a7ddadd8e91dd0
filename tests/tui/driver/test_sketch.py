"""On a link that needs several goes for a picture, its words come first, and it ends as the same picture."""

from __future__ import annotations

from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st

from perftui.tui.driver.cells import cells_of
from perftui.tui.driver.grid import Row
from perftui.tui.driver.pens import PLAIN
from perftui.tui.driver.sketch import is_heading, sketch
from tests.tui.driver.pair import Pair

WIDTH = 60
_TEXT = st.text("ab ─│⣿█世", max_size=WIDTH // 2)


def _row(text: str) -> Row:
    cells = cells_of(text.ljust(WIDTH))[:WIDTH]
    return Row(cells, [PLAIN] * len(cells))


def test_lines_bars_and_dots_wait_and_the_words_among_them_do_not() -> None:
    assert "".join(sketch(_row("╭─ Queue ── 41 % ─╮"), _row("")).texts).rstrip() == "   Queue    41 %"


def test_what_is_drawn_stays_until_the_words_are_there_and_old_words_go() -> None:
    shown = _row("⣿⣿⣿ old words")
    assert "".join(sketch(_row("⣀⣀⣀ ─────────"), shown).texts).rstrip() == "⣿⣿⣿"


@given(_TEXT, _TEXT)
def test_a_sketch_is_as_wide_as_its_row_and_a_second_one_changes_nothing(wanted: str, shown: str) -> None:
    row = _row(wanted.ljust(WIDTH, "."))
    first = sketch(row, _row(shown))
    assert len(first.texts) == len(first.pens) == len(row.texts)
    assert sketch(row, first) == first


def test_the_line_of_a_frame_is_a_heading_and_a_row_of_a_chart_is_none() -> None:
    assert is_heading(_row("╭─ Queue " + "─" * 50))
    assert not is_heading(_row("│⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿│"))


def test_headings_are_the_first_thing_that_a_slow_link_shows() -> None:
    pair = Pair(WIDTH, 12, repeat(120))
    pair.frame("".join(f"\x1b[{y + 1};1H{' ' * WIDTH}" for y in range(12)))
    rows = ["status", *(["the words of a panel that stand in its body"] * 9), "╭─ Queue " + "─" * 50, "│" + "⣿" * 50]
    text = "".join(f"\x1b[{y + 1};1H{row.ljust(WIDTH)}" for y, row in enumerate(rows))
    pair.stock.write(text)
    pair.writer.write(text)
    pair.writer.flush()
    sent, whole = pair.writer.take(120)
    pair.ours.write(sent.decode())
    first = pair.ours.text
    assert "status" in first
    assert "Queue" in first
    assert "─" not in first
    assert not whole
    while pair.writer.pending:
        pair.ours.write(pair.writer.take(120)[0].decode())
    assert pair.differences() == []


def test_a_line_that_is_mostly_new_is_erased_first_where_that_is_shorter() -> None:
    pair = Pair(WIDTH, 2)
    pair.frame("\x1b[1;1H" + "x" * WIDTH)
    before = pair.our_bytes
    pair.frame("\x1b[1;1H" + "on".ljust(WIDTH - 2) + "ly")
    assert pair.differences() == []
    assert pair.our_bytes - before < 30
