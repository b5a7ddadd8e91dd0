"""The smallest update from what a terminal shows to what it should show, as pure functions.

Cells that changed become runs of one pen. Runs are sent by position or grouped by pen, whichever is shorter: a picture
of few colours that changes in many places needs each colour once, one that changes in long lines needs few moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import is_not, ne
from typing import NamedTuple

from perftui.tui.driver.cells import is_disputed, reach
from perftui.tui.driver.grid import Row
from perftui.tui.driver.pens import Pen, pen_change

_ERASE = "\x1b[K"
# blanks that would have to be sent in a row before it is tried whether erasing all of it is shorter
_WORTH_ERASING = 16
# moving over more cells than that is always shorter than sending them
_FARTHEST = 5


class Spot(NamedTuple):
    """Where the terminal's cursor is and what it writes with; None is what nobody knows."""

    x: int | None = None
    y: int | None = None
    pen: Pen | None = None


class Run(NamedTuple):
    """Cells ``first`` to before ``end`` of a row, all of one pen; ``erase``: blanks up to the end of the line."""

    y: int
    first: int
    end: int
    pen: Pen
    erase: bool = False


# a run with what is written for it
Piece = tuple[Run, str]


def update(
    wanted: Mapping[int, Row],
    shown: Mapping[int, Row | None],
    spot: Spot,
    *,
    erases_in_colour: bool = False,
    known: Mapping[int, Sequence[int]] | None = None,
) -> tuple[str, Spot]:
    """Codes that make ``shown`` rows (None: unknown) the ``wanted`` ones, and where that leaves the terminal.

    ``known`` are the cells that differ, of rows for which somebody looked already.
    """
    differ: Mapping[int, Sequence[int]] = known or {}
    pieces = [
        piece for y in sorted(wanted) for piece in _shortest(y, wanted[y], shown[y], erases_in_colour, differ.get(y))
    ]
    if not pieces:
        return "", spot
    best = paint(pieces, wanted, spot)
    if len(pieces) > 2:
        best = min(best, paint(_by_pen(pieces, wanted, spot.pen), wanted, spot), key=lambda painted: len(painted[0]))
    text, after = best
    if after.pen is not None and after.pen.link:
        # whatever else is written on this terminal is no part of a link
        bare = after.pen._replace(link="")
        text, after = text + pen_change(after.pen, bare), after._replace(pen=bare)
    return text, after


def _by_pen(pieces: Sequence[Piece], wanted: Mapping[int, Row], pen: Pen | None) -> list[Piece]:
    """Runs of one pen together, those of the pen that is in hand first.

    What a disputed picture may have spoilt is mended by what is sent after it in its row, from left to right.
    """
    # most pictures hold nothing of the kind
    disputed: set[int] = set()
    if is_disputed("".join([text for _, text in pieces])):
        disputed = {run.y for run, _ in pieces if is_disputed("".join(wanted[run.y].texts[run.first : run.end]))}
    # a whole line is erased before anything is written on it
    erased: dict[Pen, list[Piece]] = {}
    firm: dict[Pen, list[Piece]] = {}
    for piece in pieces:
        run = piece[0]
        if run.y not in disputed:
            (erased if run.erase and not run.first else firm).setdefault(run.pen, []).append(piece)
    ordered = [piece for piece in pieces if piece[0].y in disputed]
    for group in (erased, firm):
        for one in sorted(group, key=lambda one: (one != pen, one)):
            ordered += group[one]
    return ordered


def _shortest(
    y: int, wanted: Row, shown: Row | None, erases_in_colour: bool, known: Sequence[int] | None
) -> list[Piece]:
    """What of a row has to be sent; where most of it is new, maybe after the whole of it was erased."""
    pieces = _written(runs_of(y, wanted, shown, erases_in_colour, known), wanted)
    width, pen = len(wanted.texts), wanted.pens[-1]
    blanks = sum([text.count(" ") for _, text in pieces])
    if blanks < _WORTH_ERASING or not _erasable(pen, erases_in_colour):
        return pieces
    if is_disputed("".join(wanted.texts)):
        return pieces
    blank = Row([" "] * width, [pen] * width)
    afresh = [
        (Run(y, 0, width, pen, erase=True), _ERASE),
        *_written(runs_of(y, wanted, blank, erases_in_colour), wanted),
    ]
    rows, nowhere = {y: wanted}, Spot()
    return min(pieces, afresh, key=lambda tried: len(paint(tried, rows, nowhere)[0].encode()))


def _written(runs: Sequence[Run], row: Row) -> list[Piece]:
    texts = row.texts
    return [(run, _ERASE if run.erase else _text(texts, run)) for run in runs]


def runs_of(
    y: int, wanted: Row, shown: Row | None, erases_in_colour: bool = False, known: Sequence[int] | None = None
) -> list[Run]:
    """What of a row has to be sent, from left to right; ``known`` are the cells that differ, if that is known."""
    changed = _changed(wanted, shown, known)
    if not changed:
        return []
    texts, pens = wanted
    tail = _blank_tail(wanted, erases_in_colour)
    # too few are written, not erased; most rows end in no blank at all
    if tail < len(texts) and sum(1 for x in changed if x >= tail) <= len(_ERASE):
        tail = len(texts)
    runs = _runs_before(tail, y, wanted, changed)
    if tail < len(texts):
        runs.append(Run(y, next(x for x in changed if x >= tail), len(texts), pens[-1], erase=True))
    return runs


