"""Several pictures side by side become the lines of one page."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.domain.roles import Role
from perftui.view.layout import Region
from perftui.view.text import Line, Span


def compose(
    regions: Mapping[str, Region], pictures: Mapping[str, tuple[Line, ...]], width: int, height: int
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells; regions don't overlap, what none covers is blank."""
    rows: list[list[tuple[int, int, Line]]] = [[] for _ in range(height)]
    for name, region in regions.items():
        for offset, line in enumerate(pictures[name]):
            if region.y + offset < height:
                rows[region.y + offset].append((region.x, region.width, line))
    return tuple(_joined(sorted(parts, key=lambda part: part[0]), width) for parts in rows)


def _joined(parts: list[tuple[int, int, Line]], width: int) -> Line:
    spans: list[Span] = []
    at = 0
    for x, size, line in parts:
        if x > at:
            spans.append((" " * (x - at), Role.TEXT))
        spans.extend(line)
        at = x + size
    if at < width:
        spans.append((" " * (width - at), Role.TEXT))
    return tuple(spans)
