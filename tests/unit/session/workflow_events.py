"""Events of workflows as they are told, and what a session makes of them: what several tests need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perftui.config.schema import WorkflowSource
from perftui.domain.workflow import AgentRow, Event, EventType, PhaseRow, PoolRow, TaskRow, WorkflowRow
from perftui.session.workflows import Workflows


def event(at: float, what: str, **fields: Any) -> Event:
    """An event of the workflow wf, unless another is told."""
    if not what.startswith(("agent", "mark")):
        fields.setdefault("workflow", "wf")
    if what.endswith(".finished"):
        fields.setdefault("status", "ok")
    return Event(at, EventType(what), **fields)


def task(name: str, queued: float, started: float, finished: float, status: str = "ok", **fields: Any) -> list[Event]:
    """All events of one task in phase p, on agent a unless another is told."""
    about = {"task": name, "phase": fields.pop("phase", "p"), "workflow": fields.pop("workflow", "wf")}
    agent = fields.pop("agent", "a")
    return [
        event(queued, "task.queued", **about, **fields),
        event(started, "task.started", agent=agent, **about),
        event(finished, "task.finished", status=status, **about),
    ]


class Watched:
    """One source called s, and its rows as of a moment."""

    def __init__(self, events: Iterable[Event] = (), **settings: Any) -> None:
        self.workflows = Workflows({"s": WorkflowSource("", **settings)})
        self.values: dict[str, float] = {}
        self.tables: dict[str, tuple[Any, ...]] = {}
        self.take(events)

    def take(self, events: Iterable[Event]) -> None:
        self.workflows.take("s", tuple(events))

    def at(self, now: float) -> Watched:
        batch = self.workflows.batch("s", now)
        self.values, self.tables = batch.values, batch.tables
        return self

    def task(self, name: str) -> TaskRow:
        return next(row for row in self.tables["tasks"] if row.task == name)

    def phase(self, name: str = "p", workflow: str = "wf") -> PhaseRow:
        return next(row for row in self.tables["phases"] if (row.phase, row.workflow) == (name, workflow))

    def run(self, workflow: str = "wf") -> WorkflowRow:
        return next(row for row in self.tables["workflows"] if row.workflow == workflow)

    def agent(self, name: str = "a") -> AgentRow:
        return next(row for row in self.tables["agents"] if row.agent == name)

    @property
    def pool(self) -> PoolRow:
        (row,) = self.tables["pools"]
        return row  # type: ignore[no-any-return]
