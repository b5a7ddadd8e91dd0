"""A horizontal bar from empty to full with its value at the right."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_value
from perftui.view.chart import Limits
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, left, right

_VALUE_WIDTH = 10


def bar(part: float, width: int, glyphs: GlyphSet) -> str:
    """``width`` cells filled from the left to ``part`` (0 to 1), in eighths where the glyphs have them."""
    steps = len(glyphs.left_bars) - 1
    filled = round(min(1.0, max(0.0, part)) * width * steps)
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
    """``width`` cells; without a top the bar is drawn for ratios only."""
    full = top if top is not None else 1.0
    name_width = label_width if label_width is not None else min(18, max(7, width // 4))
    room = width - name_width - 1 - _VALUE_WIDTH - 3
    role = Role.STALE if value is None else Limits(watch, bad, above).role(value, Role.VALUE)
    sign = {Role.BAD: glyphs.bad, Role.WATCH: glyphs.watch}.get(role, " ")
    drawn = "" if room < 3 else bar((value or 0.0) / full, room, glyphs)
    return (
        (left(label, name_width, glyphs.ellipsis) + " ", Role.LABEL),
        (drawn, Role.BAR if role is Role.VALUE else role),
        (f" {right(format_value(value, unit), _VALUE_WIDTH)} {sign}", role),
    )
