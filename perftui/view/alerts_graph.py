"""The inline graph of an alert: what its expression compares, with the limit as a dotted line."""

from __future__ import annotations

from perftui.domain.alerts import Severity
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.series import parse_series
from perftui.domain.triage import AlertRow
from perftui.domain.units import Unit, format_value
from perftui.view.alerts_rows import limit_text, said
from perftui.view.alerts_story import Told, window_of
from perftui.view.chart import chart
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line, fit
from perftui.view.time_axis import cell_of
from perftui.view.wrap import wrapped

_LEAST_HEIGHT = 3


def graph_lines(scene: Scene, row: AlertRow, told: Told, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells; in words why there is nothing to draw."""
    if height < 1 or width < 1:
        return ()
    window = window_of(scene, row) if told.key == row.key and told.drawn.selector else None
    if window is None:
        lines = wrapped(_why(scene, row, told), Role.LABEL, width)
    else:
        lines = _drawn(scene, row, window, width, height)
    return (*lines[:height], *[fit((), width)] * (height - len(lines)))


def _drawn(scene: Scene, row: AlertRow, window: Window, width: int, height: int) -> tuple[Line, ...]:
    unit = _unit(scene, row, window)
    critical = row.severity is Severity.CRITICAL
    head = height > _LEAST_HEIGHT
    picture = chart(
        window, start=scene.start, end=scene.end, width=width, height=height - head, unit=unit, glyphs=scene.glyphs,
        watch=None if critical else row.threshold, bad=row.threshold if critical else None, above=row.above,
        cursor=scene.cursor, marks=_marks(scene, row, width),
        clock_text=None if scene.mode is Mode.LIVE else scene.clock_text,
    )  # fmt: skip
    return (_legend(scene, row, window, unit, width), *picture) if head else picture


def _unit(scene: Scene, row: AlertRow, window: Window) -> Unit:
    if row.unit is not Unit.NONE:
        return row.unit
    info = scene.mirror.catalogue.get(window.series[0].series)
    return Unit.NONE if info is None else info.unit


def _marks(scene: Scene, row: AlertRow, width: int) -> tuple[tuple[float, str], ...]:
    """When the condition became true, and when it fired, where both can be told apart."""
    marks = [(row.active_at, "p")] if row.fired_at != row.active_at else []
    if row.fired_at is not None:
        marks.append((row.fired_at, "f"))
    seen: dict[int, tuple[float, str]] = {}
    for at, letter in marks:
        cell = cell_of(at, scene.start, scene.end, width)
        if cell is not None:
            seen[cell] = (at, letter)
    return tuple(seen.values())


def _legend(scene: Scene, row: AlertRow, window: Window, unit: Unit, width: int) -> Line:
    """The newest value, its limit, what the letters mean; how many series where there are more than one."""
    newest = window.series[0]
    text = format_value(scene.value_at(newest, window), unit)
    if len(window.series) > 1:
        text = f"{len(window.series)} series"
    limit = f"  {scene.glyphs.threshold * 2} {limit_text(row)}" if row.threshold is not None else "  limit unknown"
    letters = f"  {scene.glyphs.mark}p pending {scene.glyphs.mark}f fired" if _marks(scene, row, width) else ""
    name = parse_series(newest.series).name if row.series else ""
    line: Line = ((f"{name} ".lstrip(), Role.LABEL), (text, Role.VALUE), (limit, Role.THRESHOLD), (letters, Role.LABEL))
    return fit(tuple(span for span in line if span[0]), width, scene.glyphs.ellipsis)


def _why(scene: Scene, row: AlertRow, told: Told) -> str:
    if told.key != row.key:
        return "looking for its series"
    if told.drawn.why:
        return f"No graph: {said(told.drawn.why, 400)}"
    return "collecting the first samples" if scene.window("alert") is None else "No graph: nothing in this window."
