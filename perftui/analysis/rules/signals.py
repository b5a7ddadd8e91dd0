"""What rules of recommendation look at: everything of a moment, gathered by the session; values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perftui.domain.workflow import AgentRow, PhaseRow, PoolRow, TaskRow, WorkflowRow

# times in epoch seconds with values, oldest first
Points = Sequence[tuple[float, float]]
# upper bounds ascending (the last is inf) with how many observations fell into each bucket, not cumulative
Buckets = Sequence[tuple[float, float]]


class Baseline(NamedTuple):
    """The healthy time that now is compared with; without one ``missing`` says what it waits for."""

    start: float = 0.0
    end: float = 0.0
    series: Mapping[str, Points] = {}
    missing: str = "needs a baseline"


class PoolSignals(NamedTuple):
    """One pool: its figures, its agents, and its tasks that wait, run, or ended within the window."""

    row: PoolRow
    agents: Sequence[AgentRow]
    tasks: Sequence[TaskRow]


class WorkflowSignals(NamedTuple):
    """One run of a workflow with all tasks that are remembered of it, and the number of slots that work on it."""

    row: WorkflowRow
    phases: Sequence[PhaseRow]
    tasks: Sequence[TaskRow]
    slots: int


class ServiceWindow(NamedTuple):
    """What a service did between two moments, by class of request (a handler, an endpoint)."""

    start: float
    end: float
    latency: Mapping[str, Buckets]
    requests: Mapping[str, float]
    errors: Mapping[str, float]


class ServiceSignals(NamedTuple):
    """A service that answers requests; ``windows`` cut the time since its condition could be seen, oldest first.

    ``baseline`` is one window of the healthy time, None without. ``by`` is the label that tells classes apart.
    """

    name: str
    by: str
    slo_s: float | None
    windows: Sequence[ServiceWindow]
    baseline: ServiceWindow | None


class LoadSignals(NamedTuple):
    """The load that runs, or the one that just did; seconds, shares, and None where nothing was measured yet.

    ``name`` tells it from others; ``service`` is its target as the load saw it, with the threshold on p95 as its
    objective. ``at_cap``: all of its ``connections`` were in use. ``cpu_share`` is of one core.
    """

    name: str
    service: ServiceSignals
    is_over: bool
    is_open: bool
    measured_s: float
    planned_s: float
    done: int
    dropped: int
    connections: int
    at_cap: bool
    cpu_share: float | None
    late_share: float | None
    lag_p99_s: float | None
    blocked_p99_s: float | None
    response_p99_s: float | None


class Signals(NamedTuple):
    """A moment: ``window_s`` seconds until ``now``.

    ``series`` holds the samples within the window by series id, of those that rules name in ``needs``. ``limits`` are
    the configured thresholds of rules by name (``cpu1_busy``).
    """

    now: float
    window_s: float
    limits: Mapping[str, float]
    series: Mapping[str, Points] = {}
    baseline: Baseline = Baseline()
    pools: Sequence[PoolSignals] = ()
    workflows: Sequence[WorkflowSignals] = ()
    services: Sequence[ServiceSignals] = ()
    load: LoadSignals | None = None

    @property
    def answering(self) -> Sequence[ServiceSignals]:
        """Everything with latencies: services, and the target of a load as the load saw it."""
        return self.services if self.load is None else (*self.services, self.load.service)
