"""The Metrics screen: metrics to choose from with their labels, and the chart of what was chosen."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.view.compose import compose
from perftui.view.exploring import WATCH, WATCH_BEFORE, Exploring
from perftui.view.layout import Region
from perftui.view.legend import Entry
from perftui.view.metrics_chart import chart_picture, plot_entries
from perftui.view.metrics_exemplars import exemplars_picture
from perftui.view.metrics_list import details_picture, list_picture
from perftui.view.scene import Scene
from perftui.view.sparkline import sparkline_row
from perftui.view.text import Line, fit, left
from perftui.view.watches import Wanted

_LIST, _DETAILS, _CHART, _EXEMPLARS = "list", "details", "chart", "exemplars"
_TWO_COLUMNS = 100
_TINY_HEIGHT, _TINY_WIDTH = 7, 30


def metrics_regions(exploring: Exploring, width: int, height: int) -> dict[str, Region]:
    """Where each part stands; none where there is only room for a line each."""
    if height < _TINY_HEIGHT or width < _TINY_WIDTH:
        return {}
    if width >= _TWO_COLUMNS and height >= 14:
        return _columns(exploring, width, height)
    if not exploring.plots:
        below = 8 if height >= 18 else 5 if height >= 14 else 0
        regions = {_LIST: Region(0, 0, width, height - below)}
        return regions | ({_DETAILS: Region(0, height - below, width, below)} if below else {})
    listed = 7 if height >= 20 else 5 if height >= 16 else 1
    regions = {_CHART: Region(0, 0, width, height - listed), _LIST: Region(0, height - listed, width, listed)}
    return _with_exemplars(exploring, regions)


def _columns(exploring: Exploring, width: int, height: int) -> dict[str, Region]:
    side = min(64, width * 2 // 5)
    below = min(14, max(6, height // 3))
    return _with_exemplars(
        exploring,
        {
            _LIST: Region(0, 0, side, height - below),
            _DETAILS: Region(0, height - below, side, below),
            _CHART: Region(side, 0, width - side, height),
        },
    )


def _with_exemplars(exploring: Exploring, regions: dict[str, Region]) -> dict[str, Region]:
    """They take the lower part of the chart while they are wanted."""
    chart = regions[_CHART]
    tall = min(14, chart.height // 3)
    if exploring.exemplars is None or tall < 4:
        return regions
    return regions | {
        _CHART: chart._replace(height=chart.height - tall),
        _EXEMPLARS: Region(chart.x, chart.y + chart.height - tall, chart.width, tall),
    }


def metrics_watches(exploring: Exploring, width: int, height: int, span_s: float) -> tuple[Wanted, ...]:
    """The window of everything on the chart, and the one before it when they are compared."""
    if not exploring.plots:
        return ()
    selectors = tuple(dict.fromkeys(plot.selector for plot in exploring.plots))
    chart = metrics_regions(exploring, width, height).get(_CHART, Region(0, 0, width, height))
    cells = max(2, 2 * chart.width)
    now = Wanted(WATCH, selectors, cells)
    return (now, Wanted(WATCH_BEFORE, selectors, cells, span_s)) if exploring.compared else (now,)


def metrics_picture(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    regions = metrics_regions(exploring, width, height)
    if not regions:
        return _lines(scene, exploring, width, height)
    drawn = {
        _LIST: list_picture,
        _DETAILS: details_picture,
        _CHART: chart_picture,
        _EXEMPLARS: exemplars_picture,
    }
    pictures = {name: drawn[name](scene, exploring, region.width, region.height) for name, region in regions.items()}
    return compose(regions, pictures, width, height)


def _lines(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    """A line a series, and the selected metric in the last one."""
    window = scene.window(WATCH)
    lines: list[Line] = []
    if exploring.error or exploring.asking:
        text, role = (exploring.error, Role.BAD) if exploring.error else (exploring.asking, Role.LABEL)
        lines.append(fit(((left(text, width, scene.glyphs.ellipsis), role),), width))
    if window is not None and exploring.plots:
        shown = plot_entries(scene, exploring, window)
        lines += [_sparkline(scene, window, entry, width) for entry in shown[: max(0, height - 1)]]
    lines = lines[: max(0, height - 1)]
    rest = list_picture(scene, exploring, width, height - len(lines))
    return (*lines, *rest)


def _sparkline(scene: Scene, window: Window, entry: Entry, width: int) -> Line:
    return sparkline_row(
        entry.name,
        entry.series,
        window,
        start=scene.start,
        end=scene.end,
        width=width,
        unit=entry.unit,
        glyphs=scene.glyphs,
        value=entry.value,
        watch=entry.limits.watch,
        bad=entry.limits.bad,
        above=entry.limits.above,
        placing=scene.placing,
    )
