"""A panel's series as strips of shades, one cell a moment: which of many was busy, and when."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.config.schema import Panel
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.units import Unit, format_value
from perftui.view.legend import Entry
from perftui.view.scene import Scene
from perftui.view.sparkline import figure, name_width, row, spare
from perftui.view.text import Line, Span, fit
from perftui.view.time_axis import columns

_MIN_STRIP = 4


def heat(
    scene: Scene, panel: Panel, window: Window, shown: Sequence[Entry], width: int, height: int
) -> tuple[Line, ...]:
    """One line a series, then what the shades stand for; at most ``height`` lines of ``width`` cells."""
    if not shown or height < 1:
        return ()
    room = height - 1 if height > 2 else height
    fits = shown if len(shown) <= room else shown[: max(1, room - 1)]
    top = _top(panel, shown)
    lines = [_strip(scene, window, entry, top, width) for entry in fits]
    if len(fits) < len(shown):
        lines.append(fit(((f"{scene.glyphs.ellipsis} {len(shown) - len(fits)} more", Role.LABEL),), width))
    if height > 2:
        lines.append(_scale(scene, shown[0].unit, top, width))
    return tuple(lines[:height])


def _top(panel: Panel, shown: Sequence[Entry]) -> float:
    """The value of the darkest shade: the panel's maximum, the whole of a share, else the highest that is shown."""
    if panel.max is not None and panel.max > 0:
        return panel.max
    if shown[0].unit is Unit.RATIO:
        return 1.0
    return max((value for entry in shown for value in entry.series.high if value is not None), default=1.0) or 1.0


def _strip(scene: Scene, window: Window, entry: Entry, top: float, width: int) -> Line:
    named = name_width(width)
    room = spare(width, named)
    middle: Line = ()
    if room >= _MIN_STRIP:
        cells = columns(
            entry.series.mean, window.start, window.step_s, scene.start, scene.end, room, above=entry.limits.above
        )
        middle = _merged([_cell(scene, entry, value, top) for value in cells])
    shown = figure(entry.value, entry.unit, entry.limits, scene.glyphs)
    return row(entry.name, middle, room, shown, width, named, scene.glyphs)


def _cell(scene: Scene, entry: Entry, value: float | None, top: float) -> Span:
    """A blank where nothing was measured: the lightest shade is a value."""
    if value is None:
        return " ", Role.TEXT
    shades = scene.glyphs.shades
    level = min(len(shades) - 1, max(0, int(value / top * len(shades))))
    return shades[level], entry.limits.role(value, Role.BAR)


def _merged(cells: Sequence[Span]) -> Line:
    """Neighbours of one role in one span."""
    spans: list[Span] = []
    for text, role in cells:
        if spans and spans[-1][1] is role:
            spans[-1] = (spans[-1][0] + text, role)
        else:
            spans.append((text, role))
    return tuple(spans)


def _scale(scene: Scene, unit: Unit, top: float, width: int) -> Line:
    shades = scene.glyphs.shades
    text = f"{shades[0]} from {format_value(0.0, unit)} to {format_value(top, unit)} {shades[-1]}"
    return fit(((text, Role.LABEL),), width, scene.glyphs.ellipsis)
