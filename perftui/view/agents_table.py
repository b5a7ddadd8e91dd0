"""The table of agents, with a heat strip of those in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from perftui.domain.roles import Role
from perftui.domain.units import NO_VALUE, Unit, format_duration, format_value
from perftui.domain.workflow import AgentRow, AgentState
from perftui.view.agents_rows import agent_role, in_trouble, natural
from perftui.view.agents_strip import Strips
from perftui.view.columns import Column
from perftui.view.table import TableModel
from perftui.view.workflow_rows import shown


@dataclass
class Heat:
    """The strips of the picture that is drawn now."""

    strips: Strips | None = None


@dataclass(frozen=True)
class _StripColumn(Column[AgentRow]):
    """Its text depends on the room: a strip has as many cells as there are."""

    heat: Heat = field(default_factory=Heat)

    def cell(self, row: AgentRow, width: int, ellipsis: str) -> str:
        return " " * width if self.heat.strips is None else self.heat.strips.cells(row, width)


def agent_table(at: Callable[[], float], slow_s: Callable[[], float | None], heat: Heat) -> TableModel[AgentRow]:
    """Agents by name; ``at`` is when the rows were measured, ``slow_s`` the p95 from which one is slow."""

    def slow(row: AgentRow) -> bool:
        limit = slow_s()
        return limit is not None and row.p95_s is not None and row.p95_s > limit

    def p95(row: AgentRow) -> str:
        return _span(row.p95_s) + (" ▲" if slow(row) else "  ")

    def look(row: AgentRow) -> Role:
        return Role.WATCH if slow(row) else Role.VALUE

    columns: tuple[Column[AgentRow], ...] = (
        Column("agent", "agent", 12, lambda row: shown(row.agent), lambda row: natural(row.agent), False, 0, False),
        Column("state", "state", 8, _state, _rank, False, 1, False, agent_role),
        Column("task", "works on", None, _works_on, lambda row: row.task or None, False, 2, False, _look, 1.6),
        Column("since", "since", 7, lambda row: _since(row, at()), _begin, True, 5, False, _label),
        Column("busy", "busy", 6, lambda row: _share(row.busy_ratio), lambda row: row.busy_ratio, priority=1),
        _StripColumn("heat", "busy over the window", None, lambda row: "", lambda row: row.busy_ratio, False, 3, True,
                     _heat_role, heat=heat),
        Column("done", "done", 6, lambda row: str(row.done), lambda row: row.done, priority=4),
        Column("failed", "failed", 6, lambda row: str(row.failed), lambda row: row.failed, priority=6, role=_failed),
        Column("ok", "ok", 6, lambda row: _share(row.success_ratio), lambda row: row.success_ratio, True, 7, False),
        Column("p50", "p50", 7, lambda row: _span(row.p50_s), lambda row: row.p50_s, priority=5, role=_label),
        Column("p95", "p95  ", 9, p95, lambda row: row.p95_s, role=look),
        Column("p99", "p99", 7, lambda row: _span(row.p99_s), lambda row: row.p99_s, priority=6, role=_label),
    )  # fmt: skip
    return TableModel(
        columns,
        search_text=lambda row: f"{row.agent} {row.kind} {_state(row)} {row.task} {row.task_kind} {row.reason}",
        sort="state",
    )


def _label(_: AgentRow) -> Role:
    return Role.LABEL


def _heat_role(_: AgentRow) -> Role:
    return Role.BAR


def _look(row: AgentRow) -> Role:
    return Role.BAD if in_trouble(row) else Role.VALUE if row.task else Role.LABEL


def _failed(row: AgentRow) -> Role:
    return Role.BAD if row.failed else Role.LABEL


def _state(row: AgentRow) -> str:
    return f"✗ {row.state.value}" if in_trouble(row) else row.state.value


def _rank(row: AgentRow) -> int:
    """Agents in trouble first, those that left last: busy and idle take turns too often to be an order."""
    return 0 if in_trouble(row) else 2 if row.state is AgentState.LEFT else 1


def _works_on(row: AgentRow) -> str:
    """Its task, or the reason why it has none; what state it is in stands beside it."""
    if row.task:
        return f"{shown(row.task_kind)} {shown(row.task)}".strip()
    return shown(row.reason) or NO_VALUE


def _begin(row: AgentRow) -> float | None:
    """Since when it is at its task, or silent."""
    return row.since if row.task else row.seen_at if in_trouble(row) else None


def _since(row: AgentRow, at: float) -> str:
    begin = _begin(row)
    return NO_VALUE if begin is None else format_duration(max(0.0, at - begin))


def _share(value: float | None) -> str:
    return format_value(value, Unit.RATIO)


def _span(value: float | None) -> str:
    return format_value(value, Unit.SECONDS)
