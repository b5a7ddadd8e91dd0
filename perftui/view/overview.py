"""The Overview: the panels of a layout, arranged for the room there is, or one of them filling it."""

from __future__ import annotations

from perftui.config.schema import Config
from perftui.view.compose import compose
from perftui.view.layout import Region, arrange
from perftui.view.legend import selectors
from perftui.view.panels import panel_picture, watch_name
from perftui.view.scene import Scene
from perftui.view.text import Line
from perftui.view.watches import Wanted

LAYOUT = "overview"


def overview_regions(config: Config, width: int, height: int, expanded: str = "") -> dict[str, Region]:
    """Where each panel of the layout stands; only ``expanded`` when it names a panel."""
    if expanded in config.panels:
        return {expanded: Region(0, 0, width, height)}
    layout = config.layouts[LAYOUT]
    return arrange(layout.rows, layout.weights, layout.priority, width, height)


def overview_watches(config: Config, regions: dict[str, Region]) -> tuple[Wanted, ...]:
    """The windows that the arranged panels need: two buckets a cell, as braille has two dots across."""
    return tuple(
        Wanted(watch_name(name), selectors(config.panels[name]), max(2, 2 * region.width))
        for name, region in regions.items()
        if config.panels[name].series
    )


def overview_picture(
    scene: Scene, width: int, height: int, *, focused: str = "", expanded: str = ""
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    regions = overview_regions(scene.config, width, height, expanded)
    pictures = {
        name: panel_picture(
            scene, name, scene.config.panels[name], region.width, region.height, focused=name == focused
        )
        for name, region in regions.items()
    }
    return compose(regions, pictures, width, height)
