"""The smallest update from what a terminal shows to what it should show, as pure functions.

Cells that changed become runs of one pen. Runs are sent by position or grouped by pen, whichever is shorter: a picture
of few colours that changes in many places needs each colour once, one that changes in long lines needs few moves.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress, pairwise
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
    """What is written from a cell of a row on, all of one pen; ``after``: the cursor's cell then, if that is known."""

    y: int
    first: int
    pen: Pen
    text: str
    after: int | None


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
    runs = [run for y in sorted(wanted) for run in _shortest(y, wanted[y], shown[y], erases_in_colour, differ.get(y))]
    if not runs:
        return "", spot
    text, after = _painted(runs, wanted, spot)
    if after.pen is not None and after.pen.link:
        # whatever else is written on this terminal is no part of a link
        bare = after.pen._replace(link="")
        text, after = text + pen_change(after.pen, bare), after._replace(pen=bare)
    return text, after


def _painted(runs: Sequence[Run], wanted: Mapping[int, Row], spot: Spot) -> tuple[str, Spot]:
    """The runs in the order in which they are shorter."""
    if len(runs) <= 2:
        return paint(runs, spot)
    by_pen = paint(_by_pen(runs, wanted, spot.pen), spot)
    return by_pen if _needs_more(runs, len(by_pen[0])) else min(paint(runs, spot), by_pen, key=_length)


def _needs_more(runs: Sequence[Run], length: int) -> bool:
    """Whether runs in this order surely take more: their texts and changes of pens do, wherever they stand."""
    left = length - sum([len(text) for _, _, _, text, _ in runs])
    for old, new in pairwise([pen for _, _, pen, _, _ in runs]):
        if old is not new:
            left -= len(pen_change(old, new))
            if left < 0:
                return True
    return False


def _length(painted: tuple[str, Spot]) -> int:
    return len(painted[0])


def _by_pen(runs: Sequence[Run], wanted: Mapping[int, Row], pen: Pen | None) -> list[Run]:
    """Runs of one pen together, those of the pen that is in hand first.

    What a disputed picture may have spoilt is mended by what is sent after it in its row, from left to right.
    """
    # most pictures hold nothing of the kind
    disputed: set[int] = set()
    if any(not wanted[y].plain for y in wanted) and is_disputed("".join([run.text for run in runs])):
        disputed = {run.y for run in runs if is_disputed(run.text)}
    # a whole line is erased before anything is written on it
    erased: dict[Pen, list[Run]] = defaultdict(list)
    firm: dict[Pen, list[Run]] = defaultdict(list)
    for run in runs:
        y, first, look, text, _ = run
        if y not in disputed:
            (firm if first or text != _ERASE else erased)[look].append(run)
    ordered = [run for run in runs if run.y in disputed] if disputed else []
    for group in (erased, firm):
        for one in sorted(group, key=lambda one: (one != pen, one)):
            ordered += group[one]
    return ordered


def _shortest(
    y: int, wanted: Row, shown: Row | None, erases_in_colour: bool, known: Sequence[int] | None
) -> Sequence[Run]:
    """What of a row has to be sent; where most of it is new, maybe after the whole of it was erased."""
    runs = runs_of(y, wanted, shown, erases_in_colour, known)
    width, pen = len(wanted.texts), wanted.pens[-1]
    blanks = sum([text.count(" ") for _, _, _, text, _ in runs])
    if blanks < _WORTH_ERASING or not _erasable(pen, erases_in_colour):
        return runs
    whole = _text(wanted.texts)
    if not wanted.plain and is_disputed(whole):
        return runs
    size = _size(runs)
    # all that is no blank would have to be written then
    if len(_ERASE) + len(whole.replace(" ", "").encode()) >= size:
        return runs
    blank = Row([" "] * width, [pen] * width)
    afresh = [Run(y, 0, pen, _ERASE, 0), *runs_of(y, wanted, blank, erases_in_colour)]
    return afresh if _size(afresh) < size else runs


def _size(runs: Sequence[Run]) -> int:
    """Bytes that the runs take by themselves."""
    return len(paint(runs, Spot())[0].encode())


def runs_of(
    y: int, wanted: Row, shown: Row | None, erases_in_colour: bool = False, known: Sequence[int] | None = None
) -> list[Run]:
    """What of a row has to be sent, from left to right; ``known`` are the cells that differ, if that is known."""
    changed = _changed(wanted, shown, known)
    if not changed:
        return []
    tail = _blank_tail(wanted, erases_in_colour)
    written = bisect_left(changed, tail)
    # too few are written, not erased; most rows end in no blank at all
    if len(changed) - written <= len(_ERASE):
        return _written(y, wanted, changed)
    runs = _written(y, wanted, changed[:written])
    runs.append(Run(y, changed[written], wanted.pens[-1], _ERASE, changed[written]))
    return runs


