"""Rows of the made-up system: a run with its phases and tasks, agents, processes, alerts and what to fix."""

from __future__ import annotations

from typing import Any

from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.findings import Effort, Evidence, Finding, Gain, Impact, Outcome, RuleState, RuleStatus
from perftui.domain.processes import ProcessRow
from perftui.domain.units import Unit
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, PoolRow, TaskRow, WorkflowRow, WorkState
from tests.tui.snapshots.curves import FAULT_S, NOW

_KINDS = ("compress", "fetch", "hash")
_BUSY = ("python -m shop.worker --queue orders", "postgres: shop checkout idle", "node server.js", "sshd: ann@pts/0")
LONG = "reindex-全文検索-the-whole-catalogue-of-the-shop-with-every-picture"


def run(state: WorkState = WorkState.RUNNING, name: str = "demo-2", began_s: float = 134, **more: Any) -> WorkflowRow:
    """One run; the newer one of two where nothing else is said."""
    given: dict[str, Any] = {
        "started_at": NOW - began_s, "expected_s": 220.0, "done": 118, "running": 4, "queued": 31, "failed": 2,
        "retried": 1, "efficiency": 0.71, "fastest_s": 0.205, "median_s": 0.311, "mean_s": 0.342, "slowest_s": 4.12,
        "slowest_task": "build-044", "marks": ((NOW - FAULT_S, "fault pool:4 injected"),),
    }  # fmt: skip
    return WorkflowRow(f"demo/{name}", "demo", name, "demo", state, **{**given, **more})


def phase(name: str, state: WorkState = WorkState.WAITING, run: str = "demo-2", **more: Any) -> PhaseRow:
    return PhaseRow(f"demo/{run}/{name}", run, name, state, **more)


def phases(build: WorkState = WorkState.RUNNING) -> tuple[PhaseRow, ...]:
    counts: dict[str, Any] = {"done": 94, "running": 4, "queued": 31, "failed": 2}
    if build is not WorkState.RUNNING:
        counts = {"done": 94, "failed": 17, "finished_at": NOW - 4}
    return (
        phase("setup", WorkState.OK, started_at=NOW - 134, finished_at=NOW - 126, expected_s=10.0, progress=1.0,
              efficiency=0.98, done=24, busy_ratio=0.9),
        phase("build", build, started_at=NOW - 125, expected_s=130.0, progress=0.62, efficiency=0.71,
              busy_ratio=1.0, after=("setup",), **counts),
        phase("test", expected_s=50.0, after=("build",)),
        phase("deploy", after=("test",)),
    )  # fmt: skip


def tasks(
    count: int = 60, failed: tuple[int, ...] = (7, 19), last: WorkState = WorkState.RUNNING
) -> tuple[TaskRow, ...]:
    """In the order in which they were queued; the last four run, or are lost."""
    found = []
    for n in range(count):
        began = NOW - 125 + n * 2.0
        took = 0.2 + n * 37 % 11 / 8
        running = n >= count - 4
        state = last if running else WorkState.FAILED if n in failed else WorkState.OK
        ended = None if state is WorkState.RUNNING else began + took
        task = LONG if n == 11 else f"build-{n:03d}"
        found.append(
            TaskRow(f"demo/demo-2/{task}", "demo-2", "build", task, _KINDS[n % 3], state, f"agent_{n % 4 + 1}",
                    1 + (n == 19), began - n * 0.2, began, ended, took / 9,
                    took if n in failed else 0.0)
        )  # fmt: skip
    return tuple(found)


def agents(count: int = 4) -> tuple[AgentRow, ...]:
    def one(n: int) -> AgentRow:
        slow = 3.4 if n == 3 else 1.0
        return AgentRow(
            f"demo/agent_{n}", "demo", f"agent_{n}", "builder", AgentState.BUSY, 1, 1, f"build-{55 + n:03d}",
            _KINDS[n % 3], NOW - 0.4 * n, 1.0, 30 + n, n % 2, 0, 0.99, 0.34 * slow, 0.31 * slow, 1.2 * slow,
            1.6 * slow, NOW - 0.5,
        )  # fmt: skip

    return tuple(one(n) for n in range(1, count + 1))


def lost_agents() -> tuple[AgentRow, ...]:
    """Two that work, one that was killed, one of which nothing is heard."""
    gone = AgentRow("demo/agent_3", "demo", "agent_3", "builder", AgentState.LOST, done=18, failed=6,
                    success_ratio=0.75, seen_at=NOW - 34, reason="killed by SIGKILL")  # fmt: skip
    left = AgentRow("demo/agent_4", "demo", "agent_4", "builder", AgentState.LEFT, done=20, success_ratio=1.0,
                    seen_at=NOW - FAULT_S, reason="fault pool:4")  # fmt: skip
    return (*agents(2), gone, left)


