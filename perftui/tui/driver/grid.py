"""What is to be seen: rows of cells, changed by what Textual writes.

It is fed by the text that Textual hands to its driver, not by the compositor below: that text is the one public seam
between them, everything comes through it (overlays, notices, cursor, clipboard), and its grammar is small: moves,
styles, links and text. The compositor's pieces are private and change with every version; what reading the text costs
stands in the decision on this driver. Our own pictures change once a second: while nothing lies over them, their rows
are put here directly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, islice, repeat
from typing import NamedTuple

from perftui.tui.driver.cells import begins_within, cells_of, is_plain
from perftui.tui.driver.pens import PLAIN, Pen, pen_after

_TOKEN = re.compile(
    r"\x1b\[(?P<row>\d*);?(?P<column>\d*)H"
    r"|\x1b\[(?P<style>[\d;]*)m"
    r"|\x1b\]8;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b\[\?2026(?P<sync>[hl])"
    r"|(?P<control>\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])|\x07)"
    r"|(?P<newline>\n)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
# modes, questions and the like leave the picture alone; entering the alternate screen does not
_LEAVES_PICTURE = re.compile(
    r"\x1b\[(?!\?(?:1049|1047|47|5|3)[hl])[<=>?].*|\x1b\[[\d;]*(?:[cnqut]| q)|\x1b[\]P=>78].*|\x07"
)


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]+")


class Row(NamedTuple):
    """As many texts as pens as there are cells; a cell that the one before it covers too has an empty text.

    ``plain``: it is known that each cell is a character, and that terminals agree about the width of each. The texts of
    such a row are one string; neither that nor a tuple of pens is ever changed.
    """

    texts: Sequence[str]
    pens: Sequence[Pen]
    plain: bool = False


def blank_row(width: int) -> Row:
    return Row([" "] * width, [PLAIN] * width)


class Grid:
    """``dirty`` are the rows that may differ from what was last taken; ``look`` turns Textual's pens into ours.

    Until it is ``touched`` there is nothing to be seen.

    Controls are what is no part of the picture, in their order.
    """

    def __init__(self, width: int, height: int, look: Callable[[Pen], Pen] = lambda pen: pen) -> None:
        self.width, self.height = width, height
        self.rows = [blank_row(width) for _ in range(height)]
        self.dirty = set(range(height))
        self.touched = False
        self._look = look
        # rows that somebody took, as they are
        self._lent: set[int] = set()
        # of plain rows that were put: lengths and pens of their spans, and the pens of their cells
        self._layouts: dict[int, tuple[list[int], list[Pen], tuple[Pen, ...]]] = {}
        self._x = self._y = 0
        self._raw = self._pen = PLAIN

    def resize(self, width: int, height: int) -> None:
        """Cut, or widen with blanks; what is new comes with the next frame."""
        for y in range(self.height):
            _fit(*self._own(y), width, PLAIN)
        self._layouts.clear()
        del self.rows[height:]
        self.rows.extend(blank_row(width) for _ in range(height - len(self.rows)))
        self.width, self.height = width, height
        self.dirty = set(range(height))

    def feed(self, data: str) -> tuple[list[str], bool]:
        """The controls in the data, and whether one of them may have changed the picture by itself."""
        controls: list[str] = []
        unsure = False
        for token in _TOKEN.finditer(data):
            kind = token.lastgroup
            if kind == "text":
                self._write(token["text"])
            elif kind == "style":
                self._wear(pen_after(self._raw, token["style"]))
            elif kind in ("row", "column"):
                self._y, self._x = int(token["row"] or 1) - 1, int(token["column"] or 1) - 1
            elif kind == "newline":
                self._y, self._x = self._y + 1, 0
            elif kind == "link":
                self._wear(self._raw._replace(link=token["link"] if token["link"] != ";" else ""))
            elif kind == "control":
                controls.append(token["control"])
                unsure = unsure or _LEAVES_PICTURE.fullmatch(token["control"]) is None
        return controls, unsure

    @property
    def pen(self) -> Pen:
        """What is drawn next looks like this."""
        return self._pen

    def put(self, y: int, spans: Sequence[tuple[str, Pen]], ground: Pen) -> None:
        """A whole row, in pens that this terminal has; ``ground`` fills what the spans leave."""
        texts, looks = [text for text, _ in spans], [pen for _, pen in spans]
        whole = "".join(texts)
        plain = is_plain(whole)
        self.rows[y] = self._plain_row(y, whole, texts, looks, ground) if plain else _placed(spans, self.width, ground)
        self._lent.discard(y)
        self.dirty.add(y)
        self.touched = True

    def _plain_row(self, y: int, whole: str, texts: Sequence[str], looks: list[Pen], ground: Pen) -> Row:
        """Most rows have spans of the lengths and pens that they had before: then their cells have those pens too."""
        lengths = list(map(len, texts))
        known = self._layouts.get(y)
        if known is not None and known[0] == lengths and known[1] == looks:
            pens = known[2]
        else:
            filled = chain(chain.from_iterable(map(repeat, looks, lengths)), repeat(ground))
            pens = tuple(islice(filled, self.width))
            self._layouts[y] = lengths, looks, pens
        return Row(whole if len(whole) == self.width else whole.ljust(self.width)[: self.width], pens, plain=True)

    def lend(self, y: int) -> Row:
        """A row as it is now; whatever is drawn later is drawn on another one."""
        self._lent.add(y)
        return self.rows[y]

    def pen_of(self, text: str) -> Pen:
        """What a text that Textual wrote begins with, as this terminal has it; nothing is drawn."""
        style = _TOKEN.match(text)
        return self._look(pen_after(PLAIN, style["style"]) if style and style.lastgroup == "style" else PLAIN)

    def _wear(self, pen: Pen) -> None:
        self._raw, self._pen = pen, self._look(pen)

    def _own(self, y: int) -> tuple[list[str], list[Pen]]:
        """Texts and pens of a row that may be changed."""
        texts, pens, _ = self.rows[y]
        if y in self._lent or not isinstance(texts, list) or not isinstance(pens, list):
            texts, pens = list(texts), list(pens)
            self.rows[y] = Row(texts, pens)
            self._lent.discard(y)
        return texts, pens

    def _write(self, text: str) -> None:
        y, x = self._y, self._x
        if not 0 <= y < self.height:
            return
        texts, pens = self._own(y)
        cells = cells_of(text)
        if not text[0].isascii() and begins_within(text):
            _join(texts, x, cells.pop(0))
        self._x = x + len(cells)
        _put(texts, pens, x, cells, self._pen, self.width)
        self.dirty.add(y)
        self.touched = True


def drawn_rows(drawn: str, width: int, height: int) -> list[Row]:
    """The rows of a screen that was erased in its first style, and then drawn on with moves, styles and text alone."""
    grid = Grid(width, height)
    head, erases, rest = drawn.partition("\x1b[2J")
    if erases:
        grid.feed(head)
        grid.rows = [Row([" "] * width, [grid.pen] * width) for _ in range(height)]
    grid.feed(rest or drawn)
    return grid.rows


def _placed(spans: Sequence[tuple[str, Pen]], width: int, ground: Pen) -> Row:
    """Texts of any kind one after the other in as many cells as they take, then the ground."""
    texts, pens, x = [" "] * width, [ground] * width, 0
    for given, pen in spans:
        text = _CONTROLS.sub("", given)
        if not text:
            continue
        cells = cells_of(text)
        if begins_within(text):
            _join(texts, x, cells.pop(0))
        end = x + len(cells)
        _put(texts, pens, x, cells, pen, width)
        x = end
    return Row(texts, pens)


def _fit(texts: list[str], pens: list[Pen], width: int, ground: Pen) -> None:
    """Cut, or fill up in the ground's pen."""
    missing = width - len(texts)
    texts.extend([" "] * missing)
    pens.extend([ground] * missing)
    _cut(texts, width)
    del pens[width:]


