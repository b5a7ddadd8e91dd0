"""The help page."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.help import help_lines
from perftui.view.text import line_width, plain

SECTIONS = [
    ("Keys", [("e enter", "expand"), ("esc", "collapse"), ("tab", "next panel")]),
    ("Everywhere", [("q", "quit"), ("X", "export the visible window (CSV and JSON)")]),
]


def test_short_sections_stand_in_two_columns_and_long_ones_are_not_cut() -> None:
    text = [plain(line).rstrip() for line in help_lines(SECTIONS, 76)]
    assert text[1].split() == ["e", "enter", "expand", "tab", "next", "panel"]
    assert text[-1] == "  X        export the visible window (CSV and JSON)"


@settings(max_examples=50)
@given(width=st.integers(0, 200))
def test_every_line_is_as_wide_as_asked_for(width: int) -> None:
    assert {line_width(line) for line in help_lines(SECTIONS, width)} == {width}