def _runs_before(tail: int, y: int, wanted: Row, changed: Sequence[int]) -> list[Run]:
    """Runs that are written, of the cells before ``tail``."""
    texts, pens = wanted
    runs: list[Run] = []
    wide = "" in texts
    # the run that is being made
    start, end, pen = -1, -1, pens[0]
    for x in changed:
        if x >= tail:
            break
        if x < end:
            continue
        first = x
        while wide and first and texts[first] == "":
            first -= 1
        if first != end or pens[first] is not pen:
            if start < 0:
                start, pen = first, pens[first]
            elif first - end > _FARTHEST or not _belongs(end, first, pen, wanted):
                runs.append(Run(y, start, end, pen))
                start, pen = first, pens[first]
        end = x + 1
        while wide and end < len(texts) and texts[end] == "":
            end += 1
    if start >= 0:
        runs.append(Run(y, start, end, pen))
    return runs


def _changed(wanted: Row, shown: Row | None, known: Sequence[int] | None) -> Sequence[int]:
    texts, pens = wanted
    if shown is None:
        return range(len(texts))
    if known is None and texts == shown.texts and pens == shown.pens:
        return ()
    changed = differing(wanted, shown) if known is None else known
    if not is_disputed("".join(texts)):
        return changed
    return _with_spoilt(texts, frozenset(changed))


def _with_spoilt(texts: Sequence[str], changed: frozenset[int]) -> list[int]:
    """Besides what changed, what a terminal may draw over with it; what of that is disputed spoils more in its turn."""
    found: list[int] = []
    until = 0
    for x in range(len(texts)):
        if x in changed or x < until:
            found.append(x)
            head = x
            while head and texts[head] == "":
                head -= 1
            if is_disputed(texts[head]):
                until = max(until, head + reach(texts[head]))
    return found


def differing(one: Row, other: Row) -> list[int]:
    """The cells in which rows of one width differ."""
    cells = range(len(one.texts))
    texts = list(compress(cells, map(ne, one.texts, other.texts)))
    if one.pens == other.pens:
        return texts
    # pens are mostly the same objects
    pens = [x for x in compress(cells, map(is_not, one.pens, other.pens)) if one.pens[x] != other.pens[x]]
    return sorted({*texts, *pens})


def _blank_tail(row: Row, erases_in_colour: bool) -> int:
    """Where the blanks of one pen begin that end the row; its width when erasing does not draw them."""
    texts, pens = row
    pen = pens[-1]
    start = len(texts)
    if _erasable(pen, erases_in_colour):
        while start and texts[start - 1] == " " and pens[start - 1] == pen:
            start -= 1
    return start


def _erasable(pen: Pen, erases_in_colour: bool) -> bool:
    """Whether erasing with this pen leaves blanks of it."""
    return pen.leaves_no_mark and (erases_in_colour or not pen.background)


def _belongs(end: int, first: int, pen: Pen, row: Row) -> bool:
    """Whether what lies between a run's end and another cell is best sent along: moving over it costs no less."""
    if row.pens[first] is not pen and row.pens[first] != pen:
        return False
    if first == end:
        return True
    gap = row.texts[end:first]
    if len(gap) > _FARTHEST or any(between != pen for between in row.pens[end:first]):
        return False
    between = "".join(gap)
    return len(between.encode()) <= len(_forward(len(gap))) and not is_disputed(between)


def paint(pieces: Iterable[Piece], rows: Mapping[int, Row], spot: Spot) -> tuple[str, Spot]:
    """The runs in this order."""
    parts: list[str] = []
    x, y, pen = spot
    for (to_y, first, end, wanted, erase), text in pieces:
        parts.append(motion(x, y, first, to_y))
        if wanted is not pen and wanted != pen:
            parts.append(pen_change(pen, wanted))
            pen = wanted
        y = to_y
        parts.append(text)
        # at the right margin terminals disagree about where the cursor is
        x = first if erase else end if end < len(rows[y].texts) else None
    return "".join(parts), Spot(x, y, pen)


def _text(texts: list[str], run: Run) -> str:
    text = "".join(texts[run.first : run.end])
    if not is_disputed(text):
        return text
    parts: list[str] = []
    x = run.first
    while x < run.end:
        end = x + 1
        while end < run.end and texts[end] == "":
            end += 1
        parts.append(texts[x])
        if is_disputed(texts[x]):
            # blank what is covered, in case it is less than we think, and say where to go on, in case it is more
            place = motion(None, None, x, run.y)
            parts[-1:] = [" " * (end - x), place, texts[x]]
            if end < len(texts):
                parts.append(motion(None, None, end, run.y))
        x = end
    return "".join(parts)


def motion(x: int | None, y: int | None, to_x: int, to_y: int) -> str:
    """The shortest codes that bring the cursor there; all of them are known to a VT100."""
    if y == to_y and x is not None and x <= to_x:
        # nothing is shorter than a move onward within a row
        return _forward(to_x - x)
    ways = [_absolute(to_x, to_y)]
    if y == to_y:
        ways.append("\r" + _forward(to_x))
        if x is not None:
            ways.append(_forward(to_x - x) if to_x > x else _back(x - to_x))
    elif y is not None:
        if to_y == y + 1:
            ways.append("\r\n" + _forward(to_x))
        if x == to_x:
            ways.append(_step(abs(to_y - y), "B" if to_y > y else "A"))
    return min(ways, key=len)


@lru_cache(maxsize=8192)
def _absolute(x: int, y: int) -> str:
    row = str(y + 1) if y else ""
    return f"\x1b[{row};{x + 1}H" if x else f"\x1b[{row}H"


@lru_cache(maxsize=1024)
def _forward(count: int) -> str:
    return _step(count, "C") if count else ""


def _back(count: int) -> str:
    return "\b" * count if count <= 3 else _step(count, "D")


def _step(count: int, code: str) -> str:
    return f"\x1b[{code}" if count == 1 else f"\x1b[{count}{code}"
