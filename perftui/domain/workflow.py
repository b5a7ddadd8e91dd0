"""Workflows, their phases and tasks, and the agents that work on them: events as they are told, rows as they are shown.

Times are epoch seconds, spans are seconds; what nobody told is None or empty, never 0.
"""

from __future__ import annotations

from enum import Enum

import msgspec


class EventType(str, Enum):
    """What an event can tell; the format is in docs/guide/workflow.md."""

    WORKFLOW_STARTED = "workflow.started"
    WORKFLOW_FINISHED = "workflow.finished"
    PHASE_STARTED = "phase.started"
    PHASE_FINISHED = "phase.finished"
    TASK_QUEUED = "task.queued"
    TASK_STARTED = "task.started"
    TASK_FINISHED = "task.finished"
    TASK_BLOCKED = "task.blocked"
    TASK_UNBLOCKED = "task.unblocked"
    AGENT_STARTING = "agent.starting"
    AGENT_JOINED = "agent.joined"
    AGENT_LEFT = "agent.left"
    AGENT_HEARTBEAT = "agent.heartbeat"
    CONFLICT_DETECTED = "conflict.detected"
    CONFLICT_RESOLVED = "conflict.resolved"
    MARK = "mark"

    # events are told apart a hundred thousand times a second: that of enums is written in Python
    __hash__ = str.__hash__


class PhasePlan(msgspec.Struct, frozen=True):
    """A phase as it was announced: how long it should take, and the phases that have to be over before it."""

    name: str
    estimate_s: float | None = None
    after: tuple[str, ...] = ()


class Event(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened; which fields are filled depends on ``type``.

    ``status`` is ok, failed, timeout or cancelled. ``after`` are tasks that a task waits for. ``on`` is what a blocked
    task waits for. ``reason`` says why an agent left. ``name`` is a workflow's or a mark's. ``attempt`` counts from 1,
    0 when it was not told.
    """

    at: float
    type: EventType
    workflow: str = ""
    phase: str = ""
    task: str = ""
    agent: str = ""
    kind: str = ""
    name: str = ""
    status: str = ""
    on: str = ""
    reason: str = ""
    attempt: int = 0
    slots: int = 1
    estimate_s: float | None = None
    cpu_s: float | None = None
    io_bytes: float | None = None
    rss_bytes: float | None = None
    after: tuple[str, ...] = ()
    phases: tuple[PhasePlan, ...] = ()


def row_key(source: str, *names: str) -> str:
    """The key of a row: the names with slashes between them, slashes within them as %2F."""
    return "/".join((source, *(name.replace("%", "%25").replace("/", "%2F") for name in names)))


class WorkState(str, Enum):
    """Of workflows, phases and tasks. ``waiting``: announced or queued, not begun. ``lost``: its agent is gone."""

    WAITING = "waiting"
    RUNNING = "running"
    BLOCKED = "blocked"
    OK = "ok"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        return self not in (WorkState.WAITING, WorkState.RUNNING, WorkState.BLOCKED)


class AgentState(str, Enum):
    """``lost``: nothing was heard of it for longer than it may be silent. ``left``: it said goodbye, or was ended."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    LOST = "lost"
    LEFT = "left"


class TaskRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One task with its newest attempt. ``key`` is source, workflow and task. ``queued_at`` is since when it waited for
    this attempt.

    ``wasted_s`` is the time of attempts that did not end well. ``blocked_s`` is the time it waited for something while
    it had an agent.
    """

    key: str
    workflow: str
    phase: str
    task: str
    kind: str
    state: WorkState
    agent: str = ""
    attempt: int = 1
    queued_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    cpu_s: float | None = None
    wasted_s: float = 0.0
    blocked_s: float = 0.0
    after: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float | None:
        """Of the newest attempt, once it is over: the response time of its agent."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, self.finished_at - self.started_at)

    @property
    def wait_s(self) -> float | None:
        """From its queueing to its start."""
        if self.queued_at is None or self.started_at is None:
            return None
        return max(0.0, self.started_at - self.queued_at)


class PhaseRow(msgspec.Struct, frozen=True, array_like=True):
    """One phase of a workflow. ``key`` is source, workflow and phase.

    ``expected_s`` is its estimate, else the median of the same phase in earlier runs. ``progress`` is a ratio: tasks
    that are over of those known, or elapsed of expected, whichever is less (tasks may still be to come), at most 0.99
    while it runs; None when neither is known.
    ``efficiency`` as ``analysis.workflow.phase_efficiency`` defines it.
    """

    key: str
    workflow: str
    phase: str
    state: WorkState
    started_at: float | None = None
    finished_at: float | None = None
    expected_s: float | None = None
    after: tuple[str, ...] = ()
    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    retried: int = 0
    progress: float | None = None
    efficiency: float | None = None
    busy_ratio: float | None = None


class WorkflowRow(msgspec.Struct, frozen=True, array_like=True):
    """One run of a workflow. ``key`` is source and workflow.

    ``name`` is the same for all runs of one workflow. Task figures are of tasks that ended well.
    ``marks`` are the newest times and names that were noted in it, of whatever workflow.
    """

    key: str
    source: str
    workflow: str
    name: str
    state: WorkState
    started_at: float | None = None
    finished_at: float | None = None
    expected_s: float | None = None
    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    retried: int = 0
    efficiency: float | None = None
    fastest_s: float | None = None
    slowest_s: float | None = None
    mean_s: float | None = None
    median_s: float | None = None
    slowest_task: str = ""
    marks: tuple[tuple[float, str], ...] = ()


class AgentRow(msgspec.Struct, frozen=True, array_like=True):
    """One agent. ``key`` is source and agent.

    ``busy_ratio`` and the response times are of the window that is configured; ``task`` is what it works on since
    ``since`` (of several slots the oldest). ``success_ratio`` is of all tasks that it finished.
    """

    key: str
    source: str
    agent: str
    kind: str
    state: AgentState
    slots: int = 1
    busy_slots: int = 0
    task: str = ""
    task_kind: str = ""
    since: float | None = None
    busy_ratio: float | None = None
    done: int = 0
    failed: int = 0
    timeouts: int = 0
    success_ratio: float | None = None
    mean_s: float | None = None
    p50_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    seen_at: float | None = None
    reason: str = ""


class PoolRow(msgspec.Struct, frozen=True, array_like=True):
    """All agents of one source together. ``key`` is the source. Figures of time are of the configured window.

    ``utilisation`` is the share of the slots' time that was worked. ``balance`` is the normalised Jain index of the
    agents' busy time. ``timeout_ratio`` and ``failed_ratio`` are of the tasks that ended.
    """

    key: str
    total: int
    active: int | None
    idle: int | None
    lost: int = 0
    utilisation: float | None = None
    queue: int | None = None
    wait_p50_s: float | None = None
    wait_p95_s: float | None = None
    balance: float | None = None
    done_per_s: float | None = None
    timeout_ratio: float | None = None
    failed_ratio: float | None = None
    mean_s: float | None = None
    p50_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    window_s: float = 60.0
