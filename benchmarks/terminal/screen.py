"""What a terminal shows after what a program wrote, which cells changed, and how few bytes could have done it.

pyte is the terminal; what today's programs send and pyte does not know (repeat, scroll, questions) is done here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

import pyte
from pyte.screens import Char

# a cursor move and a change of pen, in bytes, as short as they get: no encoder sends less than this floor
RUN_BYTES, PEN_BYTES = 4, 5
_FOREIGN = re.compile(
    r"\x1b\[[<>=][\d;:]*[ -/]*[@-~]|\x1b\[\?[\d;]*\$p|\x1b\[\?\d*u|\x1b\[[\d;]*[ $!\"'][@-~]|\x1b[P_^X].*?\x1b\\"
    r"|\x1b\[[\d;]*t|\x1b[=>]|\x1b\](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\)",
    re.DOTALL,
)
_REPEAT = re.compile(r"([^\x00-\x1f])\x1b\[(\d*)b")
_SCROLL = re.compile(r"(\x1b\[\d*[ST])")
_STYLE = re.compile(r"\x1b\[[\d;:]*m")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[P_^X\]][^\x1b\x07]*\x1b?|[()#% ]?)?$")


class Cell(NamedTuple):
    """A cell that changed, and what it shows now."""

    y: int
    x: int
    char: Char


class Screen:
    """``feed`` takes what came; ``changed`` tells what is different since it was last asked."""

    def __init__(self, columns: int = 120, rows: int = 40) -> None:
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tail = ""
        self._seen = [self.row(y) for y in range(rows)]

    def row(self, y: int) -> tuple[Char, ...]:
        line = self._screen.buffer[y]
        return tuple(line[x] for x in range(self.columns))

    def row_text(self, y: int) -> str:
        return "".join(char.data for char in self.row(y)).rstrip()

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from 1."""
        return self._screen.cursor.y + 1, min(self._screen.cursor.x, self.columns - 1) + 1

    def feed(self, data: bytes) -> None:
        text = self._tail + self._decode(data)
        cut = _UNFINISHED.search(text)
        self._tail, text = (text[cut.start() :], text[: cut.start()]) if cut else ("", text)
        text = _REPEAT.sub(lambda found: found[1] * (1 + int(found[2] or 1)), _FOREIGN.sub("", text))
        text = _STYLE.sub(lambda found: re.sub(":+", ";", found[0]), text)
        for part in _SCROLL.split(text):
            if _SCROLL.fullmatch(part):
                self._scroll(int(part[2:-1] or 1), upward=part[-1] == "S")
            else:
                self._stream.feed(part)

    def _scroll(self, lines: int, *, upward: bool) -> None:
        screen = self._screen
        y = screen.cursor.y
        top, bottom = screen.margins or (0, self.rows - 1)
        screen.cursor.y = bottom if upward else top
        for _ in range(min(lines, self.rows)):
            if upward:
                screen.index()
            else:
                screen.reverse_index()
        screen.cursor.y = y

    def changed(self) -> list[Cell]:
        """The cells whose text or pen differ from when this was last called."""
        found: list[Cell] = []
        for y in sorted(self._screen.dirty):
            if y >= self.rows:
                continue
            new, old = self.row(y), self._seen[y]
            if new != old:
                found += [Cell(y, x, char) for x, char in enumerate(new) if char != old[x]]
                self._seen[y] = new
        self._screen.dirty.clear()
        return found


def floor_bytes(cells: Sequence[Cell]) -> int:
    """The fewest bytes that could have changed these cells in one frame: UTF-8 of their text, 4 a run, 5 a pen.

    Cells are sent by position (neighbours are one run, whatever their pens) or by pen (each pen once, a run for each
    stretch that wears it); the cheaper order counts.
    """
    text = sum(len(cell.char.data.encode()) for cell in cells)
    runs = pieces = switches = 0
    before: Cell | None = None
    for cell in cells:
        joined = before is not None and (before.y, before.x + 1) == (cell.y, cell.x)
        same = before is not None and before.char[1:] == cell.char[1:]
        runs += not joined
        switches += not same
        pieces += not (joined and same)
        before = cell
    pens = len({cell.char[1:] for cell in cells})
    return text + min(RUN_BYTES * runs + PEN_BYTES * switches, RUN_BYTES * pieces + PEN_BYTES * pens)
