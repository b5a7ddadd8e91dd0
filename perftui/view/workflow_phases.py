"""The panel of phases on the Workflow screen: bars on the time axis of the run, tasks among them, and their figures."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import PhaseRow, TaskRow, WorkState
from perftui.view.frame import framed
from perftui.view.marks import explained, within
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, Span, fit, left, right, text_width
from perftui.view.work_panels import stale
from perftui.view.workflow_gantt import Axis, axis_line, axis_of, bar_line, phase_bars, task_bar
from perftui.view.workflow_panel import (
    figures_line,
    phase_figures,
    phase_head,
    phase_lines,
    phase_share,
    tasks_line,
    workflow_summary,
)
from perftui.view.workflow_rows import Run, elapsed_s, shown, state_role, state_sign
from perftui.view.working import Working

_GANTT_FROM, _WIDE_FROM = 56, 90
_MOST_TASKS = 60


def phases_picture(scene: Scene, work: Working, run: Run, width: int, height: int) -> tuple[Line, ...]:
    """Phases with their bars, unfolded with tasks between, then the time axis and the figures of tasks."""
    inner, room = max(0, width - 4), max(0, height - 2)
    below = [tasks_line(scene, run, inner), figures_line(scene, run, inner)]
    bars = phase_bars(run)
    axis = axis_of(run, bars) if inner >= _GANTT_FROM else None
    marks = () if axis is None else within(scene.marks, axis.start, axis.end)
    spare = max(0, room - max(1, len(run.phases)))
    below = below[: max(0, spare - (axis is not None))]
    rows = room - len(below) - (axis is not None and spare > 0)
    if axis is None:
        lines = list(phase_lines(scene, run, inner, rows)) if run.phases else []
    else:
        lines = _gantt(scene, work, run, axis, inner, rows, timed=spare > 0)
    notes = (explained(marks, scene.glyphs.mark), _legend(scene) if work.expanded and axis is not None else "")
    place = f", run {_place(work, run)} of {work.runs.total}" if work.runs.total > 1 else ""
    return framed(
        indented([*lines, *below]), width=width, height=height, title=f"Workflow  {run.name}{place}",
        summary=stale(scene, run.at) or workflow_summary(scene, run, inner),
        footer="  ".join(filter(None, notes)), glyphs=scene.glyphs,
    )  # fmt: skip


def _place(work: Working, run: Run) -> int:
    """Counted from the oldest."""
    return 1 + sum((row.started_at or 0.0) < (run.row.started_at or 0.0) for row in work.runs.rows())


def _legend(scene: Scene) -> str:
    return f"{scene.glyphs.live} decided when it ended  {scene.glyphs.shades[1]} waited, or planned"


def _gantt(scene: Scene, work: Working, run: Run, axis: Axis, width: int, rows: int, *, timed: bool) -> list[Line]:
    """A line a phase, then those of tasks where they are unfolded, then the axis."""
    wide = width >= _WIDE_FROM
    listed = work.telling_tasks(min(_MOST_TASKS, rows - len(run.phases))) if work.expanded else ()
    names = [shown(phase.phase) for phase in run.phases] + [shown(task.task) for task, _ in listed]
    longest = min(max(map(text_width, names), default=0), max(8, width // 5))
    marks = within(scene.marks, axis.start, axis.end)
    heads = [_phase_head(scene, phase, run.at, longest, wide=wide) for phase in run.phases]
    heads += [_task_head(scene, task, decided, run.at, longest, wide=wide) for task, decided in listed]
    bars = [*phase_bars(run), *(task_bar(task, run.at) for task, _ in listed)]
    head_width = sum(text_width(text) for text, _ in heads[0]) if heads else 0
    room = max(0, width - head_width - 2)
    lines: list[Line] = []
    for number, (head, bar) in enumerate(zip(heads[:rows], bars, strict=False)):
        drawn = bar_line(bar, axis, room, scene.glyphs, marks, first=number == 0)
        lines.append(fit((*head, ("  ", Role.TEXT), *drawn), width, scene.glyphs.ellipsis))
    if timed and heads:
        lines.append(fit(((" " * (head_width + 2), Role.TEXT), *axis_line(axis, room)), width))
    return lines


def _phase_head(scene: Scene, phase: PhaseRow, at: float, names: int, *, wide: bool) -> Line:
    share = phase_share(phase)
    done: Span = (right(format_value(share, Unit.RATIO), 6), Role.LABEL if share is None else Role.VALUE)
    figures = phase_figures(phase) if wide else ()
    return (*phase_head(scene, phase, at, names), *figures, done)


def _task_head(scene: Scene, task: TaskRow, decided: bool, at: float, names: int, *, wide: bool) -> Line:
    """As wide as that of a phase."""
    glyphs = scene.glyphs
    sign = state_sign(task.state, glyphs) if task.state is not WorkState.OK else glyphs.live if decided else " "
    who = left(f"  {shown(task.agent)}", 22 if wide else 0, glyphs.ellipsis)
    return (
        (f"{sign} ", Role.ACCENT if task.state is WorkState.OK else state_role(task.state)),
        (left(shown(task.task), names, glyphs.ellipsis), Role.TEXT),
        (right(format_value(elapsed_s(task, at), Unit.SECONDS), 8), Role.LABEL),
        (f"  {who}{' ' * 6}", Role.LABEL),
    )
