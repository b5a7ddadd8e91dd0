"""Phases and runs of workflows: when they were, what was expected of them, and the counts of their tasks."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

from perftui.domain.workflow import Event, WorkState

if TYPE_CHECKING:
    from perftui.store.workflow.tasks import Task

_SAMPLE = 20_000
_MOST_PHASES = 100
_STATES = {
    "ok": WorkState.OK,
    "failed": WorkState.FAILED,
    "timeout": WorkState.TIMEOUT,
    "cancelled": WorkState.CANCELLED,
}


class Span:
    """When something was: as it was told, else from the first sign of it to the last.

    Started twice, it began with the first start and is over with an end after the last one. ``first`` and ``last`` are
    the times of its first and last sign, infinite without any.
    """

    __slots__ = ("_finish", "_last_start", "_start", "_status", "first", "last")

    def __init__(self) -> None:
        self._start: float | None = None
        self._last_start: float | None = None
        self._finish: float | None = None
        self._status = ""
        self.first, self.last = float("inf"), float("-inf")

    def start(self, at: float) -> None:
        self._start = at if self._start is None else min(at, self._start)
        self._last_start = at if self._last_start is None else max(at, self._last_start)

    def finish(self, at: float, status: str) -> None:
        if self._finish is None or at >= self._finish:
            self._finish, self._status = at, status

    def sign(self, at: float) -> None:
        """Something happened in it."""
        if at > self.last:
            self.last = at
        if at < self.first:
            self.first = at

    @property
    def started_at(self) -> float | None:
        if self._start is not None:
            return self._start
        return self.first if self.first <= self.last else None

    @property
    def was_announced(self) -> bool:
        """Whether it was told itself, not only what happened in it."""
        return self._start is not None or self._finish is not None

    @property
    def ended(self) -> WorkState | None:
        """How it ended, as it was told."""
        return None if self.finished_at is None else _STATES[self._status]

    @property
    def finished_at(self) -> float | None:
        if self._finish is None or (self._last_start is not None and self._last_start > self._finish):
            return None
        return self._finish


class Phase:
    """``counts`` are of its tasks by ``Stage``; ``lost`` of those that run, and whose agents are gone."""

    __slots__ = ("after", "busy_s", "counts", "estimate_s", "lost", "name", "retried", "span")

    def __init__(self, name: str) -> None:
        self.name = name
        self.span = Span()
        self.estimate_s: float | None = None
        self.after: tuple[str, ...] = ()
        self.counts = [0, 0, 0, 0, 0]
        self.lost = self.retried = 0
        self.busy_s = 0.0


class Durations:
    """Of tasks that ended well. The median is exact up to 20 000 tasks, then of an even sample of them; the slowest
    and the fastest are always exact.
    """

    __slots__ = (
        "_is_ordered",
        "_skipped",
        "_stride",
        "_values",
        "count",
        "fastest",
        "slowest",
        "slowest_task",
        "total_s",
    )

    def __init__(self) -> None:
        # not a list: two hundred runs may have as many
        self._values = array("d")
        self._is_ordered = True
        self._stride, self._skipped = 1, 0
        self.count, self.total_s = 0, 0.0
        self.fastest, self.slowest, self.slowest_task = float("inf"), -1.0, ""

    def add(self, took_s: float, task: str) -> None:
        self.count += 1
        self.total_s += took_s
        if took_s < self.fastest:
            self.fastest = took_s
        # of equally slow ones the first by name: the order of arrival must not matter
        if took_s > self.slowest or (took_s == self.slowest and task < self.slowest_task):
            self.slowest, self.slowest_task = took_s, task
        self._skipped += 1
        if self._skipped >= self._stride:
            self._skipped = 0
            self._values.append(took_s)
            self._is_ordered = False
            if len(self._values) > _SAMPLE:
                self._values = self.ordered()[::2]
                self._stride *= 2

    def remove(self, took_s: float, task: str, others: Iterable[tuple[float, str]]) -> None:
        """A late event told that this was wrong; ``others`` are the durations of the tasks that are remembered."""
        self.count -= 1
        self.total_s -= took_s
        if took_s in self._values:
            self._values.remove(took_s)
        if task == self.slowest_task:
            self.slowest, self.slowest_task = -1.0, ""
            for took, name in others:
                if took > self.slowest or (took == self.slowest and name < self.slowest_task):
                    self.slowest, self.slowest_task = took, name
        if took_s == self.fastest:
            self.fastest = min(self._values, default=float("inf"))

    def ordered(self) -> array[float]:
        """In ascending order."""
        if not self._is_ordered:
            self._values = array("d", sorted(self._values))
            self._is_ordered = True
        return self._values


class Run:
    """One run of a workflow with the tasks that are remembered of it. ``version`` grows with every change; ``changed``
    are the tasks whose rows are to be made anew.
    """

    __slots__ = ("changed", "durations", "estimate_s", "id", "name", "phases", "span", "tasks", "version")

    def __init__(self, workflow: str) -> None:
        self.id = self.name = workflow
        self.span = Span()
        self.estimate_s: float | None = None
        self.phases: dict[str, Phase] = {}
        self.tasks: dict[str, Task] = {}
        self.changed: dict[Task, None] = {}
        self.durations = Durations()
        self.version = 0

    def phase(self, name: str) -> Phase:
        """The phase with this name; beyond a hundred all are one without a name."""
        phase = self.phases.get(name)
        if phase is None:
            name = name if len(self.phases) < _MOST_PHASES else ""
            phase = self.phases[name] = self.phases.get(name) or Phase(name)
        return phase

    def announce(self, event: Event) -> None:
        """Take over name, estimate and plan, where the event tells them."""
        self.name = event.name or self.name
        self.estimate_s = self.estimate_s if event.estimate_s is None else event.estimate_s
        for plan in event.phases:
            phase = self.phase(plan.name)
            phase.estimate_s = phase.estimate_s if plan.estimate_s is None else plan.estimate_s
            phase.after = plan.after or phase.after
