"""Measuring, cutting and padding in cells."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from perftui.domain.roles import Role
from perftui.view.text import clip, fit, left, line_width, plain, right, text_width

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
PIECES = (
    "a",
    "B ",
    "é",
    "e\u0301",
    "あ",
    "한",
    FAMILY,
    "❤\ufe0f",
    "👍🏽",
    "🇩🇪",
    "✗",
    "⣿",
    "─",
    "…",
    "ก็",
    "\u0301",
    "🏽",
)
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=12)
lines = st.lists(st.tuples(texts, st.sampled_from(list(Role))), max_size=5).map(tuple)


@settings(max_examples=100, deadline=None)
@given(lines, st.integers(0, 30), st.sampled_from(("…", "~", " ", "...")))
def test_fit_gives_exactly_the_cells_asked_for(line: tuple[tuple[str, Role], ...], width: int, ellipsis: str) -> None:
    assert line_width(fit(line, width, ellipsis)) == width


@settings(max_examples=100, deadline=None)
@given(texts, st.integers(0, 20))
def test_left_and_right_give_exactly_the_cells_asked_for(text: str, width: int) -> None:
    assert text_width(left(text, width)) == width
    assert text_width(right(text, width)) == width
    assert text_width(clip(text, width)) <= width


@pytest.mark.parametrize(
    "text", ["abc", "é", "e\u0301", "あい", FAMILY, "❤\ufe0f", "❤", "⌚", "한글", "ก็", "▲ ✗ ⋯", "×3 ∞"]
)
def test_widths_are_those_that_the_terminal_library_counts(text: str) -> None:
    assert text_width(text) == cell_len(text)


def test_what_one_picture_shows_is_never_cut_apart() -> None:
    assert clip(FAMILY + "xyz", 3) == FAMILY + "…"
    assert clip("e\u0301" * 4, 3) == "e\u0301" * 2 + "…"
    assert clip("🇩🇪🇫🇷🇮🇹", 5) == "🇩🇪🇫🇷…"
    assert clip("a👍🏽bcd", 4) == "a👍🏽…"


def test_half_a_wide_character_becomes_a_blank() -> None:
    assert left("ああ", 3) == "あ…"
    assert left("aああ", 3) == "a… "


def test_a_cut_is_shown_and_keeps_the_look_of_what_it_cuts() -> None:
    line = (("cpu ", Role.LABEL), ("92 percent", Role.BAD))
    assert fit(line, 9) == (("cpu ", Role.LABEL), ("92 p…", Role.BAD))
    assert plain(fit(line, 4)) == "cpu…"
    assert fit(line, 14) == line


def test_a_cut_between_two_spans_is_shown_too() -> None:
    assert plain(fit((("abc", Role.TEXT), ("def", Role.VALUE)), 3)) == "ab…"
    assert plain(fit((("abc", Role.TEXT), ("def", Role.VALUE)), 4)) == "abc…"


def test_what_fits_is_padded_and_not_touched() -> None:
    assert fit((("ab", Role.VALUE),), 4) == (("ab", Role.VALUE), ("  ", Role.TEXT))
    assert fit((), 0) == ()
    assert clip("abc", 3) == "abc"
