"""The panels of a workflow and of its agents as they stand on the Overview."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.units import format_duration
from perftui.link.mirror import Mirror
from perftui.view import agents_rows, workflow_rows
from perftui.view.agents_panel import (
    agents_body,
    agents_summary,
    places,
    queue_in_frame,
    queue_line,
)
from perftui.view.agents_rows import crew
from perftui.view.agents_strip import Strips, strip_selectors
from perftui.view.connecting import no_agents, no_workflow
from perftui.view.content import Content
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line, plain, text_width
from perftui.view.workflow_panel import tasks_in_frame, tasks_line, workflow_body, workflow_summary
from perftui.view.workflow_rows import run_of
from perftui.view.wrap import wrapped

_OLD_S = 10.0
_NOT_CONNECTED: Line = (("not connected", Role.STALE),)


def workflow_content(scene: Scene, title: str, hint: str, width: int, height: int) -> Content:
    """The newest run, or what brings one."""
    run = run_of(scene.mirror)
    if run is None:
        told = () if workflow_rows.connected(scene.config) else _NOT_CONNECTED
        return Content(title, told, wrapped(no_workflow(scene, hint), Role.LABEL, width))
    footer = plain(tasks_line(scene, run, max(0, width - 2))).rstrip() if tasks_in_frame(run, height) else ""
    summary = stale(scene, run.at) or workflow_summary(scene, run, width - text_width(title) - 3)
    return Content(f"{title}  {run.name}", summary, workflow_body(scene, run, width, height), footer)


def agents_content(scene: Scene, title: str, hint: str, window: Window | None, width: int, height: int) -> Content:
    """All agents, or what brings some; ``window`` holds the series of their heat strips."""
    found = crew(scene.mirror)
    if not found.agents and not found.pools:
        told = () if agents_rows.connected(scene.config) else _NOT_CONNECTED
        return Content(title, told, wrapped(no_agents(scene, hint), Role.LABEL, width))
    footer = ""
    if queue_in_frame(found, width, height) and found.pools:
        footer = plain(queue_line(scene, found.pools[0], max(0, width - 2))).rstrip()
    summary = stale(scene, found.at) or agents_summary(scene, found, width - text_width(title) - 3)
    body = agents_body(scene, found, Strips(scene, window), width, height)
    return Content(title, summary, body, footer)


def stale(scene: Scene, at: float) -> Line:
    """A sign when the rows are of another time than the one that is shown."""
    age = scene.end - at
    if age >= _OLD_S:
        return ((f"{scene.glyphs.stale} stale {format_duration(age)}", Role.STALE),)
    if scene.mode is not Mode.LIVE and age <= -_OLD_S:
        return ((f"{scene.glyphs.stale} as of {scene.clock_text(at)}", Role.STALE),)
    return ()


def strips_of_panel(mirror: Mirror, width: int, height: int) -> tuple[str, ...]:
    """The selectors of the strips that a panel shows with that much room in its frame."""
    found = crew(mirror)
    return strip_selectors(found.agents[: places(found, width, height)[2]])
