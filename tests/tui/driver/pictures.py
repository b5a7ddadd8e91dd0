"""Pictures for property tests: text of every width, pens of every kind."""

from __future__ import annotations

from hypothesis import strategies as st

from perftui.tui.driver.grid import Grid
from perftui.tui.driver.pens import PLAIN, Pen

WORDS = ("a", "bc d", "x" * 9, "  ", "      ", "⣿⡇", "▁▂▃█", "世界", "한", "é", "e\u0301", "n\u0303o", "─┼─")
EMOJI = ("👍", "👍🏽", "👨‍👩‍👧", "❤️", "🇩🇪", "🏳️‍🌈", "✅", "1️⃣")
_COLOURS = st.sampled_from(("", "31", "32", "97", "38;5;208", "38;2;10;200;30"))
_GROUNDS = st.sampled_from(("", "", "44", "100", "48;5;17", "48;2;20;20;40"))
# those that pyte knows
_ATTRIBUTES = st.sampled_from(((), (), (1,), (3,), (4,), (7,), (1, 4), (1, 3, 7, 9), (5,)))
PENS = st.one_of(
    st.just(PLAIN),
    st.builds(Pen, _ATTRIBUTES, _COLOURS, _GROUNDS, st.sampled_from(("", "", "", "id=1;http://a", ";http://b"))),
)


@st.composite
def strokes(
    draw: st.DrawFn, width: int, height: int, words: tuple[str, ...] = WORDS
) -> list[tuple[int, int, Pen, str]]:
    """Texts at places."""
    return draw(
        st.lists(
            st.tuples(st.integers(0, height - 1), st.integers(0, width - 1), PENS, st.sampled_from(words)), max_size=12
        )
    )


def drawn(grid: Grid, texts: list[tuple[int, int, Pen, str]]) -> None:
    for y, x, pen, text in texts:
        style = ";".join(filter(None, (*map(str, pen.attributes), pen.foreground, pen.background)))
        link = f"\x1b]8;{pen.link}\x1b\\" if pen.link else ""
        after = "\x1b]8;;\x1b\\" if pen.link else ""
        grid.feed(f"\x1b[{y + 1};{x + 1}H{link}\x1b[{style}m{text}\x1b[m{after}")
