"""The metrics that impacts are told in, so that the same can be measured before and after a change.

Each is a pure function of an interval [start, end) of epoch seconds; None where the interval does not hold enough.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from perftui.analysis.quantiles import bucket_percentile, count, merged, percentile
from perftui.analysis.rules.signals import ServiceWindow
from perftui.domain.workflow import TaskRow, WorkflowRow, WorkState

# a task counts as waiting when it waits longer than this share of the median run: a hand-over is not a queue
HAND_OVER = 0.1
_LEAST_TASKS = 10.0
_QUEUED = 0.5
_LEAST_REQUESTS = 100.0


class Measured(NamedTuple):
    """A metric's value in an interval, of how many observations, and how it was measured."""

    value: float
    n: int
    text: str


def time_per_task_name(pool: str) -> str:
    return f"time per task of pool {pool}"


def response_name(pool: str) -> str:
    return f"response time of pool {pool}, wait included"


def makespan_name(workflow: str) -> str:
    return f"makespan of workflow {workflow}"


def p99_name(service: str) -> str:
    return f"p99 of service {service}"


def time_per_task(tasks: Iterable[TaskRow], start: float, end: float, slots: float | None = None) -> Measured | None:
    """Seconds per finished task while tasks waited: the time with a queue, by the tasks done in it.

    A task that ran partly in that time counts by that part, so that it does not matter where the time is cut. When
    there was a queue for less than half of the interval, it is mean run time by ``slots``, which is what the pool can
    do: the few moments with a queue are those with unusually long tasks. Slots are those that were seen at work at once
    when None.
    """
    tasks = [task for task in tasks if _touches(task, start, end)]
    runs = [_run(task, end) for task in tasks if task.started_at is not None and task.started_at < end]
    if not runs:
        return None
    usual = percentile(sorted(run.end - run.begin for run in runs), 0.5)
    queue = _Cover((max(start, queued + HAND_OVER * usual), begun) for queued, begun in _waits(tasks, end))
    done = sum(queue.within(run.begin, run.end) / run.likely_s(usual) for run in runs)
    busy = queue.within(start, end)
    if done >= _LEAST_TASKS and busy >= _QUEUED * (end - start):
        return Measured(busy / done, round(done), f"{done:.0f} tasks in {busy:.1f} s with a queue")
    whole = [run.end - run.begin for run in runs if run.over and start <= run.end < end]
    if len(whole) < _LEAST_TASKS:
        return None
    width = slots if slots is not None else most_at_once((run.begin, run.end) for run in runs)
    return Measured(
        sum(whole) / len(whole) / width, len(whole), f"{len(whole)} tasks, mostly no queue: run time by {width:g} slots"
    )


def response(tasks: Iterable[TaskRow], start: float, end: float) -> Measured | None:
    """Mean seconds from queued to finished, of tasks that finished in the interval; None with less than 10."""
    spans = [
        task.finished_at - task.queued_at
        for task in tasks
        if task.finished_at is not None and task.queued_at is not None and start <= task.finished_at < end
    ]
    return Measured(sum(spans) / len(spans), len(spans), f"{len(spans)} tasks") if len(spans) >= _LEAST_TASKS else None


def makespan(runs: Iterable[WorkflowRow], name: str, start: float, end: float) -> Measured | None:
    """Median seconds of the runs of a workflow that began and ended well in the interval; None without any."""
    spans = sorted(
        run.finished_at - run.started_at
        for run in runs
        if run.name == name and run.state is WorkState.OK and run.started_at is not None and run.finished_at is not None
        if start <= run.started_at and run.finished_at < end
    )
    return Measured(percentile(spans, 0.5), len(spans), f"median of {len(spans)} runs") if spans else None


def all_latency(windows: Iterable[ServiceWindow]) -> list[tuple[float, float]]:
    """Every request of the windows in one histogram."""
    return merged(its for window in windows for its in window.latency.values())


def p99(windows: Iterable[ServiceWindow], start: float, end: float) -> Measured | None:
    """The 99th percentile of all requests in windows within the interval; None with less than 100 requests."""
    inside = [window for window in windows if start <= window.start and window.end <= end]
    everything = all_latency(inside)
    value, n = bucket_percentile(everything, 0.99), count(everything)
    return Measured(value, round(n), f"{n:.0f} requests") if value is not None and n >= _LEAST_REQUESTS else None


class _Run(NamedTuple):
    begin: float
    end: float
    over: bool

    def likely_s(self, usual: float) -> float:
        """How long it takes in all; of one that still runs at least what is usual."""
        return max(1e-9, self.end - self.begin, 0.0 if self.over else usual)


def _run(task: TaskRow, end: float) -> _Run:
    begin = task.started_at or 0.0
    return _Run(begin, max(begin, end if task.finished_at is None else task.finished_at), task.finished_at is not None)


def _touches(task: TaskRow, start: float, end: float) -> bool:
    """Whether it waited or ran in the interval; one that was lost or cancelled before it began did neither."""
    first = task.started_at if task.queued_at is None else task.queued_at
    if first is None or first >= end or (task.started_at is None and task.state.is_over):
        return False
    return task.finished_at is None or task.finished_at > start


def _waits(tasks: Iterable[TaskRow], end: float) -> Iterable[tuple[float, float]]:
    """From queued to started; a further attempt's time in the queue is not known, so it is not counted."""
    for task in tasks:
        if task.queued_at is not None and task.attempt == 1:
            yield task.queued_at, end if task.started_at is None else min(end, task.started_at)


class _Cover:
    """A set of times, as intervals that do not touch; ``within`` is how much of it lies between two times."""

    def __init__(self, spans: Iterable[tuple[float, float]]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        self._before: list[float] = [0.0]
        for below, above in sorted(span for span in spans if span[1] > span[0]):
            if self._ends and below <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], above)
            else:
                self._starts.append(below)
                self._ends.append(above)
        for below, above in zip(self._starts, self._ends, strict=True):
            self._before.append(self._before[-1] + above - below)

    def within(self, below: float, above: float) -> float:
        return max(0.0, self._until(above) - self._until(below))

    def _until(self, time: float) -> float:
        place = bisect_right(self._starts, time)
        if place == 0:
            return 0.0
        return self._before[place - 1] + min(time, self._ends[place - 1]) - self._starts[place - 1]


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """How many of these spans of time there were at one moment at most; at least 1."""
    most = now = 0
    for _, change in sorted(step for begin, end in spans for step in ((begin, 1), (end, -1))):
        now += change
        most = max(most, now)
    return max(1, most)
