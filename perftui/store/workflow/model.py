"""What is known of the workflows of one source: applies events one by one, in whatever order they arrive.

It holds sums and times; figures are made of them in the session, by the definitions of ``analysis.workflow``. Memory is
bounded: the oldest tasks, runs and agents that are over fall out, and their counts stay in what they belong to.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable

from perftui.domain.workflow import Event, EventType, WorkState
from perftui.store.workflow.crew import Crew
from perftui.store.workflow.past import PastRuns
from perftui.store.workflow.phases import Phase, Run
from perftui.store.workflow.work import Work

MOST_RUNS = 200
_MOST_MARKS = 200


class Model:
    """Of one source. ``marks`` are times with names, oldest first. ``forgotten_runs`` counts runs that fell out."""

    def __init__(self, *, max_tasks: int, lost_after: float) -> None:
        self._lost_after = lost_after
        self.runs: dict[str, Run] = {}
        self.crew = Crew()
        self.work = Work(self.runs, self.crew, max_tasks)
        self.past = PastRuns()
        self.marks: list[tuple[float, str]] = []
        self.first_at: float | None = None
        self.applied = self.forgotten_runs = 0
        crew, work = self.crew, self.work
        self._of_tasks: dict[EventType, Callable[[Run, Event], None]] = {
            EventType.TASK_QUEUED: work.queued,
            EventType.TASK_STARTED: work.started,
            EventType.TASK_FINISHED: work.finished,
            EventType.TASK_BLOCKED: work.blocked,
            EventType.TASK_UNBLOCKED: work.blocked,
            EventType.WORKFLOW_STARTED: self._run_started,
            EventType.WORKFLOW_FINISHED: self._run_finished,
            EventType.PHASE_STARTED: self._phase_started,
            EventType.PHASE_FINISHED: self._phase_finished,
        }
        self._others: dict[EventType, Callable[[Event], None]] = {
            EventType.AGENT_STARTING: crew.starting,
            EventType.AGENT_JOINED: crew.joined,
            EventType.AGENT_LEFT: crew.left,
            EventType.AGENT_HEARTBEAT: crew.beat,
            EventType.CONFLICT_DETECTED: self._conflict,
            EventType.CONFLICT_RESOLVED: self._conflict,
            EventType.MARK: self._mark,
        }

    def apply(self, events: Iterable[Event]) -> None:
        """Take what happened; times are those of the events, whenever they arrive."""
        of_tasks, runs, count = self._of_tasks, self.runs, 0
        first_at = float("inf") if self.first_at is None else self.first_at
        for event in events:
            count += 1
            if event.at < first_at:
                first_at = event.at
            handler = of_tasks.get(event.type)
            if handler is None:
                self._others[event.type](event)
                continue
            run = runs.get(event.workflow) or self._new_run(event.workflow)
            run.version += 1
            handler(run, event)
        if count:
            self.first_at = first_at
            self.applied += count

    def settle(self, now: float) -> None:
        """Find who is gone by now; before rows are made."""
        self.work.settle(now, self._lost_after)

    def _new_run(self, workflow: str) -> Run:
        if len(self.runs) >= MOST_RUNS:
            gone = min(self.runs.values(), key=lambda run: (run.span.finished_at is None, run.span.started_at or 0.0))
            self.work.forget_run(gone)
            del self.runs[gone.id]
            self.forgotten_runs += 1
        run = self.runs[workflow] = Run(workflow)
        return run

    def _run_started(self, run: Run, event: Event) -> None:
        over = run.span.finished_at is not None
        run.span.start(event.at)
        name = run.name
        run.announce(event)
        if run.name != name:
            for phase in ("", *run.phases):
                self.past.forget(name, phase, run.id)
        self._note_all(run)
        self._turned(run, over)

    def _run_finished(self, run: Run, event: Event) -> None:
        over = run.span.finished_at is not None
        run.span.finish(event.at, event.status)
        self._note_all(run)
        self._turned(run, over)

    def _turned(self, run: Run, before: bool) -> None:
        over = run.span.finished_at is not None
        if over is not before:
            self.work.run_over(run, over=over)

    def _phase_started(self, run: Run, event: Event) -> None:
        phase = run.phase(event.phase)
        phase.span.start(event.at)
        phase.estimate_s = phase.estimate_s if event.estimate_s is None else event.estimate_s
        run.span.sign(event.at)
        self._note(run, phase)

    def _phase_finished(self, run: Run, event: Event) -> None:
        phase = run.phase(event.phase)
        phase.span.finish(event.at, event.status)
        run.span.sign(event.at)
        self._note(run, phase)

    def _note_all(self, run: Run) -> None:
        for phase in run.phases.values():
            self._note(run, phase)
        self._note(run, None)

    def _note(self, run: Run, phase: Phase | None) -> None:
        """Keep for the next runs how long it took; of the whole run without a phase."""
        span, name = (run.span, "") if phase is None else (phase.span, phase.name)
        began, start, end = run.span.started_at, span.started_at, span.finished_at
        if began is None or start is None or end is None or span.ended is not WorkState.OK:
            self.past.forget(run.name, name, run.id)
        else:
            self.past.note(run.name, name, run.id, began, max(0.0, end - start))

    def _conflict(self, event: Event) -> None:
        """Known, but nothing is counted of it yet; who tells it is alive."""
        if event.agent:
            self.crew.heard(event.agent, event.at)

    def _mark(self, event: Event) -> None:
        mark = (event.at, event.name)
        if mark not in self.marks:
            insort(self.marks, mark)
            del self.marks[:-_MOST_MARKS]
