"""Several pictures side by side become the lines of one page."""

from __future__ import annotations

from collections.abc import Mapping
from operator import add

from perftui.domain.roles import Role
from perftui.view.layout import Region
from perftui.view.text import Line


def compose(
    regions: Mapping[str, Region], pictures: Mapping[str, tuple[Line, ...]], width: int, height: int
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells; regions don't overlap, what none covers is blank."""
    rows: list[Line] = [()] * height
    ends = [0] * height
    for name, (x, y, size, _) in sorted(regions.items(), key=_from_left):
        lines = pictures[name][: max(0, height - y)]
        covered = slice(y, y + len(lines))
        rows[covered] = map(add, _padded(rows[covered], ends[covered], x), lines)
        ends[covered] = [x + size] * len(lines)
    return tuple(_padded(rows, ends, width))


def _from_left(placed: tuple[str, Region]) -> int:
    return placed[1].x


def _padded(rows: list[Line], ends: list[int], width: int) -> list[Line]:
    """Rows that end in these columns, blank from there to ``width``."""
    if ends == [width] * len(ends):
        return rows
    return [
        line if end >= width else (*line, (" " * (width - end), Role.TEXT))
        for line, end in zip(rows, ends, strict=True)
    ]
