"""A picture as a text file: its lines, then a letter for the look of each cell; what letters mean is in one file.

So a changed word is a changed line, a changed colour of a theme is one changed line in ``looks.txt``, and both can be
read in a diff.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from difflib import unified_diff
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("sheets")
_LOOKS = FOLDER / "looks.txt"
_BREAK = "-- looks"
_LETTERS = (*string.ascii_letters, *string.digits, *"αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ+*=~^%&@!?<>")
_MOST_TOLD = 25
# of a cell with neither colours nor attributes
_PLAIN = "plain"
# what a cell looks like in each theme
Looks = tuple[str, ...]


class Sheet(NamedTuple):
    """Lines without blanks at their ends, and the looks of all cells of each line."""

    lines: tuple[str, ...]
    looks: tuple[tuple[Looks, ...], ...]

    @classmethod
    def joined(cls, themes: Sequence[Sheet]) -> Sheet:
        """The same picture in several themes. They differ in their looks only: no meaning is colour alone."""
        for other in themes[1:]:
            assert other.lines == themes[0].lines, "themes show different texts\n" + _diff(themes[0].lines, other.lines)
        rows = zip(*(one.looks for one in themes), strict=True)
        return cls(
            themes[0].lines,
            tuple(tuple(zip(*(map(itemgetter(0), cells) for cells in row), strict=True)) for row in rows),
        )


def sheet(cells: Sequence[Sequence[tuple[str, str]]]) -> Sheet:
    """What one theme shows; rows of (text, look)."""
    lines = tuple("".join(text for text, _ in row).rstrip() for row in cells)
    return Sheet(lines, tuple(tuple((look,) for _, look in row) for row in cells))


class Legend:
    """Letters for looks. A letter keeps its meaning as long as its look is used by any sheet."""

    def __init__(self, known: dict[Looks, str]) -> None:
        self.letters = known

    @classmethod
    def read(cls) -> Legend:
        if not _LOOKS.exists():
            return cls({})
        rows = [line.split("\t") for line in _LOOKS.read_text("utf-8").splitlines() if line[1:2] == "\t"]
        return cls({tuple(look.replace(_PLAIN, "") for look in row[1:]): row[0] for row in rows})

    def letter(self, looks: Looks) -> str:
        if looks not in self.letters:
            self.letters[looks] = next(one for one in _LETTERS if one not in self.letters.values())
        return self.letters[looks]

    def write(self, themes: Sequence[str]) -> None:
        """Letters, then the look in each theme, with tabs between."""
        rows = sorted(self.letters.items(), key=lambda item: _LETTERS.index(item[1]))
        lines = [
            "\t".join(("look", *themes)),
            *("\t".join((letter, *(look or _PLAIN for look in looks))) for looks, letter in rows),
        ]
        _LOOKS.write_text("\n".join(lines) + "\n", "utf-8")


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.txt"


def written(one: Sheet, legend: Legend) -> str:
    rows = ["".join(map(legend.letter, row)) for row in one.looks]
    # the last letter goes on to the right edge
    cut = [row.rstrip(row[-1]) + row[-1] if row else "" for row in rows]
    width = max((len(row) for row in one.looks), default=0)
    return "\n".join([*one.lines, f"{_BREAK} of {width} columns", *cut]) + "\n"


def read(name: str, legend: Legend) -> Sheet:
    """A kept sheet. Raises OSError when there is none."""
    lines = path_of(name).read_text("utf-8").splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith(_BREAK))
    width = int(lines[at].split()[-2])
    meanings = {letter: looks for looks, letter in legend.letters.items()}
    rows = (row.ljust(width, row[-1]) if row else "" for row in lines[at + 1 :])
    return Sheet(tuple(lines[:at]), tuple(tuple(meanings[letter] for letter in row) for row in rows))


def _diff(before: Sequence[str], now: Sequence[str]) -> str:
    return "\n".join(unified_diff(before, now, "kept", "now", lineterm="", n=1))


def differences(kept: Sheet, now: Sheet, themes: Sequence[str]) -> str:
    """What changed, for a person; empty when nothing did."""
    if kept.lines != now.lines:
        return _diff(kept.lines, now.lines)
    told = []
    for y, (before, after) in enumerate(zip(kept.looks, now.looks, strict=True)):
        pairs = enumerate(zip(before, after, strict=True))
        for (old, new), cells in groupby(pairs, key=lambda one: one[1]):
            if old != new:
                x = next(cells)[0]
                changed = [
                    f"{theme}: {a or _PLAIN} -> {b or _PLAIN}"
                    for theme, a, b in zip(themes, old, new, strict=False)
                    if a != b
                ]
                told.append(f"line {y + 1}, column {x + 1}: {'; '.join(changed)}")
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return "\n".join(told[:_MOST_TOLD] + more)
