"""The body of a table panel: a row a series, a column for every label that tells them apart, then the newest value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from perftui.domain.roles import Role
from perftui.domain.series import parse_series
from perftui.view.legend import Entry, differing_labels, state_glyph
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, right, text_width

_NUMBER_WIDTH, _UNIT_WIDTH = 8, 5
# a blank between number and unit, and one before the sign of the state
_VALUE_WIDTH = _NUMBER_WIDTH + _UNIT_WIDTH + 3
_LEAST = 4
_NAME = "series"
_TEXT, _TROUBLED = Role.TEXT, (Role.BAD, Role.WATCH)


def table_body(scene: Scene, shown: Sequence[Entry], width: int, height: int) -> tuple[Line, ...]:
    """A header and a row a series, in at most ``height`` lines of ``width`` cells."""
    if height < 1:
        return ()
    rows, ellipsis = worst_first(shown, height - 1), scene.glyphs.ellipsis
    several = len({entry.selector for entry in shown}) > 1
    header, texts = _texts(
        tuple([entry.series.series for entry in shown]),
        several,
        tuple([(entry.name, entry.series.series) for entry in rows]),
        width - _VALUE_WIDTH,
        ellipsis,
    )
    lines = [fit(((header + right("value", _NUMBER_WIDTH), Role.LABEL),), width, ellipsis)]
    for text, entry in zip(texts, rows, strict=True):
        lines.append(fit(((text, _TEXT), *_value(scene, entry)), width, ellipsis))
    if len(rows) < len(shown) and height > 1:
        lines.append(fit(((f"{scene.glyphs.ellipsis} {len(shown) - len(rows)} more", Role.LABEL),), width))
    return tuple(lines[:height])


def worst_first(shown: Sequence[Entry], room: int) -> list[Entry]:
    """All of them in their order where there is room; else the worst ones, leaving a line to say how many are not."""
    if len(shown) <= room:
        return list(shown)

    def badness(entry: Entry) -> tuple[int, float]:
        if entry.value is None:
            return (2, 0.0)
        return (0 if entry.state in _TROUBLED else 1, -entry.value if entry.limits.above else entry.value)

    return sorted(shown, key=badness)[: max(1, room - 1)]


@lru_cache(maxsize=128)
def _texts(
    shown: tuple[str, ...], several: bool, rows: tuple[tuple[str, str], ...], room: int, ellipsis: str
) -> tuple[str, tuple[str, ...]]:
    """The header and the rows without their values, in ``room`` cells: the same until other rows are the worst.

    ``shown`` are all series, ``rows`` the name and the series of each row, ``several`` selectors picked them.
    """
    cells = _cells(shown, several, rows)
    widths = _widths(cells, room)
    lines = ([*cells], *zip(*cells.values(), strict=True))
    header, *texts = [
        "".join([left(text, size - 1, ellipsis) + " " for text, size in zip(line, widths.values(), strict=False)])
        for line in lines
    ]
    return header, tuple(texts)


def _cells(shown: Sequence[str], several: bool, rows: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Texts by column title; names where labels alone don't tell the rows apart."""
    refs = [parse_series(series) for series in shown]
    labels = sorted(differing_labels(refs)) if len(refs) > 1 else sorted(label for label, _ in refs[0].labels)
    cells = {_NAME: [name for name, _ in rows]} if several or not labels else {}
    by_row = [dict(parse_series(series).labels) for _, series in rows]
    return cells | {label: [row.get(label, "") for row in by_row] for label in labels}


def _widths(cells: dict[str, list[str]], room: int) -> dict[str, int]:
    """Cells of each column with the blank behind it; the widest give way, and the last go when that is not enough."""
    wanted = {title: max(text_width(title), *map(text_width, texts)) + 1 for title, texts in cells.items()}
    while len(wanted) > 1 and len(wanted) * (_LEAST + 1) > room:
        wanted.popitem()
    over = sum(wanted.values()) - max(_LEAST, room)
    while over > 0:
        widest = max(wanted, key=wanted.__getitem__)
        others = sorted(size for title, size in wanted.items() if title != widest)
        step = min(over, max(1, wanted[widest] - (others[-1] if others else 0)))
        wanted[widest] = max(1, wanted[widest] - step)
        over -= step
    return wanted


def _value(scene: Scene, entry: Entry) -> Line:
    number, unit = entry.parts
    text = f"{right(number, _NUMBER_WIDTH)} {left(unit, _UNIT_WIDTH)}"
    return ((text, entry.state), (f" {state_glyph(scene, entry.state)}", entry.state))
