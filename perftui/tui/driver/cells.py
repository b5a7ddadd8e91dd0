"""Text as terminal cells: what is one picture stays in one cell, and cells that it covers besides are empty.

Widths are those that Textual lays out with. Terminals disagree with them, and with each other, about emoji and what is
joined to them; such text is known here, so that nothing behind it depends on who is right.
"""

from __future__ import annotations

import re

from rich.cells import get_character_cell_size, split_graphemes

# one cell each: Latin, Greek and Cyrillic, arrows, lines, blocks, shapes, braille, and check marks
_SINGLE = " -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2800-\u28ff"
_CHECK_MARKS = "\u2713-\u2718"
_SIMPLE = re.compile(f"[{_SINGLE}{_CHECK_MARKS}]*")
_PLAIN = re.compile(f"[{_SINGLE}]*")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
# joiners and selectors, emoji, and older symbols that became emoji
_DISPUTED = re.compile("[\u200d\ufe0e\ufe0f\U0001f000-\U0001faff\u231a-\u23ff\u25fd-\u27bf\u2b1b-\u2b55\u3030\u303d]")


def cells_of(text: str) -> list[str]:
    """One entry for each cell that Textual counts; a zero-width beginning is an entry of its own before them.

    The caller joins that one to the cell before the text: see ``begins_within``.
    """
    if _SIMPLE.fullmatch(text):
        return list(text)
    cells: list[str] = []
    flag = -1
    for start, end, width in split_graphemes(text)[0]:
        cluster = text[start:end]
        if _FLAG.match(cluster) and flag >= 0:
            # two letters are one flag
            cells[flag] += cluster
            cells.extend([""] * width)
            flag = -1
            continue
        flag = len(cells) if _FLAG.match(cluster) else -1
        if width or not cells:
            cells.append(cluster)
            cells.extend([""] * (width - 1))
    return cells


def is_plain(text: str) -> bool:
    """Whether each character is a cell of its own, and no terminal disputes that."""
    return (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text) is not None


def begins_within(text: str) -> bool:
    """Whether the text's first character belongs to the cell before it, such as an accent."""
    return _SIMPLE.fullmatch(text[:1]) is None and get_character_cell_size(text[0]) == 0


def is_disputed(text: str) -> bool:
    """Whether terminals may count the cells of this text differently."""
    return not text.isascii() and _DISPUTED.search(text) is not None


def reach(cluster: str) -> int:
    """The most cells that a terminal could take for this: each character for itself."""
    return sum(max(1, get_character_cell_size(char)) + 1 for char in cluster)
