"""A picture in words: its text, without the lines, bars and dots around it, which take most of the bytes.

At 2 KB/s a whole new screen needs five seconds; its words are there in one.
"""

from __future__ import annotations

import re

from perftui.tui.driver.grid import Row

# frames, blocks and braille
_DRAWN = re.compile("[\u2500-\u259f\u2800-\u28ff]+")


def sketch(wanted: Row, shown: Row | None) -> Row:
    """The row with what is drawn in it left as it is shown, or blank where text stands."""
    texts, pens = list(wanted.texts), list(wanted.pens)
    for x, text in enumerate(texts):
        if _DRAWN.fullmatch(text) is None:
            continue
        if shown is not None and (shown.texts[x] == " " or _DRAWN.fullmatch(shown.texts[x])):
            texts[x], pens[x] = shown.texts[x], shown.pens[x]
        else:
            texts[x] = " "
    return Row("".join(texts), tuple(pens), plain=True) if wanted.plain else Row(texts, pens)


def is_heading(row: Row) -> bool:
    """Whether it is the line of a frame: what is written on it says what stands below, and often how it is."""
    return sum("\u2500" <= text <= "\u257f" for text in row.texts) * 3 > len(row.texts)