def _put(texts: list[str], pens: list[Pen], x: int, cells: list[str], pen: Pen, width: int) -> None:
    """What is covered only in part is gone, as on a terminal."""
    _cut(cells, max(0, width - x))
    if not cells:
        return
    if texts[x] == "":
        _blank_back(texts, x)
    end = x + len(cells)
    if end < width and texts[end] == "":
        _blank_on(texts, end)
    texts[x:end] = cells
    pens[x:end] = [pen] * len(cells)


def _cut(texts: list[str], end: int) -> None:
    """Nothing is left from ``end`` on, nor of a picture that reaches over it."""
    if 0 <= end < len(texts) and texts[end] == "":
        _blank_back(texts, end)
    del texts[end:]


def _blank_back(texts: list[str], x: int) -> None:
    """The picture that covers this cell loses it, and so itself."""
    while x > 0 and texts[x - 1] == "":
        texts[x - 1] = " "
        x -= 1
    if x > 0:
        texts[x - 1] = " "


def _blank_on(texts: list[str], x: int) -> None:
    while x < len(texts) and texts[x] == "":
        texts[x] = " "
        x += 1


def _join(texts: list[str], x: int, mark: str) -> None:
    """An accent at the beginning of a text belongs to the picture before it."""
    x = min(x, len(texts)) - 1
    while x > 0 and texts[x] == "":
        x -= 1
    if x >= 0:
        texts[x] += mark
