"""The Overview: the panels of a layout, arranged for the room there is, or one of them filling it."""

from __future__ import annotations

from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, Panel, PanelKind
from perftui.link.mirror import Mirror
from perftui.view import agents_rows, workflow_rows
from perftui.view.agents_strip import all_selectors
from perftui.view.compose import compose
from perftui.view.layout import MIN_HEIGHT, Region, arrange
from perftui.view.load_stand_in import with_load
from perftui.view.marks import WORKFLOWS
from perftui.view.panels import panel_length, panel_picture, panel_summary, watch_name
from perftui.view.scene import Scene
from perftui.view.text import Line, fit
from perftui.view.watches import Wanted
from perftui.view.work_panels import strips_of_panel

LAYOUT = "overview"
# below this a panel shows less than one line of each panel does
_TINY_HEIGHT = 10
# three lines beside the tasks or the queue, and the frame; four such panels fill 80x24
_WORK, _WORK_HEIGHT = (PanelKind.WORKFLOW, PanelKind.AGENTS), 6


def overview_regions(config: Config, width: int, height: int, expanded: str = "") -> dict[str, Region]:
    """Where each panel of the layout stands; only ``expanded`` when it names a panel."""
    if expanded in config.panels:
        return {expanded: Region(0, 0, width, height)}
    layout = config.layouts[LAYOUT]
    if height < _TINY_HEIGHT:
        return {name: Region(0, row, width, 1) for row, name in enumerate(_ranked(config)[:height])}
    # a line for each sparkline and the frame; a list or a chart says something from 5 lines on
    needed = {name: least_height(panel) for name, panel in config.panels.items()}
    return arrange(layout.rows, layout.weights, layout.priority, width, height, needed)


def least_height(panel: Panel) -> int:
    """The lines below which a panel is rather left out."""
    if panel.kind is PanelKind.SPARKLINES:
        return max(MIN_HEIGHT, min(8, len(panel.series) + len(panel.promql) + 2))
    return _WORK_HEIGHT if panel.kind in _WORK else MIN_HEIGHT


def overview_watches(config: Config, regions: dict[str, Region], mirror: Mirror | None = None) -> tuple[Wanted, ...]:
    """The windows that the arranged panels need: two buckets a cell, as braille has two dots across.

    Agents are watched as far as they are in sight in ``mirror``; without it all of them are.
    """
    wanted = []
    for name, region in regions.items():
        panel = config.panels[name]
        if panel.kind is PanelKind.AGENTS:
            selectors = all_selectors(agents_rows.sources(config))
            if mirror is not None:
                selectors = strips_of_panel(mirror, region.width - 4, region.height - 2)
            cells = max(2, region.width)
        else:
            selectors, cells = panel_selectors(config, with_load(name, panel)), max(2, 2 * region.width)
        if selectors:
            wanted.append(Wanted(watch_name(name), selectors, cells))
    return tuple(wanted)


def overview_tables(config: Config, regions: dict[str, Region]) -> tuple[str, ...]:
    """The tables that the arranged panels need; runs of workflows hold the marks of all charts."""
    kinds = {config.panels[name].kind for name in regions}
    tables = [WORKFLOWS] if workflow_rows.connected(config) else []
    if PanelKind.WORKFLOW in kinds and tables:
        tables.append(workflow_rows.PHASES)
    if PanelKind.AGENTS in kinds and agents_rows.connected(config):
        tables += [agents_rows.AGENTS, agents_rows.POOLS]
    return tuple(tables)


def overview_picture(
    scene: Scene, width: int, height: int, *, focused: str = "", expanded: str = "", top: int = 0
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells; an expanded panel is shown from its line ``top`` on."""
    if height < _TINY_HEIGHT and expanded not in scene.config.panels:
        return _summaries(scene, width, height)
    regions = scene.keep(
        ("regions",),
        (scene.config, width, height, expanded),
        lambda: overview_regions(scene.config, width, height, expanded),
    )
    pictures = {
        name: panel_picture(
            scene,
            name,
            scene.config.panels[name],
            region.width,
            region.height,
            focused=name == focused,
            expanded=name == expanded,
            top=top if name == expanded else 0,
        )
        for name, region in regions.items()
    }
    return compose(regions, pictures, width, height)


def overview_length(scene: Scene, name: str, width: int) -> int:
    """The lines that an expanded panel would like to have, its frame among them."""
    return panel_length(scene, name, scene.config.panels[name], width)


def _ranked(config: Config) -> list[str]:
    """The panels that show something, the most important first."""
    layout = config.layouts[LAYOUT]
    names = [*layout.priority, *(name for row in layout.rows for name in row if name not in layout.priority)]
    return [name for name in names if _says_something(config, config.panels[name])]


def _says_something(config: Config, panel: Panel) -> bool:
    if panel.kind is PanelKind.WORKFLOW:
        return workflow_rows.connected(config)
    if panel.kind is PanelKind.AGENTS:
        return agents_rows.connected(config)
    return panel.kind in (PanelKind.ALERTS, PanelKind.FIXES) or bool(panel_selectors(config, panel))


def _summaries(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """One line a panel: its title and its summary figure."""
    lines = [panel_summary(scene, name, scene.config.panels[name], width) for name in _ranked(scene.config)[:height]]
    return (*lines, *[fit((), width)] * (height - len(lines)))
