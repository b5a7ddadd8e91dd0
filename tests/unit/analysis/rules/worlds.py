"""Small simulated worlds for the rules: a pool with a queue, a service with classes; random numbers are handed in."""

from __future__ import annotations

import heapq
from random import Random

from perftui.analysis.quantiles import Buckets, percentile
from perftui.analysis.rules.signals import PoolSignals, ServiceSignals, ServiceWindow, Signals, WorkflowSignals
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, PoolRow, TaskRow, WorkflowRow, WorkState

KINDS = {"hash": 0.2, "compress": 0.3, "fetch": 0.4}
BOUNDS = [0.001 * 1.25**step for step in range(45)]
_PHASE_S = 5.0


def pool_tasks(
    random: Random, slots: int, arrivals_per_s: float, until: float, start: float = 0.0, paced: bool = True
) -> list[TaskRow]:
    """Tasks of phases on a pool, as seen at ``until``: paced or at random, one phase after another."""
    tasks: list[TaskRow] = []
    at, phase = start, 0
    while at < until:
        free = [at] * slots
        ends = []
        gaps = [1.0 if paced else random.expovariate(1.0) for _ in range(int(_PHASE_S * arrivals_per_s))]
        for number in range(len(gaps)):
            queued = at + _PHASE_S * sum(gaps[:number]) / sum(gaps)
            kind = random.choice(sorted(KINDS))
            took = KINDS[kind] * random.uniform(0.7, 1.3)
            begun = max(queued, heapq.heappop(free))
            heapq.heappush(free, begun + took)
            ends.append(begun + took)
            if queued < until:
                tasks.append(_seen(f"{phase}-{number}", f"phase-{phase}", kind, queued, begun, begun + took, until))
        at, phase = max(ends), phase + 1
    return tasks


def _seen(name: str, phase: str, kind: str, queued: float, begun: float, ended: float, until: float) -> TaskRow:
    state = WorkState.OK if ended <= until else WorkState.RUNNING if begun <= until else WorkState.WAITING
    return TaskRow(
        f"work/run/{name}", "run", phase, name, kind, state, queued_at=queued,
        started_at=begun if begun <= until else None, finished_at=ended if ended <= until else None,
        cpu_s=0.1 * (ended - begun) if ended <= until else None,
    )  # fmt: skip


def pool_signals(tasks: list[TaskRow], slots: int, start: float, end: float, **limits: float) -> Signals:
    """A moment of a pool, with the row that its tasks give."""
    agents = [AgentRow(f"work/a{n}", "work", f"a{n}", "", AgentState.BUSY) for n in range(slots)]
    mine = [task for task in tasks if task.finished_at is None or task.finished_at >= start]
    spans = [task.duration_s for task in mine if task.duration_s is not None]
    waits = sorted(task.wait_s for task in mine if task.wait_s is not None)
    worked = sum(
        min(end, task.finished_at or end) - max(start, task.started_at) for task in mine if task.started_at is not None
    )
    row = PoolRow(
        "work", slots, slots, 0, utilisation=worked / slots / (end - start),
        queue=sum(task.state is WorkState.WAITING for task in mine),
        wait_p95_s=percentile(waits, 0.95) if waits else None, mean_s=sum(spans) / len(spans) if spans else None,
        window_s=end - start,
    )  # fmt: skip
    return Signals(now=end, window_s=end - start, limits=limits, pools=(PoolSignals(row, agents, mine),))


def workflow_run(
    random: Random, number: int, slow: float = 1.0, start: float = 0.0, slots: int = 6, until: float = float("inf")
) -> WorkflowSignals:
    """A run of four phases that follow each other; the last task but two of each takes ``slow`` times its time."""
    tasks: list[TaskRow] = []
    phases: list[PhaseRow] = []
    at, run = start, f"demo-{number}"
    for phase in ("setup", "build", "test", "deploy"):
        free, ends = [at] * slots, []
        for place in range(40):
            kind = random.choice(sorted(KINDS))
            took = KINDS[kind] * random.uniform(0.7, 1.3) * (slow if place == 37 else 1.0)
            begun = max(at + place * 0.075, heapq.heappop(free))
            heapq.heappush(free, begun + took)
            ends.append(begun + took)
            if at + place * 0.075 <= until:
                seen = _seen(f"{phase}-{place}", phase, kind, at + place * 0.075, begun, begun + took, until)
                tasks.append(seen)
        over = max(ends) <= until
        state = WorkState.OK if over else WorkState.RUNNING
        phases.append(PhaseRow(f"w/{run}/{phase}", run, phase, state, at, max(ends) if over else None))
        at = max(ends)
        if not over:
            break
    row = WorkflowRow(
        f"w/{run}", "w", run, "demo", phases[-1].state, started_at=start, finished_at=at if at <= until else None
    )
    return WorkflowSignals(row, phases, tasks, slots)


def workflow_runs(random: Random, count: int, slow: float) -> list[WorkflowSignals]:
    runs: list[WorkflowSignals] = []
    for number in range(count):
        runs.append(workflow_run(random, number, slow, runs[-1].row.finished_at or 0.0 if runs else 0.0))
    return runs


def workflow_signals(runs: list[WorkflowSignals], now: float, **limits: float) -> Signals:
    return Signals(now=now, window_s=300.0, limits=limits, workflows=runs)


def histogram(values: list[float]) -> Buckets:
    bounds = [*BOUNDS, float("inf")]
    counts = dict.fromkeys(bounds, 0.0)
    for value in values:
        counts[next(bound for bound in bounds if value <= bound)] += 1
    return sorted(counts.items())


def service_windows(
    random: Random, slower_s: float, windows: int = 20, requests: int = 200, start: float = 0.0
) -> list[ServiceWindow]:
    """A service of three handlers; 4 % of the requests are /report, which takes ``slower_s`` more."""
    made = []
    for number in range(windows):
        by: dict[str, list[float]] = {"/list": [], "/item": [], "/report": []}
        for _ in range(requests):
            name = random.choices(["/list", "/item", "/report"], [0.5, 0.46, 0.04])[0]
            by[name].append(0.004 * random.lognormvariate(0, 0.4) + (slower_s if name == "/report" else 0.0))
        latency = {name: histogram(values) for name, values in by.items()}
        counts = {name: float(len(values)) for name, values in by.items()}
        made.append(ServiceWindow(start + number, start + number + 1, latency, counts, dict.fromkeys(counts, 0.0)))
    return made


def service_signals(windows: list[ServiceWindow], baseline: ServiceWindow | None = None, **limits: float) -> Signals:
    service = ServiceSignals("shop", "handler", None, windows, baseline)
    return Signals(now=windows[-1].end, window_s=float(len(windows)), limits=limits, services=(service,))
