"""One run of the workflow: which tasks may begin, which are over, and what is told about them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from perftui.demo.journal import Journal
from perftui.demo.plan import PhasePlan, TaskPlan

MOST_ATTEMPTS = 3


class Job(NamedTuple):
    """An attempt at a task."""

    phase: str
    plan: TaskPlan
    attempt: int = 1


class _Progress:
    """A phase that has begun: what has yet to arrive, and what is not over."""

    def __init__(self, plan: PhasePlan, started: float) -> None:
        self.plan = plan
        self.started = started
        self.arriving = deque(plan.tasks)
        self.open = {task.task for task in plan.tasks}
        self.failed = False


class Run:
    """Tasks are handed out in the order in which they can begin; ``now`` is monotonic time in seconds everywhere.

    A task that fails is tried again, then given up; what waits for it goes on all the same, so that a run always ends.
    """

    def __init__(self, workflow: str, phases: Sequence[PhasePlan], journal: Journal) -> None:
        self.workflow = workflow
        self._journal = journal
        self._waiting = list(phases)
        self._running: dict[str, _Progress] = {}
        self._over: set[str] = set()
        self._ready: deque[Job] = deque()
        self._held: list[Job] = []
        self._failed = False
        journal.tell(
            "workflow.started",
            workflow=workflow,
            name="demo",
            estimate_s=round(sum(phase.estimate_s for phase in phases), 3),
            phases=[
                {"name": phase.name, "estimate_s": phase.estimate_s, **({"after": phase.after} if phase.after else {})}
                for phase in phases
            ],
        )

    @property
    def is_over(self) -> bool:
        return not self._waiting and not self._running

    def advance(self, now: float) -> None:
        """Begin phases and queue tasks whose time has come, and end what is complete."""
        while True:
            for phase in [phase for phase in self._waiting if self._over.issuperset(phase.after)]:
                self._waiting.remove(phase)
                self._running[phase.name] = _Progress(phase, now)
                self._journal.tell("phase.started", workflow=self.workflow, phase=phase.name)
            for progress in self._running.values():
                self._arrivals(progress, now)
            ended = [progress for progress in self._running.values() if not progress.open]
            for progress in ended:
                self._end(progress)
            if not ended:
                return

    def next_arrival(self) -> float | None:
        """When ``advance`` has something to do; None: when a task ends."""
        times = [one.started + one.arriving[0].arrives_s for one in self._running.values() if one.arriving]
        return min(times, default=None)

    def take(self) -> Job | None:
        """The task that has been able to begin for longest."""
        return self._ready.popleft() if self._ready else None

    def finished(self, job: Job, *, well: bool) -> None:
        """An attempt ended; after the last one that didn't end well the task is given up."""
        if not well and job.attempt < MOST_ATTEMPTS:
            self.again(job)
            return
        progress = self._running[job.phase]
        progress.failed |= not well
        progress.open.discard(job.plan.task)
        self._over.add(job.plan.task)
        able = [held for held in self._held if self._over.issuperset(held.plan.after)]
        self._held = [held for held in self._held if held not in able]
        self._ready.extend(able)

    def again(self, job: Job) -> None:
        """Queue one more attempt."""
        self._queue(job._replace(attempt=job.attempt + 1))

    def cancel(self) -> None:
        """It ends before its time."""
        self._journal.tell("workflow.finished", workflow=self.workflow, status="cancelled")

    def _arrivals(self, progress: _Progress, now: float) -> None:
        while progress.arriving and progress.started + progress.arriving[0].arrives_s <= now:
            self._queue(Job(progress.plan.name, progress.arriving.popleft()))

    def _queue(self, job: Job) -> None:
        self._journal.tell(
            "task.queued",
            workflow=self.workflow,
            phase=job.phase,
            task=job.plan.task,
            kind=job.plan.kind,
            attempt=job.attempt,
            after=job.plan.after or None,
        )
        if self._over.issuperset(job.plan.after):
            self._ready.append(job)
        else:
            self._held.append(job)

    def _end(self, progress: _Progress) -> None:
        name = progress.plan.name
        del self._running[name]
        self._over.add(name)
        self._failed |= progress.failed
        status = "failed" if progress.failed else "ok"
        self._journal.tell("phase.finished", workflow=self.workflow, phase=name, status=status)
        if self.is_over:
            status = "failed" if self._failed else "ok"
            self._journal.tell("workflow.finished", workflow=self.workflow, status=status)
