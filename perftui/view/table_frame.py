"""A table in its frame: how many rows there are, which filter hides others, and how old they are."""

from __future__ import annotations

from typing import Any

from perftui.domain.roles import Role
from perftui.domain.units import format_duration
from perftui.view.frame import framed
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.wrap import wrapped

_OLD_S = 10.0


def table_picture(
    scene: Scene,
    table: TableModel[Any],
    width: int,
    height: int,
    *,
    title: str,
    noun: str,
    empty: str,
    at: float | None,
    focused: bool = False,
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells. ``noun`` is what one row is; ``at`` is when the rows were measured."""
    inner_width, inner_height = max(0, width - 4), max(0, height - 2)
    summary: Line = ()
    if not table.total:
        body = wrapped(empty, Role.LABEL, inner_width)
    elif not table.order:
        body = wrapped(f'no {noun} matches "{table.filter}": esc clears the filter', Role.LABEL, inner_width)
        summary = _counted(f"0 of {table.total}")
    else:
        body = table.picture(inner_width, inner_height, scene.glyphs)
        count = f"{len(table.order)} of {table.total}" if table.filter else str(table.total)
        age = 0.0 if at is None else max(0.0, scene.end - at)
        old = f", {format_duration(age)} old" if age >= _OLD_S else ""
        marked = f"  {len(table.marks)} marked" if table.marks else ""
        summary = _counted(f"{count}{marked}{old}")
    name = title + (f" {scene.glyphs.separator} filter {table.filter}" if table.filter else "")
    return framed(
        indented(body), width=width, height=height, title=name, summary=summary, focused=focused, glyphs=scene.glyphs
    )


def _counted(text: str) -> Line:
    return ((text, Role.LABEL),)
