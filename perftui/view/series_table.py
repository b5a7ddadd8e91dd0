"""A panel's series as rows: the labels that tell them apart in columns, the value with its unit at the right."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.domain.series import parse_series
from perftui.view.legend import Entry, state_glyph
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, right, text_width

_GAP = 2
_MOST_COLUMN = 40
_NAME = ""
_RANK = {Role.BAD: 0, Role.WATCH: 1}


def series_table(scene: Scene, shown: Sequence[Entry], width: int, height: int) -> tuple[Line, ...]:
    """A head and one row a series, what is wrong first; at most ``height`` lines of ``width`` cells."""
    if not shown or height < 1:
        return ()
    ordered = sorted(shown, key=lambda entry: _RANK.get(entry.state, 2))
    columns = _columns(shown)
    room = height - 1 if height > 2 else height
    fits = ordered if len(ordered) <= room else ordered[: max(1, room - 1)]
    value_width = max(9, *(text_width(entry.text) for entry in fits))
    widths = _widths(columns, fits, width - value_width - 2)
    lines = [_head(columns, widths, value_width, width, scene)] if height > 2 else []
    lines.extend(_row(scene, entry, columns, widths, value_width, width) for entry in fits)
    if len(fits) < len(ordered):
        lines.append(fit(((f"{scene.glyphs.ellipsis} {len(ordered) - len(fits)} more", Role.LABEL),), width))
    return tuple(lines[:height])


def _columns(shown: Sequence[Entry]) -> list[str]:
    """Labels whose values differ; the legend's name where labels alone don't tell the series apart."""
    labels = [dict(parse_series(entry.series.series).labels) for entry in shown]
    names = sorted({name for one in labels for name in one})
    differ = [name for name in names if len({one.get(name, "") for one in labels}) > 1]
    chosen = differ or names
    apart = {tuple(one.get(name, "") for name in chosen) for one in labels}
    return chosen if chosen and len(apart) == len(shown) else [_NAME, *differ]


def _cell(entry: Entry, column: str) -> str:
    return entry.name if column == _NAME else parse_series(entry.series.series).label(column)


def _widths(columns: Sequence[str], shown: Sequence[Entry], room: int) -> list[int]:
    """What each column needs; the widest shrink first where it is too narrow."""
    wanted = [min(_MOST_COLUMN, max(text_width(one), *(text_width(_cell(e, one)) for e in shown))) for one in columns]
    while sum(wanted) + _GAP * len(wanted) > room and max(wanted, default=0) > 1:
        wanted[wanted.index(max(wanted))] -= 1
    return wanted


def _head(columns: Sequence[str], widths: Sequence[int], value_width: int, width: int, scene: Scene) -> Line:
    names = "".join(
        left(name, size, scene.glyphs.ellipsis) + " " * _GAP for name, size in zip(columns, widths, strict=True)
    )
    return fit(((left(names, width - value_width - 2), Role.LABEL), (right("value", value_width), Role.LABEL)), width)


def _row(
    scene: Scene, entry: Entry, columns: Sequence[str], widths: Sequence[int], value_width: int, width: int
) -> Line:
    cells = "".join(
        left(_cell(entry, name), size, scene.glyphs.ellipsis) + " " * _GAP
        for name, size in zip(columns, widths, strict=True)
    )
    return fit(
        (
            (left(cells, width - value_width - 2), Role.TEXT),
            (right(entry.text, value_width), entry.state),
            (f" {state_glyph(scene, entry.state)}", entry.state),
        ),
        width,
    )