def pool(total: int = 4, **more: Any) -> PoolRow:
    given: dict[str, Any] = {
        "active": total, "idle": 0, "utilisation": 1.0, "queue": 31, "wait_p50_s": 4.1, "wait_p95_s": 9.4,
        "balance": 0.96, "done_per_s": 3.1, "timeout_ratio": 0.003, "failed_ratio": 0.011, "mean_s": 0.52,
        "p50_s": 0.31, "p95_s": 1.35, "p99_s": 4.1,
    }  # fmt: skip
    return PoolRow("demo", total, **{**given, **more})


def processes(count: int = 30) -> tuple[ProcessRow, ...]:
    def one(n: int) -> ProcessRow:
        pid = 400 + n * 7
        busy = max(0.0, 0.93 - n * 0.11)
        own = n % 5 != 4
        return ProcessRow(
            f"{pid}/1", pid, 1 if n < 4 else 400, _BUSY[n % 4].split()[0], "shop" if own else "postgres", "SR"[n < 2],
            busy, 48e6 + 31e6 * (n % 7), 1 + n % 5, 12 + n if own else None, 3e5 * busy if own else None,
            1.1e6 * busy if own else None, NOW - 4000, _BUSY[n % 4],
        )  # fmt: skip

    return tuple(one(n) for n in range(count))


def alert(
    name: str, value: float | None, threshold: float | None, unit: Unit, since_s: float,
    severity: Severity = Severity.CRITICAL, state: AlertState = AlertState.FIRING, **more: Any,
) -> Alert:  # fmt: skip
    given: dict[str, Any] = {"above": True, "for_s": 5.0, "source": "client", "series": "client/p95_seconds"}
    return Alert(
        name, name, name, severity, state, NOW - since_s, NOW - since_s - 5, value=value, threshold=threshold,
        unit=unit, **{**given, **more},
    )  # fmt: skip


def alerts() -> tuple[Alert, ...]:
    return (
        alert("SLO p95", 0.238, 0.2, Unit.SECONDS, 11, labels=(("handler", "/checkout"),),
              summary="Customers wait longer than the target allows."),
        alert("Tasks wait in the queue", 9.4, 3.0, Unit.SECONDS, 9, summary="Some tasks wait longer than they take."),
        alert("Agent pool saturated", 1.0, 0.85, Unit.RATIO, 14, Severity.WARNING,
              summary="Tasks wait for an agent; every run takes longer."),
        alert("Requests fail", 0.012, 0.01, Unit.RATIO, 3, Severity.WARNING, AlertState.PENDING),
    )  # fmt: skip


def findings() -> tuple[Finding, ...]:
    return (
        Finding(
            "pool", "POOL1", "add 2 agents to the pool demo", Effort.LOW, 2.0,
            Impact("total time", Unit.SECONDS, -20.0, -30.0, -41.0, "Erlang C scaled to the measured wait"), 0.8, 6.0,
            (Evidence("demo/queue_wait_seconds", "queue wait p95 9.4 s, utilisation 100 %", 9.4, Unit.SECONDS, 60, 6),),
            ("Start two more agents.", "Look at queue and waits on screen 3."), "demo", Gain(0.15, 0.22, 0.29),
            since=NOW - 14, assumptions=("tasks arrive as they did in the last minute",),
        ),
        Finding(
            "slow", "CREW1", "agent_3: its tasks take 3.4 times as long as those of its peers", Effort.MEDIUM, 8.0,
            Impact("total time", Unit.SECONDS, -3.0, -8.0, -12.0, "its tasks at the median of the others"), 0.7, 1.1,
            (Evidence("demo/agent_3", "41 of 60 slow tasks ran on agent_3", 41, Unit.COUNT, 60, 60.0),),
            target="demo", gain=Gain(0.02, 0.06, 0.09), since=NOW - 9,
        ),
    )  # fmt: skip


def outcomes() -> tuple[Outcome, ...]:
    """What became of something that was changed in the run before."""
    return (
        Outcome(findings()[0], NOW - 300, "deploy 1.4.2", 214.0, 160.0, 0.25, "total time of 3 runs before, 2 after"),
    )


def rules() -> tuple[RuleStatus, ...]:
    return (RuleStatus("LAT1", "shop", RuleState.WAITING, "true for 3 s of 5 s"),)
