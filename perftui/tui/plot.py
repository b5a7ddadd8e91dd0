"""One large chart drawn by plotext, with axes, title and legend, as lines of text with meanings.

Title and legend are ours: plotext puts the legend over the curves, and counts characters where terminals count cells.
plotext is imported with the first drawing: it takes a tenth of a second, and most consoles never need it. It keeps one
figure for the whole process and takes up to 70 ms for a large one, so it is called in a thread, one drawing at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import msgspec

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit, format_span, format_value
from perftui.view.exploring import WATCH, WATCH_BEFORE, Exploring
from perftui.view.glyphs import GlyphSet
from perftui.view.legend import Entry, short_expr, shortened
from perftui.view.metrics_chart import plot_entries, unit_groups
from perftui.view.scale import Limits, Scale, scale
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line, Span, fit, left, line_width, right, text_width
from perftui.view.time_axis import tick_marks

_ANSI = re.compile(r"\x1b\[([0-9;]*)m")
_COLOUR = re.compile(r"38;5;(\d+)")
_ASCII_FRAME = str.maketrans("┌┐└┘├┤┬┴┼─│", "+++++|+++-|")
_ROWS_A_TICK = 5
_MIN_WIDTH, _MIN_HEIGHT = 20, 5
_WITH_LEGEND, _MOST_LEGEND, _VALUE_WIDTH = 60, 60, 10
_CLOSES = "any key closes"


class Curve(msgspec.Struct, frozen=True):
    """Points of one series from left to right; a gap is a value that is not a number. Without a label it is not named
    in the legend, where ``value`` stands beside it.
    """

    label: str
    role: Role
    times: tuple[float, ...]
    values: tuple[float, ...]
    value: str = ""


class Figure(msgspec.Struct, frozen=True):
    """Everything a drawing needs; ticks are values with their labels, ``cursor`` a time."""

    title: str
    start: float
    end: float
    low: float
    high: float
    curves: tuple[Curve, ...]
    time_ticks: tuple[tuple[float, str], ...]
    value_ticks: tuple[tuple[float, str], ...]
    glyphs: GlyphSet
    limit: float | None = None
    cursor: float | None = None


def figure(scene: Scene, exploring: Exploring, width: int, height: int) -> Figure | None:
    """What is on the chart now, of the first unit; None while there is nothing to draw."""
    window = scene.window(WATCH)
    groups = [] if window is None else unit_groups(plot_entries(scene, exploring, window))
    if window is None or not groups:
        return None
    shown, unit = groups[0], groups[0][0].unit
    before = _before(scene, exploring, shown)
    behind = () if before is None else before.series
    values = scale([*(one.series for one in shown), *behind], unit, shown[0].limits)
    note = f"the {format_span(scene.span_s)} before"
    curves = (
        [_curve("" if place else note, Role.STALE, one, before, scene.span_s) for place, one in enumerate(behind)]
        if before is not None
        else []
    )
    curves += [_curve(one.name, one.role, one.series, window, 0.0, one.text) for one in shown]
    others = sum(len(group) for group in groups[1:])
    names = ", ".join(short_expr(plot.expr) for plot in exploring.plots)
    clock = None if scene.mode is Mode.LIVE else scene.clock_text
    # the legend leaves that much of it, as a rule
    cells = max(_MIN_WIDTH, width * 3 // 4)
    stride = scene.span_s / cells
    return Figure(
        title=names + (f"  (and {others} series in other units)" if others else ""),
        start=scene.start,
        end=scene.end,
        low=values.low,
        high=values.high,
        curves=tuple(curves),
        time_ticks=tuple(
            (scene.start + (cell + 0.5) * stride, text)
            for cell, text in tick_marks(scene.start, scene.end, cells, clock)
        ),
        value_ticks=_value_ticks(values, unit, height),
        glyphs=scene.glyphs,
        limit=_limit(shown[0].limits),
        cursor=scene.cursor,
    )


def _limit(limits: Limits) -> float | None:
    return limits.watch if limits.bad is None else limits.bad


def _before(scene: Scene, exploring: Exploring, shown: Sequence[Entry]) -> Window | None:
    """The same series in the window before, when they are compared."""
    before = scene.window(WATCH_BEFORE) if exploring.compared else None
    if before is None:
        return None
    names = {one.series.series for one in shown}
    return msgspec.structs.replace(before, series=tuple(one for one in before.series if one.series in names))


def _curve(label: str, role: Role, series: SeriesWindow, window: Window, shift_s: float, value: str = "") -> Curve:
    first = window.start + shift_s + window.step_s / 2
    times = tuple(first + index * window.step_s for index in range(len(series.mean)))
    return Curve(label, role, times, tuple(math.nan if one is None else one for one in series.mean), value)


def _value_ticks(values: Scale, unit: Unit, height: int) -> tuple[tuple[float, str], ...]:
    parts = max(1, min(10, height // _ROWS_A_TICK))
    ticks = [values.low + (values.high - values.low) * index / parts for index in range(parts + 1)]
    return tuple((value, format_value(value, unit)) for value in ticks)


def drawn(figure: Figure, width: int, height: int) -> tuple[Line, ...]:
    """Exactly ``height`` lines of ``width`` cells. Slow: not for the event loop."""
    ellipsis = figure.glyphs.ellipsis
    if width < _MIN_WIDTH or height < _MIN_HEIGHT:
        return tuple(
            fit((("too small for the big chart" if row == 0 else "", Role.LABEL),), width, ellipsis)
            for row in range(height)
        )
    legend = _legend(figure, min(width // 3, _MOST_LEGEND), height - 1) if width >= _WITH_LEGEND else ()
    room = width - max(map(line_width, legend), default=0)
    plotted = [*_plotted(figure, room, height - 1), *[()] * height][: height - 1]
    beside = [*legend, *[()] * height]
    rows = [(*fit(row, room, ellipsis), *beside[place]) for place, row in enumerate(plotted)]
    return (_head(figure, width), *(fit(row, width, ellipsis) for row in rows))


def _head(figure: Figure, width: int) -> Line:
    room = width - len(_CLOSES) - 2
    if room < _MIN_WIDTH:
        return fit(((f" {figure.title}", Role.TITLE),), width, figure.glyphs.ellipsis)
    return ((left(f" {figure.title}", room, figure.glyphs.ellipsis), Role.TITLE), (f" {_CLOSES} ", Role.LABEL))


def _legend(figure: Figure, width: int, height: int) -> tuple[Line, ...]:
    """Name and value of each curve in its colour, as wide as it needs and ``width`` at most."""
    named = [curve for curve in figure.curves if curve.label]
    fits = named if len(named) <= height else named[: height - 1]
    full, ellipsis = figure.glyphs.full, figure.glyphs.ellipsis
    names = shortened(tuple(curve.label for curve in fits), max(1, width - 4 - _VALUE_WIDTH), ellipsis)
    widest = max(map(text_width, names), default=0)
    lines: list[Line] = [
        (
            (f" {full} ", curve.role),
            (left(name, widest, ellipsis), Role.LABEL),
            (right(curve.value, _VALUE_WIDTH, ellipsis) + " ", Role.VALUE),
        )
        for curve, name in zip(fits, names, strict=True)
    ]
    if len(fits) < len(named):
        lines.append(((f"   {ellipsis} {len(named) - len(fits)} more", Role.LABEL),))
    return tuple(lines)


def _plotted(figure: Figure, width: int, height: int) -> list[Line]:
    """Curves and axes."""
    import plotext

    ascii_only = not figure.glyphs.braille
    palette: list[Role] = [Role.LABEL]
    plotext.clf()
    plotext.limit_size(False, False)
    plotext.plotsize(width, height)
    plotext.theme("clear")
    plotext.xlim(figure.start, figure.end)
    plotext.ylim(figure.low, figure.high)
    plotext.xticks(*map(list, zip(*figure.time_ticks, strict=True))) if figure.time_ticks else plotext.xticks([])
    plotext.yticks(*map(list, zip(*figure.value_ticks, strict=True)))
    for curve in figure.curves:
        palette.append(curve.role)
        plotext.plot(
            list(curve.times), list(curve.values), color=len(palette) - 1, marker="*" if ascii_only else "braille"
        )
    for draw, at, low, high, role in (
        (plotext.hline, figure.limit, figure.low, figure.high, Role.THRESHOLD),
        (plotext.vline, figure.cursor, figure.start, figure.end, Role.ACCENT),
    ):
        if at is not None and low < at < high:
            palette.append(role)
            draw(at, color=len(palette) - 1)
    return [_line(row, palette, ascii_only=ascii_only) for row in plotext.build().split("\n")]


def _line(row: str, palette: Sequence[Role], *, ascii_only: bool) -> Line:
    """A row of plotext's with its colours as meanings."""
    spans: list[Span] = []
    role, at = palette[0], 0
    for code in _ANSI.finditer(row):
        spans.append((row[at : code.start()], role))
        colour = _COLOUR.search(code[1])
        number = int(colour[1]) if colour is not None else 0
        role, at = palette[number] if number < len(palette) else palette[0], code.end()
    spans.append((row[at:], role))
    return tuple((text.translate(_ASCII_FRAME) if ascii_only else text, role) for text, role in spans if text)
