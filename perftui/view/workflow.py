"""The Workflow screen: runs to choose from, phases on the time axis of the run, and its tasks."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.view.compose import compose
from perftui.view.connecting import no_workflow
from perftui.view.frame import framed
from perftui.view.layout import Region
from perftui.view.marks import WORKFLOWS
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.table_frame import table_picture
from perftui.view.text import Line, fit, left, text_width
from perftui.view.workflow_panel import phase_lines, tasks_line, workflow_summary
from perftui.view.workflow_phases import phases_picture
from perftui.view.workflow_rows import PHASES, TASKS, Run
from perftui.view.working import Working
from perftui.view.wrap import wrapped

TABLES = (WORKFLOWS, PHASES, TASKS)
_RUNS, _PHASES, _TASKS = "runs", "phases", "tasks"
_SIDE, _SIDE_FROM = 40, 120
_LEAST_TABLE, _LEAST_PHASES = 5, 6
_TINY_WIDTH, _TINY_HEIGHT = 30, 8
_ROWS_BESIDE_PHASES = 5


def workflow_regions(work: Working, width: int, height: int) -> dict[str, Region]:
    """Where each part stands; none where there is only room for a line a phase."""
    if work.run is None or height < _TINY_HEIGHT or width < _TINY_WIDTH:
        return {}
    side = _SIDE if work.runs.total > 1 and width >= _SIDE_FROM else 0
    listed = work.on_runs and not side
    top = len(work.run.phases) + _ROWS_BESIDE_PHASES
    top = max(top, height - _LEAST_TABLE - 2) if work.expanded else min(top, max(_LEAST_PHASES, height // 2))
    if height - top < _LEAST_TABLE:
        return {_RUNS if listed else _PHASES: Region(0, 0, width, height)}
    regions = {
        _PHASES: Region(side, 0, width - side, top),
        _RUNS if listed else _TASKS: Region(0, top, width, height - top),
    }
    return regions | ({_RUNS: Region(0, 0, side, top)} if side else {})


def workflow_picture(scene: Scene, work: Working, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    run = work.run
    if run is None:
        body = wrapped(no_workflow(scene), Role.LABEL, max(0, width - 4))
        return framed(indented(body), width=width, height=height, title="Workflow", glyphs=scene.glyphs)
    regions = workflow_regions(work, width, height)
    if not regions:
        return _lines(scene, run, width, height)
    pictures = {name: _part(scene, work, run, name, region.width, region.height) for name, region in regions.items()}
    return compose(regions, pictures, width, height)


def _lines(scene: Scene, run: Run, width: int, height: int) -> tuple[Line, ...]:
    """The run in one line, a line a phase, and the tasks where there is room for them."""
    summary = workflow_summary(scene, run, max(0, width - 8))
    room = width - sum(text_width(text) for text, _ in summary) - 1
    lines = [fit(((left(run.name, max(0, room), scene.glyphs.ellipsis) + " ", Role.TITLE), *summary), width)]
    lines += phase_lines(scene, run, width, max(0, height - 1))
    lines.append(tasks_line(scene, run, width))
    return tuple([*lines, *[fit((), width)] * height][:height])


def _part(scene: Scene, work: Working, run: Run, name: str, width: int, height: int) -> tuple[Line, ...]:
    if name == _PHASES:
        return phases_picture(scene, work, run, width, height)
    if name == _RUNS:
        return table_picture(
            scene, work.runs, width, height, title="Runs", noun="run", empty="no runs", at=run.at, focused=work.on_runs
        )
    waiting = "no tasks yet" if scene.mirror.tables.get(TASKS) is not None else "reading the tasks"
    return table_picture(
        scene, work.tasks, width, height, title=f"Tasks  {run.name}", noun="task", empty=waiting, at=run.at,
        focused=not work.on_runs and work.runs.total > 1,
    )  # fmt: skip
