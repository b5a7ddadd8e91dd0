"""The Overview: the panels of a layout, arranged for the room there is, or one of them filling it."""

from __future__ import annotations

from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, PanelKind
from perftui.view.compose import compose
from perftui.view.layout import MIN_HEIGHT, Region, arrange
from perftui.view.panels import panel_picture, panel_summary, watch_name
from perftui.view.scene import Scene
from perftui.view.text import Line, fit
from perftui.view.watches import Wanted

LAYOUT = "overview"
# below this a panel shows less than one line of each panel does
_TINY_HEIGHT = 10


def overview_regions(config: Config, width: int, height: int, expanded: str = "") -> dict[str, Region]:
    """Where each panel of the layout stands; only ``expanded`` when it names a panel."""
    if expanded in config.panels:
        return {expanded: Region(0, 0, width, height)}
    layout = config.layouts[LAYOUT]
    if height < _TINY_HEIGHT:
        return {name: Region(0, row, width, 1) for row, name in enumerate(_ranked(config)[:height])}
    # a line for each sparkline and the frame; a list or a chart says something from 5 lines on
    needed = {
        name: max(MIN_HEIGHT, min(8, len(panel.series) + len(panel.promql) + 2))
        for name, panel in config.panels.items()
        if panel.kind is PanelKind.SPARKLINES
    }
    return arrange(layout.rows, layout.weights, layout.priority, width, height, needed)


def overview_watches(config: Config, regions: dict[str, Region]) -> tuple[Wanted, ...]:
    """The windows that the arranged panels need: two buckets a cell, as braille has two dots across."""
    return tuple(
        Wanted(watch_name(name), panel_selectors(config, config.panels[name]), max(2, 2 * region.width))
        for name, region in regions.items()
        if panel_selectors(config, config.panels[name])
    )


def overview_picture(
    scene: Scene, width: int, height: int, *, focused: str = "", expanded: str = ""
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    if height < _TINY_HEIGHT and expanded not in scene.config.panels:
        return _summaries(scene, width, height)
    regions = overview_regions(scene.config, width, height, expanded)
    pictures = {
        name: panel_picture(
            scene, name, scene.config.panels[name], region.width, region.height, focused=name == focused
        )
        for name, region in regions.items()
    }
    return compose(regions, pictures, width, height)


def _ranked(config: Config) -> list[str]:
    """The panels that show something, the most important first."""
    layout = config.layouts[LAYOUT]
    names = [*layout.priority, *(name for row in layout.rows for name in row if name not in layout.priority)]
    listed = (PanelKind.ALERTS, PanelKind.FIXES)
    return [
        name for name in names if config.panels[name].kind in listed or panel_selectors(config, config.panels[name])
    ]


def _summaries(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """One line a panel: its title and its summary figure."""
    lines = [panel_summary(scene, name, scene.config.panels[name], width) for name in _ranked(scene.config)[:height]]
    return (*lines, *[fit((), width)] * (height - len(lines)))
