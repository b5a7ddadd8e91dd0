"""One line that shows how a series went: its name, a row of braille or bars, its value with the unit."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit, format_value
from perftui.view.chart import Limits, chart
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, left, right

VALUE_WIDTH = 10


def sparkline(values: Sequence[float | None], glyphs: GlyphSet, high: float | None = None) -> str:
    """One bar a value, from 0 to ``high`` (the highest value when None); gaps are blanks."""
    top = high if high is not None else max((value for value in values if value is not None), default=0.0)
    full = len(glyphs.bars) - 1
    bars = []
    for value in values:
        if value is None:
            bars.append(" ")
        else:
            bars.append(glyphs.bars[1 + min(full - 1, max(0, round(value / top * (full - 1)) if top > 0 else 0))])
    return "".join(bars)


def sparkline_row(
    label: str,
    series: SeriesWindow,
    window: Window,
    *,
    start: float,
    end: float,
    width: int,
    unit: Unit,
    glyphs: GlyphSet,
    value: float | None,
    watch: float | None = None,
    bad: float | None = None,
    above: bool = True,
    top: float | None = None,
) -> Line:
    """``width`` cells: the label left, the line in the middle, ``value`` and its state at the right."""
    name_width = min(18, max(7, width // 4))
    spark_width = width - name_width - VALUE_WIDTH - 4
    state = Role.STALE if value is None else Limits(watch, bad, above).role(value, Role.VALUE)
    sign = {Role.BAD: glyphs.bad, Role.WATCH: glyphs.watch}.get(state, " ")
    name: Line = ((left(label, name_width, glyphs.ellipsis) + " ", Role.LABEL),)
    figure: Line = ((f" {right(format_value(value, unit), VALUE_WIDTH)} {sign}", state),)
    if spark_width < 4:
        room = max(0, width - VALUE_WIDTH - 3)
        return ((left(label, room, glyphs.ellipsis), Role.LABEL), *figure)
    (middle,) = chart(
        Window(window.start, window.step_s, window.cells, (series,)),
        start=start, end=end, width=spark_width, height=1, unit=unit, glyphs=glyphs,
        watch=watch, bad=bad, above=above, top=top, axis=False,
    )  # fmt: skip
    return (*name, *middle, *figure)
