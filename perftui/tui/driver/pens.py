"""How a cell looks: attributes, colours and link, read from and written as the shortest escape codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# attribute -> what switches it off again; some share that
_OFF = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 51: 54, 52: 54, 53: 55}
_WEIGHT = frozenset({1, 2, 3})


class Pen(NamedTuple):
    """``attributes`` are SGR numbers in rising order; colours are SGR parameters, empty for the terminal's own.

    ``link`` is what stands between ``OSC 8 ;`` and its end (parameters and address), empty without a link.
    """

    attributes: tuple[int, ...] = ()
    foreground: str = ""
    background: str = ""
    link: str = ""

    @property
    def leaves_no_mark(self) -> bool:
        """Whether a blank in it is nothing but its background, so that erasing draws it too."""
        return not self.link and _WEIGHT.issuperset(self.attributes)


PLAIN = Pen()


@lru_cache(maxsize=4096)
def pen_after(pen: Pen, parameters: str) -> Pen:
    """The pen after ``CSI parameters m``; codes that nobody here writes change nothing."""
    attributes, foreground, background = set(pen.attributes), pen.foreground, pen.background
    numbers = iter(parameters.split(";"))
    for text in numbers:
        code = int(text) if text.isdigit() else 0 if not text else -1
        if code == 0:
            attributes, foreground, background = set(), "", ""
        elif code in _OFF:
            attributes.add(code)
        elif code in (22, 23, 24, 25, 27, 28, 29, 54, 55):
            attributes -= {on for on, off in _OFF.items() if off == code}
        elif code == 38:
            foreground = _extended(text, numbers)
        elif code == 48:
            background = _extended(text, numbers)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            foreground = text
        elif 40 <= code <= 47 or 100 <= code <= 107:
            background = text
        elif code == 39:
            foreground = ""
        elif code == 49:
            background = ""
    return Pen(tuple(sorted(attributes)), foreground, background, pen.link)


def _extended(first: str, numbers: Iterator[str]) -> str:
    kind = next(numbers, "")
    count = {"5": 1, "2": 3}.get(kind, 0)
    return ";".join((first, kind, *(next(numbers, "0") for _ in range(count)))) if count else ""


@lru_cache(maxsize=16384)
def pen_change(old: Pen | None, new: Pen) -> str:
    """The shortest codes that turn one pen into another; ``old`` None means that nobody knows its look (no link)."""
    change = ""
    if old is None:
        old = PLAIN
        change = f"\x1b[{_joined(['0', *_all_of(new)])}m"
    elif old[:3] != new[:3]:
        afresh, onward = _joined(["0", *_all_of(new)]), _joined(_difference(old, new))
        change = "\x1b[m" if afresh == "0" else f"\x1b[{min(onward, afresh, key=len)}m"
    if old.link != new.link:
        change += f"\x1b]8;{new.link or ';'}\x1b\\"
    return change


def _all_of(pen: Pen) -> list[str]:
    return [*map(str, pen.attributes), pen.foreground, pen.background]


def _difference(old: Pen, new: Pen) -> list[str]:
    gone = set(old.attributes) - set(new.attributes)
    off = sorted({_OFF[code] for code in gone})
    # what shares its switch with something that goes has to be said again
    on = [code for code in new.attributes if code not in old.attributes or _OFF[code] in off]
    codes = [*map(str, off), *map(str, on)]
    if old.foreground != new.foreground:
        codes.append(new.foreground or "39")
    if old.background != new.background:
        codes.append(new.background or "49")
    return codes


def _joined(codes: list[str]) -> str:
    return ";".join(code for code in codes if code)
