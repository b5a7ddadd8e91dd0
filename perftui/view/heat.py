"""The body of a heat panel: a row a series, a cell for each part of the window, darker where the value is higher."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from perftui.config.schema import Panel
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.series import parse_series
from perftui.domain.units import format_value
from perftui.view.legend import Entry, state_glyph
from perftui.view.scale import Limits, Scale, scale
from perftui.view.scene import Scene
from perftui.view.table_panel import worst_first
from perftui.view.text import Line, fit, left, right, text_width

# looked up once: asking an Enum for a member takes longer than what it is for
_LABEL = Role.LABEL
_VALUE_WIDTH = 9
_LEAST_CELLS = 8
_SCALED_HEIGHT = 3
# what a gap, the bottom of the scale, all above it and what is beyond a threshold mean; then cells of one meaning
_WATCH, _BAD = 254, 255
_ROLES = (Role.TEXT, Role.LABEL, *[Role.BAR] * 252, Role.WATCH, Role.BAD)
_RUNS = re.compile(rb"\x00+|\x01+|[\x02-\xfd]+|\xfe+|\xff+")


def heat_body(
    scene: Scene, panel: Panel, window: Window, shown: Sequence[Entry], width: int, height: int
) -> tuple[Line, ...]:
    """At most ``height`` lines of ``width`` cells; the last one tells the scale and the time where there is room."""
    if height < 1:
        return ()
    drawn = [entry for entry in shown if entry.drawn]
    rows = _buckets_upward(worst_first(drawn, height - 1 if height >= _SCALED_HEIGHT else height))
    unit = drawn[0].unit if drawn else panel.unit
    limits = drawn[0].limits if drawn else Limits()
    values = scale([entry.series for entry in drawn], unit, limits, panel.max)
    key = f"{format_value(values.low, unit)} {scene.glyphs.shades} {format_value(values.high, unit)}"
    names = min(max((text_width(entry.name) for entry in rows), default=0), max(8, width // 4))
    names = max(names, min(text_width(key), width // 3))
    room = width - names - 1 - _VALUE_WIDTH - 2
    if room < _LEAST_CELLS:
        names, room = max(0, width - _VALUE_WIDTH - 3), 0
    lines = [_row(scene, window, entry, values, names, room) for entry in rows]
    if len(rows) < len(drawn) and len(lines) < height:
        lines.append(fit(((f"{scene.glyphs.ellipsis} {len(drawn) - len(rows)} more", _LABEL),), width))
    if height >= _SCALED_HEIGHT and room and len(lines) < height:
        axis = scene.placing.labels(scene.start, scene.end, room, scene.axis_clock)
        lines.append(fit(((f"{left(key, names, scene.glyphs.ellipsis)} {axis}", _LABEL),), width))
    return tuple(lines[:height])


def _buckets_upward(rows: list[Entry]) -> list[Entry]:
    """Rows of a histogram's buckets with the largest on top; others as they are."""
    bounds = [parse_series(entry.series.series).label("le") for entry in rows]
    try:
        order = sorted(range(len(rows)), key=lambda place: -float(bounds[place]))
    except ValueError:
        return rows
    return [rows[place] for place in order]


def _row(scene: Scene, window: Window, entry: Entry, values: Scale, names: int, room: int) -> Line:
    cells = scene.placing.columns(
        entry.series.mean, window.start, window.step_s, scene.start, scene.end, room, above=entry.limits.above
    )
    spans = shaded(cells, scene.glyphs.shades, values, entry.limits)
    value = right(entry.text, _VALUE_WIDTH, scene.glyphs.ellipsis)
    return (
        (left(entry.name, names, scene.glyphs.ellipsis) + " ", _LABEL),
        *spans,
        (f"{value} {state_glyph(scene, entry.state)}", entry.state),
    )


def shaded(cells: Sequence[float | None], shades: str, values: Scale, limits: Limits) -> Line:
    """Neighbours of one meaning in one span. A blank is a gap; the faintest shade is the bottom of the scale."""
    steps, low, high = len(shades), values.low, values.high
    factor = (steps - 1) / (high - low)
    # 0 is a gap and 1 the bottom; what rises above it is never as faint
    levels = bytes([
        0 if value is None
        else 1 if value <= low
        else steps + 1 if value >= high
        else int((value - low) * factor + 2.5)
        for value in cells
    ])  # fmt: skip
    text = codecs.charmap_decode(levels, "strict", f" {shades[:2]}{shades[1:]}")[0]
    meanings = levels if limits.watch is None and limits.bad is None else _beyond(cells, levels, limits)
    return tuple([(text[run.start() : run.end()], _ROLES[run[0][0]]) for run in _RUNS.finditer(meanings)])


def _beyond(cells: Sequence[float | None], levels: bytes, limits: Limits) -> bytes:
    """The levels, with those of values beyond a threshold replaced by the codes of their states."""
    sign, watch, bad = limits.turned()
    return bytes([
        level if value is None
        else _BAD if value * sign > bad
        else _WATCH if value * sign > watch
        else level
        for value, level in zip(cells, levels, strict=True)
    ])  # fmt: skip