def _written(y: int, wanted: Row, changed: Sequence[int]) -> list[Run]:
    """Runs that write these cells, and what lies between them where moving over it costs no less."""
    if not changed:
        return []
    pens = wanted.pens
    runs: list[Run] = []
    # the run that is being made
    start = end = changed[0]
    pen = pens[start]
    for x in changed:
        if x != end or pens[x] is not pen:
            if not _belongs(end, x, pen, wanted):
                runs.append(_run(y, start, end, wanted))
                start, pen = x, pens[x]
            end = x
        end += 1
    runs.append(_run(y, start, end, wanted))
    return runs


def _run(y: int, first: int, end: int, row: Row) -> Run:
    """Cells ``first`` to before ``end``, which have one pen."""
    texts = row.texts
    text = _text(texts[first:end])
    if not row.plain and is_disputed(text):
        text = _in_its_place(texts, y, first, end)
    # at the right margin terminals disagree about where the cursor is
    return Run(y, first, row.pens[first], text, end if end < len(texts) else None)


def _changed(wanted: Row, shown: Row | None, known: Sequence[int] | None) -> Sequence[int]:
    texts = wanted.texts
    if shown is None:
        return range(len(texts))
    changed = differing(wanted, shown) if known is None else known
    if wanted.plain or not changed:
        return changed
    if is_disputed(_text(texts)):
        changed = _with_spoilt(texts, frozenset(changed))
    return _whole(texts, changed) if "" in texts else changed


def _whole(texts: Sequence[str], changed: Sequence[int]) -> list[int]:
    """The cells with the rest of the pictures that they belong to."""
    found: list[int] = []
    for x in changed:
        if found and x <= found[-1]:
            continue
        first, end = x, x + 1
        while first and texts[first] == "":
            first -= 1
        while end < len(texts) and texts[end] == "":
            end += 1
        found += range(first, end)
    return found


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
    texts = list(compress(cells, _unequal(one.texts, other.texts)))
    if one.pens is other.pens or one.pens == other.pens:
        return texts
    # pens are mostly the same objects
    pens = [x for x in compress(cells, map(is_not, one.pens, other.pens)) if one.pens[x] != other.pens[x]]
    return sorted({*texts, *pens})


def _unequal(one: Sequence[str], other: Sequence[str]) -> Iterable[object]:
    """Something true for each cell whose text is another one."""
    if one == other:
        return ()
    if not isinstance(one, str) or not isinstance(other, str):
        return map(ne, one, other)
    # characters of plain rows take two bytes each
    was, now = one.encode("utf-16-le"), other.encode("utf-16-le")
    between = int.from_bytes(was, "little") ^ int.from_bytes(now, "little")
    return array("H", between.to_bytes(len(now), "little"))


def _text(cells: Sequence[str]) -> str:
    return cells if isinstance(cells, str) else "".join(cells)


def _blank_tail(row: Row, erases_in_colour: bool) -> int:
    """Where the blanks of one pen begin that end the row; its width when erasing does not draw them."""
    texts, pens = row.texts, row.pens
    pen = pens[-1]
    start = len(texts)
    if texts[-1] == " " and _erasable(pen, erases_in_colour):
        while start and texts[start - 1] == " " and pens[start - 1] == pen:
            start -= 1
    return start


def _erasable(pen: Pen, erases_in_colour: bool) -> bool:
    """Whether erasing with this pen leaves blanks of it."""
    return pen.leaves_no_mark and (erases_in_colour or not pen.background)


def _belongs(end: int, first: int, pen: Pen, row: Row) -> bool:
    """Whether what lies between a run's end and another cell is best sent along: moving over it costs no less."""
    length, pens = first - end, row.pens
    if length > _FARTHEST or (pens[first] is not pen and pens[first] != pen):
        return False
    if not length:
        return True
    if any(between is not pen and between != pen for between in pens[end:first]):
        return False
    between = _text(row.texts[end:first])
    return len(between.encode()) <= len(_forward(length)) and (row.plain or not is_disputed(between))


def paint(runs: Iterable[Run], spot: Spot) -> tuple[str, Spot]:
    """The runs in this order."""
    parts: list[str] = []
    x, y, pen = spot
    for to_y, first, wanted, text, after in runs:
        if x != first or y != to_y:
            parts.append(motion(x, y, first, to_y))
        if wanted is not pen and wanted != pen:
            parts.append(pen_change(pen, wanted))
            pen = wanted
        parts.append(text)
        x, y = after, to_y
    return "".join(parts), Spot(x, y, pen)


def _in_its_place(texts: Sequence[str], y: int, first: int, end: int) -> str:
    """Cells with disputed pictures among them, so that none of these moves what follows."""
    parts: list[str] = []
    x = first
    while x < end:
        until = x + 1
        while until < end and texts[until] == "":
            until += 1
        parts.append(texts[x])
        if is_disputed(texts[x]):
            # blank what is covered, in case it is less than we think, and say where to go on, in case it is more
            place = motion(None, None, x, y)
            parts[-1:] = [" " * (until - x), place, texts[x]]
            if until < len(texts):
                parts.append(motion(None, None, until, y))
        x = until
    return "".join(parts)


# the same places change tick for tick
@lru_cache(maxsize=2048)
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
    return min(ways, key=len) if len(ways) > 1 else ways[0]


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
