"""The two alphabets say the same in the same cells."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.glyphs import ASCII, UTF8, GlyphSet, to_ascii
from perftui.view.text import text_width

NAMES = [name for name in GlyphSet.__struct_fields__ if name not in ("name", "braille")]


def test_every_glyph_takes_as_many_cells_in_both_alphabets() -> None:
    for name in NAMES:
        own, other = getattr(UTF8, name), getattr(ASCII, name)
        assert text_width(own) == len(own) == len(other), name
        assert other.isascii(), name


def test_every_glyph_has_a_counterpart() -> None:
    for name in NAMES:
        assert "?" not in to_ascii(getattr(UTF8, name)), name
    assert to_ascii("✗ 3 crit · p95 12 µs – …") == "X 3 crit - p95 12 us - ~"


def test_states_look_different_in_ascii() -> None:
    signs = [ASCII.bad, ASCII.watch, ASCII.ok, ASCII.stale, " "]
    assert len(set(signs)) == len(signs)


def test_a_warning_keeps_its_own_sign_where_its_glyph_is_an_arrow_too() -> None:
    assert to_ascii(f"{UTF8.watch} 2 warn") == f"{ASCII.watch} 2 warn"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*"aZ9 ·×∞✗▲あ⣿█°"]), max_size=20).map("".join))
def test_a_text_in_ascii_takes_as_many_cells(text: str) -> None:
    ascii_text = to_ascii(text)
    assert ascii_text.isascii()
    assert len(ascii_text) == text_width(text)
