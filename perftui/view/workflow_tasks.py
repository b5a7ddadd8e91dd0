"""The table of a run's tasks, and that of the runs to choose from."""

from __future__ import annotations

from collections.abc import Callable

from perftui.domain.roles import Role
from perftui.domain.units import NO_VALUE, Unit, format_duration, format_value
from perftui.domain.workflow import TaskRow, WorkflowRow, WorkState
from perftui.view.columns import Column
from perftui.view.table import TableModel
from perftui.view.workflow_rows import elapsed_s, shown, state_role

Clock = Callable[[], float]
# what is wrong first, then what goes on
_STATES = (
    WorkState.LOST,
    WorkState.FAILED,
    WorkState.TIMEOUT,
    WorkState.BLOCKED,
    WorkState.RUNNING,
    WorkState.WAITING,
)


def task_table(at: Clock) -> TableModel[TaskRow]:
    """The tasks of one run, the longest first; ``at`` is when the rows were measured, epoch seconds."""

    def time(row: TaskRow) -> float | None:
        """As ``elapsed_s``, without a call for each of thousands of tasks that are over."""
        if row.started_at is None:
            return None
        return (at() if row.finished_at is None else row.finished_at) - row.started_at

    columns: tuple[Column[TaskRow], ...] = (
        Column("task", "task", None, lambda row: shown(row.task), lambda row: row.task, False, 0, False),
        Column("phase", "phase", 14, lambda row: shown(row.phase), lambda row: row.phase, False, 3, False, _label),
        Column("kind", "kind", 10, lambda row: shown(row.kind), lambda row: row.kind, False, 4, False, _label),
        Column("state", "state", 9, lambda row: row.state.value, _state_order, False, 0, False, _look),
        Column("agent", "agent", 12, _agent, lambda row: row.agent or None, False, 2, False, _label),
        Column("try", "try", 4, _attempt, lambda row: row.attempt, priority=5, role=_again),
        Column("wait", "wait", 8, lambda row: _span(row.wait_s), lambda row: row.wait_s, priority=1, role=_label),
        Column("time", "time", 8, lambda row: _span(elapsed_s(row, at())), time),
        Column("cpu", "cpu", 8, lambda row: _span(row.cpu_s), lambda row: row.cpu_s, priority=6, role=_label),
        Column("wasted", "wasted", 8, _wasted, lambda row: row.wasted_s, priority=7, role=_label),
    )
    return TableModel(
        columns,
        search_text=lambda row: f"{row.task} {row.phase} {row.kind} {row.state.value} {row.agent}",
        sort="time",
    )


def run_table(at: Clock) -> TableModel[WorkflowRow]:
    """The runs, the newest first."""
    columns: tuple[Column[WorkflowRow], ...] = (
        Column("run", "run", None, lambda row: shown(row.workflow), lambda row: row.workflow, False, 0, False),
        Column(
            "state", "state", 9, lambda row: row.state.value, lambda row: row.state.value, False, 0, False, _run_look
        ),
        Column("time", "time", 8, lambda row: format_duration(elapsed_s(row, at())), lambda row: elapsed_s(row, at())),
        Column("failed", "failed", 6, lambda row: str(row.failed), lambda row: row.failed, priority=2, role=_failed),
        Column("tasks", "tasks", 6, lambda row: str(row.done), lambda row: row.done, priority=3, role=_run_label),
        Column("began", "ago", 8, lambda row: _ago(row, at()), lambda row: row.started_at, priority=1, role=_run_label),
    )
    return TableModel(columns, search_text=lambda row: f"{row.workflow} {row.name} {row.state.value}", sort="began")


def _label(_: TaskRow) -> Role:
    return Role.LABEL


def _run_label(_: WorkflowRow) -> Role:
    return Role.LABEL


def _look(row: TaskRow) -> Role:
    return state_role(row.state)


def _run_look(row: WorkflowRow) -> Role:
    return state_role(row.state)


def _again(row: TaskRow) -> Role:
    return Role.WATCH if row.attempt > 1 else Role.LABEL


def _failed(row: WorkflowRow) -> Role:
    return Role.BAD if row.failed else Role.LABEL


def _state_order(row: TaskRow) -> int:
    return _STATES.index(row.state) if row.state in _STATES else len(_STATES)


def _agent(row: TaskRow) -> str:
    return shown(row.agent) or NO_VALUE


def _attempt(row: TaskRow) -> str:
    return str(row.attempt)


def _wasted(row: TaskRow) -> str:
    return _span(row.wasted_s or None)


def _span(seconds: float | None) -> str:
    return format_value(seconds, Unit.SECONDS)


def _ago(row: WorkflowRow, at: float) -> str:
    return format_duration(None if row.started_at is None else max(0.0, at - row.started_at))
