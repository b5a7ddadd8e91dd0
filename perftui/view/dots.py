"""Dots of braille, a byte for each column of them: a row of a chart is then a few operations on bytes and integers.

A level says how many dots a column has, counted from the bottom of the chart; 0 is a gap. A row of a picture is an
integer: two bytes a cell, for its left and its right column, each with the column's four dots in its low half.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from functools import lru_cache

# what a byte can count, one more than the dots of these rows included
_MOST_ROWS = 63
# dots of a cell from the lowest to the highest
_LEFT, _RIGHT = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)


def _sums(bits: Sequence[int]) -> list[int]:
    """What each half of a byte stands for."""
    return [sum(bit for place, bit in enumerate(bits) if half >> place & 1) for half in range(16)]


# for a byte with the dots of the left column in its high half and those of the right one in its low half
_BRAILLE = " " + "".join([chr(0x2800 + left + right) for left in _sums(_LEFT) for right in _sums(_RIGHT)])[1:]


def areas(levels: Sequence[int], base: int, rows: int) -> list[int]:
    """Rows from top to bottom: every column is filled from the level ``base`` to its own, both included."""
    if base == 1 and rows <= _MOST_ROWS:
        known = bytes(levels)
        return [int.from_bytes(known.translate(upto), "big") for upto, _ in _tables(rows)]
    # an area is a stroke that comes from just beyond its base
    return _joined([level and (base - 1 if level >= base else base + 1) for level in levels], levels, rows)


def strokes(levels: Sequence[int], rows: int) -> list[int]:
    """Rows from top to bottom: a dot at each level, and up or down to it from the level before."""
    before = [levels[0], *levels[:-1]]
    if 0 in levels:
        # nothing leads to a gap, or out of it
        before = [level and (old or level) for old, level in zip(before, levels, strict=True)]
    return _joined(before, levels, rows)


def _joined(before: Sequence[int], levels: Sequence[int], rows: int) -> list[int]:
    """Dots at the levels, and from those in ``before``, which are themselves left out, up or down to them."""
    if rows > _MOST_ROWS:
        most = _MOST_ROWS * 4
        above = _joined(_less(before, most), _less(levels, most), rows - _MOST_ROWS)
        return above + _joined(_at_most(before, most + 1), _at_most(levels, most + 1), _MOST_ROWS)
    old, new = bytes(before), bytes(levels)
    drawn = []
    for upto, below in _tables(rows):
        # to the higher of both, and not to below the lower
        high = int.from_bytes(new.translate(upto), "big") | int.from_bytes(old.translate(below), "big")
        low = int.from_bytes(new.translate(below), "big") & int.from_bytes(old.translate(upto), "big")
        drawn.append(high ^ low)
    return drawn


def _less(levels: Sequence[int], most: int) -> list[int]:
    return [max(0, level - most) for level in levels]


def _at_most(levels: Sequence[int], most: int) -> list[int]:
    return [min(level, most) for level in levels]


@lru_cache(maxsize=64)
def _tables(rows: int) -> tuple[tuple[bytes, bytes], ...]:
    """For each row from the top: the dots up to each level, and the dots below it."""
    uptos = [(bytes(4 * row + 1) + b"\x01\x03\x07").ljust(256, b"\x0f") for row in reversed(range(rows))]
    return tuple([(upto, b"\0" + upto[:-1]) for upto in uptos])


def packed(row: int, cells: int) -> bytes:
    """A byte for each cell of a row; 0 where it has no dots."""
    return (row | row >> 4).to_bytes(cells * 2, "big")[1::2]


def text(cells: bytes) -> str:
    """What ``packed`` made, as characters; a cell without dots is a blank."""
    return codecs.charmap_decode(cells, "strict", _BRAILLE)[0]
