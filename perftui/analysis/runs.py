"""A run of a workflow as works that can be replayed: what waited for what, and when the rest was asked for.

Tasks of a phase are asked for some time after the phases before it are over; that lag is kept, so that a phase that
begins earlier is worked off earlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from perftui.analysis.replay import Work
from perftui.domain.workflow import PhaseRow, TaskRow


def works_of(tasks: Sequence[TaskRow], phases: Sequence[PhaseRow], start: float, now: float) -> list[Work]:
    """Every task that has begun, with gates for its phases; one that still runs lasts until ``now``.

    Zero is ``start``. Earlier attempts of a task count as part of it.
    """
    begun = [task for task in tasks if task.started_at is not None]
    ends = {task.task: now if task.finished_at is None else task.finished_at for task in begun}
    before = _phases_before(phases)
    by_phase: dict[str, list[TaskRow]] = defaultdict(list)
    for task in begun:
        by_phase[task.phase].append(task)
    works = [
        Work(_gate(phase), 0.0, after=tuple(task.task for task in of_it), gate=True)
        for phase, of_it in by_phase.items()
    ]
    phase_ends = {phase: max(ends[task.task] for task in of_it) for phase, of_it in by_phase.items()}
    for task in begun:
        gates = [phase for phase in before.get(task.phase, ()) if phase in by_phase]
        works.append(_work(task, gates, ends, phase_ends, start))
    return works


def _work(
    task: TaskRow, gates: Sequence[str], ends: Mapping[str, float], phase_ends: Mapping[str, float], start: float
) -> Work:
    begun = task.started_at or start
    asked = begun - task.wasted_s if task.queued_at is None else min(task.queued_at, begun)
    awaited = [phase_ends[phase] for phase in gates] + [ends[name] for name in task.after if name in ends]
    return Work(
        key=task.task,
        duration_s=max(0.0, ends[task.task] - begun) + task.wasted_s,
        release_s=0.0 if awaited else max(0.0, asked - start),
        after=(*map(_gate, gates), *task.after),
        lag_s=max(0.0, asked - max(awaited)) if awaited else 0.0,
    )


def _phases_before(phases: Sequence[PhaseRow]) -> dict[str, tuple[str, ...]]:
    """What each phase waits for: as announced, else every phase that was over when it began."""
    if any(phase.after for phase in phases):
        return {phase.phase: phase.after for phase in phases}
    return {
        phase.phase: tuple(
            other.phase
            for other in phases
            if other.finished_at is not None and phase.started_at is not None and other.finished_at <= phase.started_at
        )
        for phase in phases
    }


def _gate(phase: str) -> str:
    """A key that no task can have: names of tasks are cleaned of control characters."""
    return f"\x00{phase}"
