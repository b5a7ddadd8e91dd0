"""Bodies of panels that draw series: line charts with a legend, rows of sparklines, gauges and single figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, repeat

from perftui.config.schema import Panel, PanelKind
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.units import Unit
from perftui.view.chart import chart
from perftui.view.gauge import gauge
from perftui.view.heat import heat_body
from perftui.view.legend import Entry, shortened, state_glyph
from perftui.view.marks import drawn as drawn_marks
from perftui.view.marks import within
from perftui.view.scale import Limits
from perftui.view.scene import Scene
from perftui.view.sparkline import name_width, sparkline_row
from perftui.view.table_panel import table_body
from perftui.view.text import Line, fit, left, right, text_width

# looked up once: asking an Enum for a member takes longer than making the span that it is for
_TEXT, _LABEL, _RATIO = Role.TEXT, Role.LABEL, Unit.RATIO
_GAUGE, _STAT, _TABLE = PanelKind.GAUGE, PanelKind.STAT, PanelKind.TABLE
_HEAT, _SPARKLINES = PanelKind.HEAT, PanelKind.SPARKLINES
_BLANK: Line = ((" ", _TEXT),)
_MIN_CHART_WIDTH = 24
# from here on each line of every body is as wide as it should be; below it some need more room than there is
SURE_WIDTH = 40
_VALUE_WIDTH = 10
# more lines than that in one chart are a carpet, and each takes a third of a millisecond to draw
_MOST_LINES = 16


def series_body(
    scene: Scene, panel: Panel, window: Window, shown: tuple[Entry, ...], width: int, height: int
) -> tuple[Line, ...]:
    """The body of a panel in at most ``height`` lines of ``width`` cells; ``shown`` are the window's entries."""
    kind = panel.kind
    if kind is _GAUGE:
        return _gauges(scene, panel, shown, width, height)
    if kind is _STAT:
        return _stats(scene, shown, width, height)
    if kind is _TABLE:
        return table_body(scene, shown, width, height)
    if kind is _HEAT:
        return heat_body(scene, panel, window, shown, width, height)
    if kind is _SPARKLINES or height < 3 or width < _MIN_CHART_WIDTH + 16:
        return _sparklines(scene, panel, window, shown, width, height)
    return _lines(scene, panel, window, shown, width, height)


def _lines(
    scene: Scene, panel: Panel, window: Window, shown: tuple[Entry, ...], width: int, height: int
) -> tuple[Line, ...]:
    """One chart of the drawn series that share the first one's unit, with every series' figure at its right."""
    drawn = [entry for entry in shown if entry.drawn]
    same_unit = [entry for entry in drawn if entry.unit is drawn[0].unit][:_MOST_LINES]
    marks = drawn_marks(within(scene.marks, scene.start, scene.end)) if scene.marks else ()
    return line_chart(scene, window, same_unit, shown, width, height, unit=panel.unit, top=panel.max, marks=marks)


