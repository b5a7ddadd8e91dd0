"""Series of one workflow source: the figures of its rows, so that panels, alerts and the journal see them as any."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.domain.samples import SeriesInfo
from perftui.domain.series import series_id
from perftui.domain.units import Unit
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, PoolRow, WorkflowRow
from perftui.session.workflow_rows import known
from perftui.store.workflow.model import Model

# series of their own are kept for so many agents and workflows: each costs memory for as long as it is remembered
MOST_AGENTS = 100
MOST_WORKFLOWS = 50
_MOST_INFOS = 5000
FIGURES: dict[str, tuple[Unit, str]] = {
    "agents_total": (Unit.COUNT, "Agents that have not left."),
    "agents_active": (Unit.COUNT, "Agents that work."),
    "agents_idle": (Unit.COUNT, "Agents that wait for work."),
    "agents_lost": (Unit.COUNT, "Agents of which nothing is heard while they should work."),
    "agents_utilisation_ratio": (Unit.RATIO, "Share of the agents' time that was worked, in the window."),
    "agents_balance_ratio": (Unit.RATIO, "How evenly the agents worked: 1 all the same, 0 one did everything."),
    "queue_depth": (Unit.COUNT, "Tasks that wait for an agent."),
    "queue_wait_seconds": (Unit.SECONDS, "From queueing to start, of tasks begun in the window."),
    "task_response_seconds": (Unit.SECONDS, "From start to end, of tasks ended in the window."),
    "tasks_finished_per_second": (Unit.PER_SECOND, "Tasks that ended well, in the window."),
    "tasks_failed_ratio": (Unit.RATIO, "Share of the tasks ended in the window that failed."),
    "tasks_timeout_ratio": (Unit.RATIO, "Share of the tasks ended in the window that took too long."),
    "agent_busy_ratio": (Unit.RATIO, "Share of an agent's time that it worked, since the sample before."),
    "agent_response_seconds": (Unit.SECONDS, "From start to end, of an agent's tasks ended in the window."),
    "phase_progress_ratio": (Unit.RATIO, "Progress of the phases of a workflow's newest run."),
    "workflow_efficiency_ratio": (Unit.RATIO, "min(1, expected / elapsed) x share of agent time that was worked."),
}


class Series:
    """``catalogue`` is the same tuple while no series is new."""

    def __init__(self, source: str, model: Model, interval_s: float) -> None:
        self._source, self._model, self._interval_s = source, model, interval_s
        self._ids: dict[tuple[str, ...], str] = {}
        self._infos: dict[str, SeriesInfo] = {}
        self._busy: dict[str, tuple[float, float]] = {}
        self.catalogue: tuple[SeriesInfo, ...] = ()

    def values(
        self,
        now: float,
        pool: PoolRow | None,
        agents: Iterable[AgentRow],
        workflows: Iterable[WorkflowRow],
        phases: Iterable[PhaseRow],
        window_s: float,
    ) -> dict[str, float]:
        """By series id; a figure that is not known is absent."""
        found: dict[str, float | None] = {}
        if pool is not None:
            found.update(self._of_pool(pool))
        found.update(self._of_agents(now, agents))
        found.update(self._of_runs(now, workflows, phases, window_s))
        known = {series: value for series, value in found.items() if value is not None}
        self._describe(known)
        return known

    def _of_pool(self, pool: PoolRow) -> dict[str, float | None]:
        named = {
            "agents_total": pool.total,
            "agents_active": pool.active,
            "agents_idle": pool.idle,
            "agents_lost": pool.lost,
            "agents_utilisation_ratio": pool.utilisation,
            "agents_balance_ratio": pool.balance,
            "queue_depth": pool.queue,
            "tasks_finished_per_second": pool.done_per_s,
            "tasks_failed_ratio": pool.failed_ratio,
            "tasks_timeout_ratio": pool.timeout_ratio,
        }
        found: dict[str, float | None] = {self._id(name): value for name, value in named.items()}
        for quantile, wait, took in (
            ("0.5", pool.wait_p50_s, pool.p50_s),
            ("0.95", pool.wait_p95_s, pool.p95_s),
            ("0.99", None, pool.p99_s),
        ):
            found[self._id("queue_wait_seconds", "quantile", quantile)] = wait
            found[self._id("task_response_seconds", "quantile", quantile)] = took
        return found

    def _of_agents(self, now: float, agents: Iterable[AgentRow]) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        before, self._busy = self._busy, {}
        for row in agents:
            if row.state is AgentState.LEFT or len(self._busy) >= MOST_AGENTS:
                continue
            worked = self._worked(now, row.agent)
            self._busy[row.agent] = (now, worked)
            at, had = before.get(row.agent, (now, worked))
            if now > at:
                ratio = (worked - had) / ((now - at) * row.slots)
                found[self._id("agent_busy_ratio", "agent", row.agent)] = min(1.0, max(0.0, ratio))
            found[self._id("agent_response_seconds", "agent", row.agent, "quantile", "0.95")] = row.p95_s
        return found

    def _worked(self, now: float, name: str) -> float:
        """Seconds that the agent has ever worked."""
        agent = self._model.crew.agents[name]
        running = (known(task.attempts[-1].started_at, now) for task in (() if agent.lost else agent.working))
        return agent.busy_s + sum(max(0.0, now - begun) for begun in running)

    def _of_runs(
        self, now: float, workflows: Iterable[WorkflowRow], phases: Iterable[PhaseRow], window_s: float
    ) -> dict[str, float | None]:
        """Of the newest run of each workflow that goes on, or ended within the window."""
        newest: dict[str, WorkflowRow] = {}
        for row in workflows:
            other = newest.get(row.name)
            current = row.finished_at is None or now - row.finished_at <= window_s
            if current and (other is None or (row.started_at or 0.0) >= (other.started_at or 0.0)):
                newest[row.name] = row
        shown = {row.workflow: name for name, row in list(newest.items())[:MOST_WORKFLOWS]}
        found: dict[str, float | None] = {
            self._id("workflow_efficiency_ratio", "workflow", name): newest[name].efficiency for name in shown.values()
        }
        for phase in phases:
            if phase.workflow in shown:
                labels = ("workflow", shown[phase.workflow], "phase", phase.phase)
                found[self._id("phase_progress_ratio", *labels)] = phase.progress
        return found

    def _id(self, name: str, *labels: str) -> str:
        """The id of a series with pairs of label names and values."""
        key = (name, *labels)
        found = self._ids.get(key)
        if found is None:
            if len(self._ids) >= _MOST_INFOS:
                self._ids.clear()
            pairs = dict(zip(labels[::2], labels[1::2], strict=True))
            found = self._ids[key] = series_id(self._source, name, pairs)
        return found

    def _describe(self, values: dict[str, float]) -> None:
        if all(series in self._infos for series in values):
            return
        names = {series: key[0] for key, series in self._ids.items()}
        for series in values:
            if series not in self._infos:
                unit, text = FIGURES[names[series]]
                self._infos[series] = SeriesInfo(series, unit, self._interval_s, text)
        gone = [series for series in self._infos if series not in values]
        for series in gone[: max(0, len(self._infos) - _MOST_INFOS)]:
            del self._infos[series]
        self.catalogue = tuple(self._infos.values())
