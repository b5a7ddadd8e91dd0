"""A whole screen as lines of text: what the console shows, for who has no terminal."""

from __future__ import annotations

from collections.abc import Callable

from perftui.config.schema import Config, Screen
from perftui.view import agents, agents_rows, load_runs, workflow
from perftui.view.agents import Roster, agents_picture, all_watches
from perftui.view.alerts import alerts_picture
from perftui.view.alerts_story import Drawn, Told
from perftui.view.alerts_triage import Triage
from perftui.view.exploring import at_rest
from perftui.view.host import TABLE, host_picture, host_watches, process_table
from perftui.view.load import load_picture
from perftui.view.load_book import LoadBook
from perftui.view.metrics import metrics_picture
from perftui.view.overview import overview_picture, overview_regions, overview_tables, overview_watches
from perftui.view.scene import Scene
from perftui.view.sources import sources_picture
from perftui.view.status import status_line
from perftui.view.text import Line
from perftui.view.watches import Wanted
from perftui.view.workflow import workflow_picture
from perftui.view.working import Working


def page(screen: Screen, scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells: the status line, then the screen's picture."""
    pictures: dict[Screen, Callable[[], tuple[Line, ...]]] = {
        Screen.OVERVIEW: lambda: overview_picture(scene, width, height - 1),
        Screen.WORKFLOW: lambda: _workflow(scene, width, height - 1),
        Screen.AGENTS: lambda: _agents(scene, width, height - 1),
        Screen.METRICS: lambda: metrics_picture(scene, at_rest(scene.mirror), width, height - 1),
        Screen.ALERTS: lambda: _alerts(scene, width, height - 1),
        Screen.LOAD: lambda: _load(scene, width, height - 1),
        Screen.HOST: lambda: _host(scene, width, height - 1),
        Screen.SOURCES: lambda: sources_picture(scene, width, height - 1),
    }
    return (status_line(scene, width), *pictures[screen]())


def _workflow(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    work = Working()
    work.update(scene.mirror)
    return workflow_picture(scene, work, width, height)


def _agents(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    roster = Roster()
    roster.update(scene.mirror)
    return agents_picture(scene, roster, width, height)


def _alerts(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    triage = Triage()
    while triage.update(scene.mirror):
        pass
    if triage.row is not None:
        triage.told = Told(triage.row.key, None, Drawn(why="a console asks for it"))
    return alerts_picture(scene, triage, width, height)


def _load(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    book = LoadBook(scene.clock_text)
    book.update(scene.mirror)
    return load_picture(scene, book, width, height)


def _host(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    table = process_table()
    mirrored = scene.mirror.tables.get(TABLE)
    if mirrored is not None:
        table.update(mirrored.rows)
    return host_picture(scene, table, width, height)


def page_watches(screen: Screen, config: Config, width: int, height: int) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    """The windows and the tables that a page is drawn from."""
    if screen is Screen.HOST:
        return host_watches(config, width, height - 1, None), (TABLE,)
    if screen is Screen.LOAD:
        return (), (load_runs.TABLE,)
    if screen is Screen.ALERTS:
        return (), Triage().tables()
    if screen is Screen.WORKFLOW:
        return (), workflow.TABLES
    if screen is Screen.AGENTS:
        return all_watches(agents_rows.sources(config), width), agents.TABLES
    if screen is Screen.OVERVIEW:
        regions = overview_regions(config, width, height - 1)
        return overview_watches(config, regions), overview_tables(config, regions)
    return (), ()
