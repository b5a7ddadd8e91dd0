"""Rows of workflows, phases and tasks from what the model knows, by the definitions of ``analysis.workflow``.

Only what may have changed is made anew; a row that is as before stays the same object, so that differences are found
at a glance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec

from perftui.analysis import workflow as define
from perftui.domain.workflow import PhaseRow, TaskRow, WorkflowRow, WorkState, row_key
from perftui.store.workflow.model import Model
from perftui.store.workflow.phases import Phase, Run
from perftui.store.workflow.tasks import FAILED, QUEUED, RUNNING, Task

# rows of tasks that are made at a time: more would hold up everything else
MOST_NEW_TASKS = 4000
_MOST_MARKS = 20
_UNFINISHED = -1
_Row = TypeVar("_Row", bound=msgspec.Struct)

# from, until and slots of an agent's presence
Presence = tuple[float, float, int]


class _Made(NamedTuple):
    """What was made of a run in its ``version``."""

    version: int
    end: float
    row: WorkflowRow
    phases: tuple[PhaseRow, ...]
    tasks: tuple[TaskRow, ...]


class _Moment(NamedTuple):
    """What all runs need to know of the moment for which rows are made."""

    now: float
    there: define.Piled
    phases: dict[Phase, define.Worked]
    runs: dict[Run, define.Worked]
    for_phases: define.Piled
    for_runs: define.Piled


class RunRows:
    """Of one source; ``rows`` are made by ``make``."""

    def __init__(self, source: str, model: Model) -> None:
        self._source, self._model = source, model
        self._made: dict[str, _Made] = {}
        self._marks: list[tuple[float, str]] = []
        self._may_make = MOST_NEW_TASKS
        self.workflows: tuple[WorkflowRow, ...] = ()
        self.phases: tuple[PhaseRow, ...] = ()
        self.tasks: tuple[TaskRow, ...] = ()

    def make(self, now: float, there: Sequence[Presence]) -> None:
        """Rows as of ``now``; ``there`` says when agents were there, to share their time among phases."""
        runs = self._model.runs
        due = self._due(now)
        self._may_make = MOST_NEW_TASKS
        if due or len(self._made) != len(runs):
            moment = self._moment(now, there)
            made = {run.id: self._run(run, moment) if run.id in due else self._made[run.id] for run in runs.values()}
            self._made = made
            self.workflows = _kept(self.workflows, tuple(one.row for one in made.values()))
            self.phases = _kept(self.phases, tuple(row for one in made.values() for row in one.phases))
            self.tasks = _kept(self.tasks, tuple(row for one in made.values() for row in one.tasks))
        self._marks = list(self._model.marks)

    def _due(self, now: float) -> set[str]:
        """Runs that changed or go on, and those that were at the same time: they share the agents."""
        runs, changed = self._model.runs, set[str]()
        for run in runs.values():
            made = self._made.get(run.id)
            if made is None or made.version != run.version or not made.row.state.is_over:
                changed.add(run.id)
        if self._marks != self._model.marks:
            return set(runs)
        since = min((known(runs[name].span.started_at, now) for name in changed), default=now)
        return changed | {name for name, made in self._made.items() if name in runs and made.end >= since}

    def _moment(self, now: float, there: Sequence[Presence]) -> _Moment:
        running: dict[Phase, float] = {}
        for agent in self._model.crew.agents.values():
            for task in agent.working if agent.left_at is None and not agent.lost else ():
                begun = known(task.attempts[-1].started_at, now)
                running[task.phase] = running.get(task.phase, 0.0) + max(0.0, now - begun)
        phases: dict[Phase, define.Worked] = {}
        runs: dict[Run, define.Worked] = {}
        for run in self._model.runs.values():
            total = 0.0
            for phase in run.phases.values():
                busy = phase.busy_s + running.get(phase, 0.0)
                total += busy
                if busy:
                    begun = known(phase.span.started_at, now)
                    phases[phase] = define.Worked(begun, known(_phase_state(phase, run)[1], now), busy)
            runs[run] = define.Worked(known(run.span.started_at, now), known(_run_state(run)[1], now), total)
        for_phases, for_runs = define.piled(phases.values()), define.piled(runs.values())
        return _Moment(now, define.Piled(there), phases, runs, for_phases, for_runs)

    def _run(self, run: Run, moment: _Moment) -> _Made:
        made = self._made.get(run.id)
        state, finished_at = _run_state(run)
        span, now = moment.runs[run], moment.now
        expected = define.expected_s(
            run.estimate_s, self._model.past.earlier(run.name, "", known(run.span.started_at, now))
        )
        busy = _busy_ratio(span, moment.for_runs, moment.there)
        counts = _counts(run)
        durations = run.durations
        has_any = durations.count > 0
        row = WorkflowRow(
            row_key(self._source, run.id),
            self._source,
            run.id,
            run.name,
            state,
            run.span.started_at,
            finished_at,
            _rounded(expected),
            *counts,
            efficiency=_rounded(define.phase_efficiency(expected, span.end - span.start, busy)),
            fastest_s=durations.fastest if has_any else None,
            slowest_s=durations.slowest if has_any else None,
            mean_s=durations.total_s / durations.count if has_any else None,
            median_s=define.middle(durations.ordered()),
            slowest_task=durations.slowest_task,
            marks=tuple(mark for mark in self._model.marks if span.start <= mark[0] <= span.end)[-_MOST_MARKS:],
        )
        phases = tuple(self._phase(run, phase, moment) for name, phase in run.phases.items() if name)
        tasks, whole = self._tasks(run, now)
        if made is not None:
            row = made.row if made.row == row else row
            before = {one.key: one for one in made.phases}
            phases = tuple(before[one.key] if before.get(one.key) == one else one for one in phases)
        return _Made(run.version if whole else _UNFINISHED, span.end, row, phases, tasks)

    def _phase(self, run: Run, phase: Phase, moment: _Moment) -> PhaseRow:
        state, finished_at = _phase_state(phase, run)
        started_at = None if state is WorkState.WAITING else phase.span.started_at
        earlier = self._model.past.earlier(run.name, phase.name, known(run.span.started_at, moment.now))
        expected = define.expected_s(phase.estimate_s, earlier)
        queued, running, done, failed, cancelled = phase.counts
        elapsed = busy = None
        if started_at is not None:
            end = known(finished_at, moment.now)
            elapsed = max(0.0, end - started_at)
            span = moment.phases.get(phase) or define.Worked(started_at, end, 0.0)
            busy = _busy_ratio(span, moment.for_phases, moment.there)
        over = done + failed + cancelled + phase.lost
        ended = state.is_over and started_at is not None
        return PhaseRow(
            row_key(self._source, run.id, phase.name),
            run.id,
            phase.name,
            state,
            started_at,
            finished_at,
            _rounded(expected),
            phase.after,
            queued,
            running - phase.lost,
            done,
            failed + phase.lost,
            phase.retried,
            _rounded(define.progress(over, sum(phase.counts), elapsed, expected, ended=ended)),
            _rounded(define.phase_efficiency(expected, elapsed or 0.0, busy)),
            _rounded(busy),
        )

    def _tasks(self, run: Run, now: float) -> tuple[tuple[TaskRow, ...], bool]:
        """Rows of its tasks, and whether they are all as of now: so many may have changed that the rest comes later."""
        due = list(islice(run.changed, self._may_make))
        self._may_make -= len(due)
        for task in due:
            row = _task_row(self._source, run, task, now)
            task.row = row if task.row != row else task.row
            # how long it is blocked changes without an event
            if task.state is not WorkState.BLOCKED:
                del run.changed[task]
        rows = tuple([task.row for task in run.tasks.values() if task.row is not None])
        return rows, not run.changed


def _task_row(source: str, run: Run, task: Task, now: float) -> TaskRow:
    last, state = task.attempts[-1] if task.attempts else None, task.state
    if task.lost:
        state = WorkState.LOST
    elif task.stage is QUEUED and run.span.finished_at is not None:
        state = WorkState.CANCELLED
    attempt = task.folded + len(task.attempts)
    if last is None or task.stage is QUEUED:
        queued_at = task.queues[-1] if task.queues else None
        agent, started_at, finished_at, cpu_s = "", None, None, None
        attempt += 1
    else:
        queued_at, agent, started_at, cpu_s = last.queued_at, last.agent, last.started_at, last.cpu_s
        finished_at = last.finished_at if last.finished_at is not None else last.given_up
        attempt = max(attempt, last.number)
    return TaskRow(
        row_key(source, run.id, task.name),
        run.id,
        task.phase.name,
        task.name,
        task.kind,
        state,
        agent,
        attempt,
        queued_at,
        started_at,
        finished_at,
        cpu_s,
        task.wasted_s(),
        task.blocked_s(now) if task.blocks else 0.0,
        task.after,
    )


def _run_state(run: Run) -> tuple[WorkState, float | None]:
    """How it is, and when it ended; of a run that nobody announced by what its tasks do."""
    ended = run.span.ended
    if ended is not None:
        return ended, run.span.finished_at
    if run.span.was_announced:
        return WorkState.RUNNING, None
    return _by_tasks([sum(counts) for counts in zip(*(one.counts for one in run.phases.values()), strict=True)], run)


def _by_tasks(counts: Sequence[int], of: Run | Phase) -> tuple[WorkState, float | None]:
    lost = of.lost if isinstance(of, Phase) else sum(phase.lost for phase in of.phases.values())
    if not counts or not any(counts):
        return (WorkState.RUNNING if isinstance(of, Run) else WorkState.WAITING), None
    if counts[QUEUED] or counts[RUNNING] > lost:
        return (WorkState.RUNNING if any(counts[RUNNING:]) else WorkState.WAITING), None
    return (WorkState.FAILED if counts[FAILED] or lost else WorkState.OK), of.span.last


def _phase_state(phase: Phase, run: Run) -> tuple[WorkState, float | None]:
    """How it is, and when it ended; a run that ended has no phase that goes on."""
    ended = phase.span.ended
    if ended is not None:
        return ended, phase.span.finished_at
    begun = phase.span.started_at is not None
    over = run.span.ended
    if over is not None:
        return (over, run.span.finished_at) if begun else (WorkState.CANCELLED, None)
    if phase.span.was_announced:
        return WorkState.RUNNING, None
    return _by_tasks(phase.counts, phase)


def _counts(run: Run) -> tuple[int, int, int, int, int]:
    """Queued, running, done, failed and retried of all its phases."""
    phases = run.phases.values()
    queued, running, done, failed = (sum(phase.counts[stage] for phase in phases) for stage in range(4))
    lost = sum(phase.lost for phase in phases)
    return queued, running - lost, done, failed + lost, sum(phase.retried for phase in phases)


def _busy_ratio(span: define.Worked, worked: define.Piled, there: define.Piled) -> float | None:
    return define.utilisation(define.agents_busy_s(span, worked), there.between(span.start, span.end))


def known(value: float | None, otherwise: float) -> float:
    """A moment, or another when it is not known."""
    return otherwise if value is None else value


def _rounded(value: float | None) -> float | None:
    """What changes by less than can be seen does not make another row."""
    return None if value is None else round(value, 4)


def _kept(before: tuple[_Row, ...], after: tuple[_Row, ...]) -> tuple[_Row, ...]:
    """The same tuple while it holds the same rows."""
    return before if before == after else after
