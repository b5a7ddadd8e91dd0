"""Advice of a session: gathers what rules look at, has them judged, and measures what became of what was advised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perftui.analysis.metrics import all_latency
from perftui.analysis.quantiles import bucket_percentile, count
from perftui.analysis.rules import engine
from perftui.analysis.rules.signals import LoadSignals, PoolSignals, ServiceSignals, Signals, WorkflowSignals
from perftui.config.schema import Config
from perftui.domain.alerts import Alert, AlertState
from perftui.domain.findings import Finding, Outcome, RuleStatus
from perftui.domain.series import Selector, parse_selector
from perftui.domain.services import ServiceRow
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, PoolRow, TaskRow, WorkflowRow, row_key
from perftui.session.baseline import HealthyTime
from perftui.session.service_windows import services, services_within
from perftui.session.verifier import Verifier
from perftui.store.memory import MemoryStore

# of each workflow so many runs are looked at: one that runs, one that is left out, and ten for an interval
_MOST_RUNS = 12
_SELDOM_S = 5.0
# of the time that a condition has to hold; what holds for 5 s can't be looked at every 5 s
_PART = 5

_RULES = frozenset(rule.id for rule in engine.RULES)
Tables = Mapping[str, Mapping[str, Any]]


class Advisor:
    """Keeps the engine's memory, the baseline, and outcomes from tick to tick."""

    def __init__(self, config: Config, memory: MemoryStore) -> None:
        self._memory_store = memory
        self._known: engine.Memory = {}
        self._healthy = HealthyTime()
        self._verifier = Verifier()
        self._looked_at: float | None = None
        self.services: tuple[ServiceRow, ...] = ()
        self.findings: tuple[Finding, ...] = ()
        self.statuses: tuple[RuleStatus, ...] = ()
        self.outcomes: tuple[Outcome, ...] = ()
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Another configuration is in force from the next look on."""
        self._config = config
        known = engine.limits()
        self._limits = {**known, **config.rules.limits}
        # what is configured for rules that nobody knows
        self.problems = (
            *(f"rules.limits.{name}: no rule has this limit" for name in config.rules.limits if name not in known),
            *(f"rules.off: no rule is called {name}" for name in config.rules.off if name not in _RULES),
        )
        self._needs: dict[tuple[str, ...], tuple[Selector, ...]] = {}

    def tick(
        self,
        now: float,
        alerts: Sequence[Alert],
        tables: Tables,
        marks: Sequence[tuple[float, str]],
        load: LoadSignals | None = None,
    ) -> bool:
        """Look when it is time to; whether it did. ``load`` is the one that runs, or has just ended."""
        rules = self._config.rules
        every = min(_SELDOM_S, rules.for_ / _PART)
        if self._looked_at is not None and 0 <= now - self._looked_at < every - 0.05:
            return False
        self._looked_at = now
        signals = self._signals(now, tables)._replace(load=load)
        before, judged = self.findings, engine.step(signals, self._known, rules.for_, rules.off)
        self._known, self.findings, self.statuses = judged.memory, judged.findings, judged.statuses
        self._healthy.tick(now, self._trouble(alerts))
        self.services = tuple(map(_service_row, signals.services))
        self.outcomes = self._verifier.tick(
            signals, before, marks, lambda start, end: self._within(signals, start, end)
        )
        return True

    def _trouble(self, alerts: Sequence[Alert]) -> list[float]:
        """When each of what is wrong now began."""
        begun = [alert.active_at for alert in alerts if alert.state is not AlertState.RESOLVED]
        return begun + [held.since for held in self._known.values()]

    def _signals(self, now: float, tables: Tables) -> Signals:
        memory, window_s = self._memory_store, self._config.rules.window
        needs = self._needed(tuple(tables.get("pools", ())))
        series = {
            name: tuple(memory.points(name, now - window_s, now + 1)) for need in needs for name in memory.select(need)
        }
        return Signals(
            now=now,
            window_s=window_s,
            limits=self._limits,
            series={name: points for name, points in series.items() if points},
            baseline=self._healthy.baseline(memory, needs),
            pools=_pools(tables, now - window_s),
            workflows=_workflows(tables),
            services=services(self._config, memory, now, self._healthy.span),
        )

    def _within(self, signals: Signals, start: float, end: float) -> Signals:
        return signals._replace(services=services_within(self._config, self._memory_store, start, end))

    def _needed(self, pools: tuple[str, ...]) -> tuple[Selector, ...]:
        """What rules read when there are these pools."""
        if pools not in self._needs:
            names = engine.needs(self._config.rules.off, pools=pools)
            self._needs = {pools: tuple(map(parse_selector, names))}
        return self._needs[pools]


def _rows(tables: Tables, name: str) -> list[Any]:
    return list(tables.get(name, {}).values())


def _pools(tables: Tables, start: float) -> tuple[PoolSignals, ...]:
    pools: list[PoolRow] = _rows(tables, "pools")
    agents: list[AgentRow] = _rows(tables, "agents")
    tasks: list[TaskRow] = [task for task in _rows(tables, "tasks") if _concerns(task, start)]
    return tuple(
        PoolSignals(
            pool,
            [agent for agent in agents if agent.source == pool.key],
            [task for task in tasks if task.key.startswith(f"{pool.key}/")],
        )
        for pool in pools
    )


def _concerns(task: TaskRow, start: float) -> bool:
    return not task.state.is_over or (task.finished_at is not None and task.finished_at >= start)


def _workflows(tables: Tables) -> tuple[WorkflowSignals, ...]:
    """The newest runs of every workflow, newest first."""
    runs: list[WorkflowRow] = sorted(_rows(tables, "workflows"), key=lambda run: -(run.started_at or 0.0))
    slots: dict[str, int] = {}
    agent: AgentRow
    for agent in _rows(tables, "agents"):
        if agent.state in (AgentState.IDLE, AgentState.BUSY):
            slots[agent.source] = slots.get(agent.source, 0) + agent.slots
    taken: dict[tuple[str, str], int] = {}
    chosen: dict[str, WorkflowRow] = {}
    for run in runs:
        known = taken.get((run.source, run.name), 0)
        if known < _MOST_RUNS:
            taken[(run.source, run.name)] = known + 1
            chosen[run.key] = run
    phases: dict[str, list[PhaseRow]] = {key: [] for key in chosen}
    for phase in _rows(tables, "phases"):
        phases.get(_run_key(phase), []).append(phase)
    tasks: dict[str, list[TaskRow]] = {key: [] for key in chosen}
    for task in _rows(tables, "tasks"):
        tasks.get(_run_key(task), []).append(task)
    return tuple(WorkflowSignals(run, phases[key], tasks[key], slots.get(run.source, 0)) for key, run in chosen.items())


def _run_key(row: PhaseRow | TaskRow) -> str:
    return row_key(row.key.partition("/")[0], row.workflow)


def _service_row(service: ServiceSignals) -> ServiceRow:
    """What the service did in all of its windows together."""
    latency = all_latency(service.windows)
    requests = sum(sum(window.requests.values()) for window in service.windows)
    errors = sum(sum(window.errors.values()) for window in service.windows)
    span = sum(window.end - window.start for window in service.windows)
    counted = any(window.requests for window in service.windows)
    return ServiceRow(
        key=service.name,
        n=round(count(latency) if latency else requests),
        window_s=round(span, 3),
        p50_s=bucket_percentile(latency, 0.5),
        p95_s=bucket_percentile(latency, 0.95),
        p99_s=bucket_percentile(latency, 0.99),
        requests_per_s=requests / span if counted and span else None,
        error_ratio=errors / requests if requests and any(window.errors for window in service.windows) else None,
        slo_p95_s=service.slo_s,
    )
