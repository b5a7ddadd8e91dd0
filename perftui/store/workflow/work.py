"""The tasks of one source: every event of a task changes what its phase, its run and its agent count, and no more."""

from __future__ import annotations

from collections import deque

from perftui.domain.workflow import Event, EventType
from perftui.store.workflow.agents import Agent
from perftui.store.workflow.crew import Crew
from perftui.store.workflow.phases import Phase, Run
from perftui.store.workflow.recent import Recent
from perftui.store.workflow.tasks import (
    DONE,
    FAILED,
    MOST_ATTEMPTS,
    QUEUED,
    RUNNING,
    Attempt,
    Task,
    ends,
    finished,
    goes_on,
    is_known,
    paired,
)

_MOST_SAMPLES = 20_000
_MOST_KINDS = 1000
_MOST_BLOCKS = 1000
# an agent with all slots taken that begins another task has dropped one, unless the end of that is still on its way
_END_MAY_BE_LATE_S = 5.0


class Work:
    """At most ``max_tasks`` tasks: then the oldest that are over fall out. ``forgotten`` counts those that were not.

    ``ended`` and ``begun`` are the attempts of the last while by their end and their start.
    """

    def __init__(self, runs: dict[str, Run], crew: Crew, max_tasks: int) -> None:
        self._runs, self._crew, self._max_tasks = runs, crew, max(1, max_tasks)
        self.ended, self.begun = Recent(_MOST_SAMPLES), Recent(_MOST_SAMPLES)
        self.forgotten = 0
        self.was_queued = False
        self._held = self._dropped = 0
        # tasks that were over once, oldest first: they fall out in this order if they still are
        self._over: deque[Task] = deque()
        self._kinds: dict[str, str] = {}

    def __len__(self) -> int:
        return self._held

    def queued(self, run: Run, event: Event) -> None:
        self.was_queued = True
        task = self._task(run, event)
        task.after = event.after or task.after
        task.queue(event.at)
        if task.attempts:
            task.wait_since()
            self._judge(task, run)

    def started(self, run: Run, event: Event) -> None:
        task, at = self._task(run, event), event.at
        agent = self._crew.heard(event.agent, at) if event.agent else None
        if agent is not None:
            agent.works(at)
        attempts = task.attempts
        if attempts:
            if is_known(task, event, start=True):
                return
            if not goes_on(attempts[-1], event):
                self._again(task, run, event, start=True)
                return
            self._next(task, event)
        attempt = Attempt(event.attempt, 0, event.agent, at)
        task.attempts = (*task.attempts, attempt)
        if not attempts and len(task.queues) == 1 and task.queues[0] <= at:
            attempt.queued_at = task.queues[0]
        else:
            task.wait_since()
        self.begun.add(at, attempt)
        if agent is not None:
            agent.working[task] = None
        if attempts or task.blocks or task.lost:
            self._judge(task, run)
        else:
            counts = task.phase.counts
            counts[task.stage] -= 1
            counts[RUNNING] += 1
            task.begin()

    def _next(self, task: Task, event: Event) -> None:
        """Another attempt begins: the one before is over, whether or not its end was told."""
        last = task.attempts[-1]
        if last.finished_at is None:
            agent = self._crew.agents.get(last.agent)
            left_at = None if agent is None else agent.gone_since(_begun(task))
            last.given_up = event.at if left_at is None else min(left_at, event.at)
            self._stop(task, last)
        if len(task.attempts) >= MOST_ATTEMPTS:
            task.fold()

    def finished(self, run: Run, event: Event) -> None:
        task = self._task(run, event)
        if event.agent:
            self._crew.heard(event.agent, event.at)
        attempts = task.attempts
        if attempts and ends(attempts[-1], event):
            last = attempts[-1]
            self._stop(task, last)
            finished(last, event)
            self._count(task, last, 1)
            self._judge(task, run)
        elif not is_known(task, event, start=False):
            self._again(task, run, event, start=False)

    def blocked(self, run: Run, event: Event) -> None:
        """It is blocked, or no longer."""
        task = self._task(run, event)
        if event.agent:
            self._crew.heard(event.agent, event.at)
        block = (event.at, event.type is EventType.TASK_BLOCKED)
        if block not in task.blocks:
            task.blocks = tuple(sorted((*task.blocks, block)))[-_MOST_BLOCKS:]
            self._judge(task, run)

    def run_over(self, run: Run, *, over: bool) -> None:
        """The run has ended, or it has not after all: what waits in it will not be done."""
        for task in run.tasks.values():
            if task.stage == QUEUED:
                run.changed[task] = None
                if over:
                    self._line_up(task)

    def forget_run(self, run: Run) -> None:
        for task in list(run.tasks.values()):
            self._dropped += task.in_line
            self._drop(task)
        if self._dropped * 2 > len(self._over):
            self._over = deque(task for task in self._over if not task.is_dropped)
            self._dropped = 0

    def settle(self, now: float, lost_after: float) -> None:
        """Find the tasks whose agents are gone: they left, are silent for too long, or do something else."""
        longest = self._crew.longest_s
        for agent in self._crew.agents.values():
            agent.lost = agent.left_at is None and agent.is_silent(now, lost_after, longest)
            if agent.working:
                self._settle(agent, now)

    def _settle(self, agent: Agent, now: float) -> None:
        working = sorted(agent.working, key=_begun)
        displaced = len(working) - agent.slots if agent.was_announced else 0
        for place, task in enumerate(working):
            attempt = task.attempts[-1]
            begun = _begun(task)
            next_at = _begun(working[place + agent.slots]) if place < displaced else now
            if begun <= agent.last_leave:
                self._give_up(task, attempt, agent, agent.last_leave)
            elif place < displaced and now - next_at > _END_MAY_BE_LATE_S:
                self._give_up(task, attempt, agent, next_at)
            elif task.lost is not agent.lost:
                self._set_lost(task, agent.lost)

    def _give_up(self, task: Task, attempt: Attempt, agent: Agent, at: float) -> None:
        attempt.given_up = at
        agent.working.pop(task, None)
        self._set_lost(task, True)

    def _task(self, run: Run, event: Event) -> Task:
        """The task of the event, which gave a sign of life."""
        task, at = run.tasks.get(event.task), event.at
        if task is None:
            task = run.tasks[event.task] = Task(run.id, event.task, run.phase(event.phase), self._kind(event.kind))
            task.phase.counts[QUEUED] += 1
            self._held += 1
            if self._held > self._max_tasks:
                self._forget(task)
        else:
            if event.kind and not task.kind:
                task.kind = self._kind(event.kind)
            if event.phase and event.phase != task.phase.name:
                self._move(task, run.phase(event.phase))
        run.changed[task] = None
        # Span.sign, without the calls: this is what every event costs
        for span in (run.span, task.phase.span):
            if at > span.last:
                span.last = at
            if at < span.first:
                span.first = at
        return task

    def _kind(self, kind: str) -> str:
        """One object for all that are equal."""
        if len(self._kinds) > _MOST_KINDS:
            self._kinds.clear()
        return self._kinds.setdefault(kind, kind)

    def _again(self, task: Task, run: Run, event: Event, *, start: bool) -> None:
        """Something came late: what was counted of the task is taken back, and counted anew."""
        if task.attempts:
            self._stop(task, task.attempts[-1])
        for attempt in task.attempts:
            self._count(task, attempt, -1)
            attempt.dead = True
        self.begun.some_died()
        self.ended.some_died()
        task.attempts = paired(task.attempts, event, start=start)
        task.wait_since()
        for attempt in task.attempts:
            if attempt.started_at is not None:
                self.begun.add(attempt.started_at, attempt)
            self._count(task, attempt, 1)
        last = task.attempts[-1]
        if last.finished_at is None and last.agent and last.given_up is None:
            self._crew.heard(last.agent, last.started_at or 0.0).working[task] = None
        self._judge(task, run)

    def _stop(self, task: Task, attempt: Attempt) -> None:
        """The attempt does not run any more."""
        agent = self._crew.agents.get(attempt.agent)
        if agent is not None:
            agent.working.pop(task, None)

    def _count(self, task: Task, attempt: Attempt, sign: int) -> None:
        """Count an attempt that ended, or take it back."""
        at = attempt.finished_at
        if at is None:
            return
        took = attempt.took_s or 0.0
        task.phase.busy_s += sign * took
        if sign > 0:
            self.ended.add(at, attempt)
            if took > self._crew.longest_s:
                self._crew.longest_s = took
        if attempt.agent:
            agent = self._crew.agents.get(attempt.agent) or self._crew.named(attempt.agent)
            agent.count(at, attempt, took, sign)

    def _judge(self, task: Task, run: Run) -> None:
        """Find the state of the task, and let phase and run count it as what it is now."""
        before, phase = task.stage, task.phase
        if task.lost:
            self._set_lost(task, False)
        task.judge()
        stage = task.stage
        if stage != before:
            phase.counts[before] -= 1
            phase.counts[stage] += 1
            if stage >= DONE:
                self._line_up(task)
        retries = task.folded + len(task.attempts) - 1
        if retries > 0 or task.retries:
            phase.retried += max(0, retries) - task.retries
            task.retries = max(0, retries)
        if stage == DONE or task.counted_s is not None:
            self._judge_duration(task, run)

    def _judge_duration(self, task: Task, run: Run) -> None:
        took = task.attempts[-1].took_s if task.stage == DONE else None
        if took == task.counted_s:
            return
        if task.counted_s is not None:
            others = (one for one in run.tasks.values() if one is not task)
            run.durations.remove(
                task.counted_s, task.name, ((one.counted_s, one.name) for one in others if one.counted_s is not None)
            )
        if took is not None:
            run.durations.add(took, task.name)
        task.counted_s = took

    def _line_up(self, task: Task) -> None:
        """It is over: it may fall out when its turn comes."""
        if not task.in_line:
            task.in_line = True
            self._over.append(task)

    def _set_lost(self, task: Task, lost: bool) -> None:
        if task.lost is lost:
            return
        task.lost = lost
        task.phase.lost += 1 if lost else -1
        run = self._runs[task.workflow]
        run.version += 1
        run.changed[task] = None
        if lost:
            self._line_up(task)

    def _move(self, task: Task, phase: Phase) -> None:
        """An event told the phase that was not known, or another one."""
        old = task.phase
        busy = sum(attempt.took_s or 0.0 for attempt in task.attempts)
        for one, sign in ((old, -1), (phase, 1)):
            one.counts[task.stage] += sign
            one.retried += sign * task.retries
            one.busy_s += sign * busy
            one.lost += sign * task.lost
        task.phase = phase
        for attempt in task.attempts:
            for at in (attempt.started_at, attempt.finished_at):
                if at is not None:
                    phase.span.sign(at)

    def _forget(self, new: Task) -> None:
        while self._over:
            task = self._over.popleft()
            task.in_line = False
            if not task.is_dropped and self._is_over(task):
                self._drop(task)
                return
        self.forgotten += 1
        self._drop(next(task for run in self._runs.values() for task in run.tasks.values() if task is not new))

    def _is_over(self, task: Task) -> bool:
        """Whether nothing is expected of it any more."""
        waits_in_vain = task.stage == QUEUED and self._runs[task.workflow].span.finished_at is not None
        return task.stage >= DONE or task.lost or waits_in_vain

    def _drop(self, task: Task) -> None:
        """It is remembered no more; what it counts for stays, unless it is not over and will be told of again."""
        phase = task.phase
        if task.lost:
            phase.lost -= 1
            phase.counts[RUNNING] -= 1
            phase.counts[FAILED] += 1
        elif task.stage < DONE:
            phase.counts[task.stage] -= 1
        if task.stage == RUNNING:
            self._stop(task, task.attempts[-1])
        self._held -= 1
        task.is_dropped = True
        run = self._runs[task.workflow]
        run.version += 1
        run.changed.pop(task, None)
        del run.tasks[task.name]
        if not run.tasks:
            # a dictionary does not shrink by itself
            run.tasks, run.changed = {}, {}


def _begun(task: Task) -> float:
    return task.attempts[-1].started_at or 0.0
