"""A horizontal bar from empty to full with its value at the right."""

from __future__ import annotations

import math

from perftui.domain.roles import Role
from perftui.domain.units import Unit
from perftui.view.glyphs import GlyphSet
from perftui.view.scale import Limits
from perftui.view.sparkline import figure, name_width, row, spare
from perftui.view.text import Line


def bar(part: float, width: int, glyphs: GlyphSet) -> str:
    """``width`` cells filled from the left to ``part`` (0 to 1), in eighths where the glyphs have them.

    What is not empty shows at least the thinnest bar, and only what is full fills the last cell.
    """
    if width < 1:
        return ""
    steps = len(glyphs.left_bars) - 1
    size = width * steps
    filled = 0 if math.isnan(part) or part <= 0 else size if part >= 1 else min(size - 1, max(1, round(part * size)))
    whole, rest = divmod(filled, steps)
    text = glyphs.full * whole + (glyphs.left_bars[rest] if rest else "")
    return text.ljust(width)


def gauge(
    label: str,
    value: float | None,
    *,
    width: int,
    unit: Unit,
    glyphs: GlyphSet,
    watch: float | None = None,
    bad: float | None = None,
    above: bool = True,
    top: float | None = None,
    label_width: int | None = None,
) -> Line:
    """``width`` cells. Only a ratio has a natural top (1): other units without ``top`` are shown without a bar."""
    full = top if top is not None else 1.0 if unit is Unit.RATIO else None
    named = name_width(width) if label_width is None else label_width
    room = spare(width, named)
    shown = figure(value, unit, Limits(watch, bad, above), glyphs)
    part = 0.0 if value is None or full is None or full <= 0 else value / full
    drawn: Line = ((bar(part, room, glyphs), Role.BAR if shown[1] is Role.VALUE else shown[1]),)
    return row(label, drawn, room, shown, width, named, glyphs)
