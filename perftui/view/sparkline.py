"""One line that shows how a series went: its name, a row of braille or bars, its value with the unit."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit, format_value
from perftui.view.chart import chart
from perftui.view.glyphs import GlyphSet
from perftui.view.scale import Limits
from perftui.view.sweep import SCROLL, Scrolling
from perftui.view.text import Line, Span, fit, left, right

# looked up once: asking an Enum for a member takes longer than what it is for
_LABEL, _VALUE, _STALE, _WATCH, _BAD = Role.LABEL, Role.VALUE, Role.STALE, Role.WATCH, Role.BAD
VALUE_WIDTH = 10
# a blank, the value, a blank and the sign of its state
_FIGURE_WIDTH = VALUE_WIDTH + 3
_MIN_SPARK_WIDTH = 4


def name_width(width: int) -> int:
    """The cells that a name gets at the left of ``width``, so that pictures below each other line up."""
    return min(18, max(7, width // 4))


def figure(value: float | None, unit: Unit, limits: Limits, glyphs: GlyphSet) -> Span:
    """A value with its unit, right-aligned, then the sign of its state: always 13 cells."""
    state = _STALE if value is None else limits.role(value, _VALUE)
    sign = glyphs.bad if state is _BAD else glyphs.watch if state is _WATCH else " "
    return f" {right(format_value(value, unit), VALUE_WIDTH, glyphs.ellipsis)} {sign}", state


def row(label: str, middle: Line, room: int, shown: Span, width: int, label_width: int, glyphs: GlyphSet) -> Line:
    """``width`` cells: a label, a picture of ``room`` cells, and a figure that goes last when there is no room."""
    if room < _MIN_SPARK_WIDTH:
        label_width, middle = max(0, width - _FIGURE_WIDTH - 1), ()
    line: Line = ((left(label, label_width, glyphs.ellipsis) + " ", _LABEL), *middle, shown)
    return line if width > _FIGURE_WIDTH else fit(((shown[0].strip(), shown[1]),), width, glyphs.ellipsis)


def spare(width: int, label_width: int) -> int:
    """The cells that are left for a picture between a label and a figure."""
    return width - label_width - 1 - _FIGURE_WIDTH


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
    placing: Scrolling = SCROLL,
) -> Line:
    """``width`` cells: the label left, the line in the middle, ``value`` and its state at the right."""
    named = name_width(width)
    room = spare(width, named)
    middle: Line = ()
    if room >= _MIN_SPARK_WIDTH:
        (middle,) = chart(
            Window(window.start, window.step_s, window.cells, (series,)),
            start=start, end=end, width=room, height=1, unit=unit, glyphs=glyphs,
            watch=watch, bad=bad, above=above, top=top, axis=False, placing=placing,
        )  # fmt: skip
    shown = figure(value, unit, Limits(watch, bad, above), glyphs)
    return row(label, middle, room, shown, width, named, glyphs)
