"""Rules of workflows: tasks that take far longer than their kind, and that the whole run waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perftui.analysis.metrics import makespan_name, most_at_once
from perftui.analysis.quantiles import percentile
from perftui.analysis.replay import replay
from perftui.analysis.rules.estimates import from_pairs, less, limit
from perftui.analysis.rules.signals import Signals, WorkflowSignals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.analysis.runs import works_of
from perftui.domain.findings import Effort, Evidence
from perftui.domain.text import clean
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import TaskRow

LIMITS = {
    "wf6_factor": 3.0,  # a straggler takes more than that many times the median of its kind
    "wf6_tasks": 20.0,  # of a run that ended, to be looked at
}
_LEAST_OF_A_KIND = 5
_FULL_TASKS = 50
_MOST_RUNS = 12
_MOST_TASKS = 40_000  # of all runs that are replayed: about half a second


class _Kind(NamedTuple):
    """What tasks of a kind usually take."""

    median_s: float
    p75_s: float


class _Saving(NamedTuple):
    """One run replayed as it was, and with its stragglers as long as the 75th percentile of their kind.

    Without stragglers there is nothing to replay.
    """

    run: WorkflowSignals
    now_s: float
    then_s: float
    stragglers: Sequence[tuple[TaskRow, float]]
    slots: int

    @property
    def matters(self) -> bool:
        """Whether a straggler lies on the critical path: the run would end earlier without."""
        return self.then_s < self.now_s


def _wf6(signals: Signals) -> Sequence[Verdict]:
    if not signals.workflows:
        return (Blind("", "needs a workflow's events"),)
    by_name: dict[str, list[WorkflowSignals]] = defaultdict(list)
    for run in signals.workflows:
        by_name[run.row.name].append(run)
    return [_straggling(signals, name, runs) for name, runs in by_name.items()]


def _straggling(signals: Signals, name: str, runs: Sequence[WorkflowSignals]) -> Verdict:
    least = limit(signals, LIMITS, "wf6_tasks")
    newest = sorted(runs, key=lambda run: run.row.started_at or 0.0, reverse=True)
    enough = [run for run in newest if _finished(run) >= least][:_MOST_RUNS]
    if not enough:
        most = max(_finished(run) for run in runs)
        return Blind(name, f"needs {least:.0f} tasks of a run that ended: {most}")
    kinds = _kinds(enough)
    factor = limit(signals, LIMITS, "wf6_factor")
    savings = _savings(signals, enough, kinds, factor)
    if not savings:
        return Quiet(name, f"no task on the critical path takes {factor:g} times the median of its kind")
    return _found(name, savings, kinds, factor)


def _savings(
    signals: Signals, runs: Sequence[WorkflowSignals], kinds: Mapping[str, _Kind], factor: float
) -> list[_Saving]:
    """Of the newest runs that are over and had stragglers; of the one that still runs when no other had."""
    over: list[_Saving] = []
    live = None
    tasks = 0
    for run in runs:
        tasks += len(run.tasks)
        if tasks > _MOST_TASKS and over:
            break
        saving = _saving(run, kinds, factor, signals.now)
        if not run.row.state.is_over:
            live = live or (saving if saving.matters else None)
        elif saving.matters:
            over.append(saving)
        else:
            break
    # the oldest of several may have begun before its tasks became slow
    return over[:-1] if len(over) > 1 else over or ([live] if live else [])


def _saving(run: WorkflowSignals, kinds: Mapping[str, _Kind], factor: float, now: float) -> _Saving:
    begun = [task.started_at for task in run.tasks if task.started_at is not None]
    start = run.row.started_at if run.row.started_at is not None else min(begun)
    stragglers = [
        (task, span)
        for task in run.tasks
        if (span := _span(task, now)) is not None and task.kind in kinds and span > factor * kinds[task.kind].median_s
    ]
    if not stragglers:
        return _Saving(run, 0.0, 0.0, (), run.slots)
    works = works_of(run.tasks, run.phases, start, now)
    shorter = {task.task: span - kinds[task.kind].p75_s for task, span in stragglers}
    mended = [
        work._replace(duration_s=work.duration_s - shorter[work.key]) if work.key in shorter else work for work in works
    ]
    slots = _slots(run, now)
    return _Saving(run, replay(works, slots).makespan_s, replay(mended, slots).makespan_s, stragglers, slots)


def _slots(run: WorkflowSignals, now: float) -> int:
    """Those that are there; those that were seen at work when all agents have left, or come and go with their tasks."""
    ends = [(task.started_at, now if task.finished_at is None else task.finished_at) for task in run.tasks]
    return run.slots if run.slots > 0 else most_at_once((begin, end) for begin, end in ends if begin is not None)


def _kinds(runs: Sequence[WorkflowSignals]) -> dict[str, _Kind]:
    spans: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for task in run.tasks:
            if task.duration_s is not None:
                spans[task.kind].append(task.duration_s)
    ordered = {kind: sorted(its) for kind, its in spans.items() if len(its) >= _LEAST_OF_A_KIND}
    return {kind: _Kind(percentile(its, 0.5), percentile(its, 0.75)) for kind, its in ordered.items()}


def _found(name: str, savings: Sequence[_Saving], kinds: Mapping[str, _Kind], factor: float) -> Found:
    newest = savings[0]
    task, span = max(newest.stragglers, key=lambda one: one[1] / kinds[one[0].kind].median_s)
    usual = kinds[task.kind].median_s
    before, after = [one.now_s for one in savings], [one.then_s for one in savings]
    estimate = from_pairs(before, after, 1 - sum(after) / sum(before))
    many = len(newest.stragglers)
    which = f"the straggler {clean(task.task, 60)}" if many == 1 else f"{many} stragglers"
    text = (
        f"{clean(task.task, 80)} took {format_value(span, Unit.SECONDS)}, {span / usual:.1f} times the median of "
        f"{clean(task.kind, 40)} ({format_value(usual, Unit.SECONDS)}), limit {factor:g}"
    )
    replayed = (
        f"replayed: {format_value(newest.now_s, Unit.SECONDS)} becomes {format_value(newest.then_s, Unit.SECONDS)}"
    )
    n = _finished(newest.run)
    evidence = (
        Evidence("", text, span, Unit.SECONDS, n, newest.now_s),
        Evidence("", f"{newest.run.row.workflow} {replayed}", newest.then_s, Unit.SECONDS, n, newest.now_s),
    )
    assumptions = [
        f"{'a straggler' if many == 1 else 'each straggler'} can be as fast as the 75th percentile of its kind",
        f"{newest.slots} slots, tasks started in the order in which they became ready",
    ]
    if not newest.run.row.state.is_over:
        assumptions.append("the run is not over: its rest is as what is known of it")
    return Found(
        target=name,
        title=f"Split or speed up {which} of {name}",
        effort=Effort.MEDIUM,
        impact=less(makespan_name(name), Unit.SECONDS, newest.now_s, estimate.gain, f"{len(savings)} runs {replayed}"),
        gain=estimate.gain,
        n=n,
        n_min=_FULL_TASKS,
        evidence=evidence,
        steps=(
            f"Compare the input of {clean(task.task, 60)} with its peers",
            "Split it, or start it first",
            "Run again",
        ),
        text=text,
        confidence=estimate.confidence,
        assumptions=tuple(assumptions),
    )


def _finished(run: WorkflowSignals) -> int:
    return sum(task.duration_s is not None for task in run.tasks)


def _span(task: TaskRow, now: float) -> float | None:
    """How long it took, or takes by now."""
    if task.started_at is None or (task.finished_at is None and task.state.is_over):
        return None
    return max(0.0, (now if task.finished_at is None else task.finished_at) - task.started_at)


RULES = (Rule("WF6", "Stragglers", (), LIMITS, _wf6),)