def line_chart(
    scene: Scene,
    window: Window,
    drawn: Sequence[Entry],
    named: Sequence[Entry],
    width: int,
    height: int,
    *,
    unit: Unit = Unit.NONE,
    top: float | None = None,
    marks: Sequence[tuple[float, str]] = (),
    behind: Window | None = None,
    most_names: int = 24,
) -> tuple[Line, ...]:
    """A chart of the entries in ``drawn``, which share a unit, with a legend of those in ``named`` at its right."""
    names = max([text_width(entry.name) for entry in named], default=0)
    legend_width = min(max(names, 6) + _VALUE_WIDTH + 4, max(most_names, width // 3))
    limits = drawn[0].limits if drawn else Limits()
    picture = scene.draw_chart(
        Window(window.start, window.step_s, window.cells, tuple(entry.series for entry in drawn)),
        start=scene.start,
        end=scene.end,
        width=width - legend_width - 1,
        height=height,
        unit=drawn[0].unit if drawn else unit,
        glyphs=scene.glyphs,
        watch=limits.watch,
        bad=limits.bad,
        above=limits.above,
        top=top,
        roles=tuple(entry.role for entry in drawn) or (Role.SERIES1,),
        cursor=scene.cursor,
        marks=marks,
        clock_text=scene.axis_clock,
        behind=behind,
        placing=scene.placing,
    )
    legend = _legend(scene, named, legend_width, height)
    blank: Line = ((" " * legend_width, _TEXT),)
    return tuple([line + _BLANK + beside for line, beside in zip(picture, chain(legend, repeat(blank)), strict=False)])


def _legend(scene: Scene, shown: Sequence[Entry], width: int, height: int) -> list[Line]:
    """Name and value of each series in its colour; when there are too many, how many are not named."""
    fits = shown if len(shown) <= height else shown[: height - 1]
    coloured = sum([entry.drawn for entry in shown]) > 1
    room = max(0, width - _VALUE_WIDTH - 4)
    names = _padded(tuple([entry.name for entry in fits]), room, scene.glyphs.ellipsis)
    lines = [
        _legend_row(scene, entry, name, coloured=coloured and entry.drawn)
        for entry, name in zip(fits, names, strict=True)
    ]
    if len(fits) < len(shown):
        lines.append(fit(((f"  {scene.glyphs.ellipsis} {len(shown) - len(fits)} more", _LABEL),), width))
    return lines


@lru_cache(maxsize=256)
def _padded(names: tuple[str, ...], width: int, ellipsis: str) -> tuple[str, ...]:
    """Names in exactly ``width`` cells."""
    return tuple(left(name, width, ellipsis) for name in shortened(names, width, ellipsis))


def _legend_row(scene: Scene, entry: Entry, name: str, *, coloured: bool) -> Line:
    bullet = scene.bullets.get(entry.role, scene.glyphs.full) if coloured else " "
    state = entry.state
    return (
        (f"{bullet} ", entry.role),
        (name, _LABEL),
        (right(entry.text, _VALUE_WIDTH), state),
        (f" {state_glyph(scene, state)}", state),
    )


def _sparklines(
    scene: Scene, panel: Panel, window: Window, shown: tuple[Entry, ...], width: int, height: int
) -> tuple[Line, ...]:
    if not shown or height < 1:
        return ()
    fits = shown if len(shown) <= height else shown[: max(1, height - 1)]
    rows_each = max(1, min(4, height // len(fits)))
    lines: list[Line] = []
    named = name_width(width)
    names = shortened(tuple([entry.name for entry in fits]), named, scene.glyphs.ellipsis)
    for entry, name in zip(fits, names, strict=True):
        if rows_each == 1:
            lines.append(_spark_line(scene, panel, window, entry, name, width))
        else:
            lines.extend(_tall_spark(scene, panel, window, entry, name, width, rows_each))
    if len(fits) < len(shown) and len(lines) < height:
        lines.append(fit(((f"{scene.glyphs.ellipsis} {len(shown) - len(fits)} more", _LABEL),), width))
    return tuple(lines)


def _spark_line(scene: Scene, panel: Panel, window: Window, entry: Entry, name: str, width: int) -> Line:
    return sparkline_row(
        name,
        entry.series,
        window,
        start=scene.start,
        end=scene.end,
        width=width,
        unit=entry.unit,
        glyphs=scene.glyphs,
        watch=entry.limits.watch,
        bad=entry.limits.bad,
        above=entry.limits.above,
        top=_top(panel, entry),
        value=entry.value,
        placing=scene.placing,
    )


def _tall_spark(
    scene: Scene, panel: Panel, window: Window, entry: Entry, name: str, width: int, rows: int
) -> list[Line]:
    """A chart without axes between the series' name and its value, ``rows`` lines high with a blank line below."""
    named = name_width(width)
    drawn = rows if rows == 1 else rows - 1
    picture = chart(
        Window(window.start, window.step_s, window.cells, (entry.series,)),
        start=scene.start,
        end=scene.end,
        width=width - named - _VALUE_WIDTH - 4,
        height=drawn,
        unit=entry.unit,
        glyphs=scene.glyphs,
        watch=entry.limits.watch,
        bad=entry.limits.bad,
        above=entry.limits.above,
        top=_top(panel, entry),
        cursor=scene.cursor,
        axis=False,
        placing=scene.placing,
    )
    lines: list[Line] = []
    for row, line in enumerate(picture):
        last = row == drawn - 1
        shown = left(name if last else "", named, scene.glyphs.ellipsis)
        value = right(entry.text if last else "", _VALUE_WIDTH)
        glyph = state_glyph(scene, entry.state) if last else " "
        lines.append(((shown, _LABEL), (" ", _TEXT), *line, (f" {value} {glyph}", entry.state)))
    lines.extend([((" " * width, _TEXT),)] * (rows - drawn))
    return lines


def _top(panel: Panel, entry: Entry) -> float | None:
    """Shares are drawn against the whole, so that rows of them compare; others against their own highest value."""
    return panel.max if panel.max is not None else (1.0 if entry.unit is _RATIO else None)


def _gauges(scene: Scene, panel: Panel, shown: tuple[Entry, ...], width: int, height: int) -> tuple[Line, ...]:
    return tuple(
        gauge(
            entry.name,
            entry.value,
            width=width,
            unit=entry.unit,
            glyphs=scene.glyphs,
            watch=entry.limits.watch,
            bad=entry.limits.bad,
            top=panel.max,
            above=entry.limits.above,
        )
        for entry in shown[:height]
    )


def _stats(scene: Scene, shown: tuple[Entry, ...], width: int, height: int) -> tuple[Line, ...]:
    value_width = max(_VALUE_WIDTH, max([text_width(entry.text) for entry in shown], default=0))
    room, ellipsis = width - value_width - 2, scene.glyphs.ellipsis
    lines = [
        (
            (left(entry.name, room, ellipsis), _LABEL),
            (right(entry.text, value_width), entry.state),
            (f" {state_glyph(scene, entry.state)}", entry.state),
        )
        for entry in shown[:height]
    ]
    return tuple(lines if room >= 0 else [fit(line, width, ellipsis) for line in lines])
