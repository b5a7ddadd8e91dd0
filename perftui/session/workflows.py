"""The workflows that a session watches: events of its sources in, tables and series out, once a tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perftui.config.schema import WorkflowSource
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.workflow import Event
from perftui.session.workflow_agents import AgentRows
from perftui.session.workflow_rows import RunRows
from perftui.session.workflow_series import MOST_AGENTS, Series
from perftui.store.workflow.model import Model

TABLES = ("workflows", "phases", "tasks", "agents", "pools")
TICK_S = 1.0


class Workflows:
    """One model for each source by its name. Tables hold the rows of all sources, series are each source's own."""

    def __init__(self, settings: Mapping[str, WorkflowSource]) -> None:
        self._watched = {name: _Watched(name, one) for name, one in settings.items()}
        self._joined: dict[str, tuple[list[tuple[Any, ...]], tuple[Any, ...]]] = {}

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self._watched)

    def take(self, source: str, events: Sequence[Event]) -> None:
        """Apply what happened."""
        self._watched[source].model.apply(events)

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """Times and names of what was noted in any source, oldest first."""
        return tuple(sorted({mark for watched in self._watched.values() for mark in watched.model.marks}))

    def batch(self, source: str, now: float) -> Batch:
        """Series of the source as of ``now``, and the tables of all sources, with fresh rows of this one."""
        watched = self._watched[source]
        values = watched.make(now)
        tables = {name: self._table(name) for name in TABLES}
        return Batch(source, now, 0.0, values, tables)

    def catalogue(self, source: str) -> tuple[SeriesInfo, ...]:
        """Series of the source that were seen; the same tuple while none is new."""
        return self._watched[source].series.catalogue

    def notes(self, source: str) -> tuple[str, ...]:
        """What a person should know of what is not shown."""
        return tuple(self._watched[source].notes())

    def _table(self, name: str) -> tuple[Any, ...]:
        """Of all sources; the same object while theirs are, so that nobody looks for what changed in it."""
        parts = [part for watched in self._watched.values() if (part := watched.tables[name])]
        if len(parts) == 1:
            return parts[0]
        before, joined = self._joined.get(name, ([], ()))
        if list(map(id, before)) != list(map(id, parts)):
            joined = tuple(row for part in parts for row in part)
            self._joined[name] = parts, joined
        return joined


class _Watched:
    """One source: its model, and what was made of it."""

    def __init__(self, name: str, settings: WorkflowSource) -> None:
        self.model = Model(max_tasks=settings.max_tasks, lost_after=settings.lost_after)
        self.series = Series(name, self.model, TICK_S)
        self.tables: dict[str, tuple[Any, ...]] = dict.fromkeys(TABLES, ())
        self._window_s = settings.window
        self._runs = RunRows(name, self.model)
        self._agents = AgentRows(name, self.model, settings.window)

    def make(self, now: float) -> dict[str, float]:
        """Fresh rows; the values of the series."""
        runs, agents = self._runs, self._agents
        self.model.settle(now)
        agents.make(now)
        runs.make(now, agents.there)
        pools = () if agents.pool is None else (agents.pool,)
        made = (runs.workflows, runs.phases, runs.tasks, agents.rows, pools)
        self.tables = dict(zip(TABLES, made, strict=True))
        return self.series.values(now, agents.pool, agents.rows, runs.workflows, runs.phases, self._window_s)

    def notes(self) -> list[str]:
        model = self.model
        there = sum(agent.left_at is None for agent in model.crew.agents.values())
        counts = (
            (model.work.forgotten, "tasks that were not over fell out of memory (max_tasks)"),
            (model.forgotten_runs, "runs of workflows fell out of memory"),
            (model.crew.forgotten, "agents that had not left fell out of memory"),
            (max(0, there - MOST_AGENTS), "agents have no series of their own"),
        )
        return [f"{count} {text}" for count, text in counts if count]
