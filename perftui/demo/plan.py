"""What one run of the demo's workflow consists of: phases, and tasks with the times at which they arrive.

Every run has the same tasks at the same times, so that two runs differ only in what happened to them. The pace is that
of a pool of six that is busy for about two thirds of the time.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import NamedTuple

AGENTS = 6
# tasks a second: at 0.31 s a task, six agents are busy for 0.7 of a phase
_PACE = 13.4
# what a phase takes beyond the arrival of its last task
_TAIL_S = 0.4
_SEED = 20
KINDS = ("hash", "compress", "fetch")
# in the build, the last tasks wait for this one, which arrives just before them: nothing hides it when it is late
LINK = "build-link"
_WAITING_FOR_LINK = 4
_BEFORE_LINK = 4


class TaskPlan(NamedTuple):
    """``arrives_s`` counts from the beginning of its phase; ``after`` are tasks that have to be over before it."""

    task: str
    kind: str
    arrives_s: float
    after: tuple[str, ...] = ()


class PhasePlan(NamedTuple):
    """``after`` are phases that have to be over before it; tasks are in the order of their arrival."""

    name: str
    after: tuple[str, ...]
    estimate_s: float
    tasks: tuple[TaskPlan, ...]


@lru_cache(maxsize=1)
def phases() -> tuple[PhasePlan, ...]:
    """The phases of a run, about 20 s long together."""
    dice = random.Random(_SEED)  # noqa: S311
    return (
        _phase("setup", (), 2.5, dice),
        _phase("build", ("setup",), 7.5, dice),
        _phase("test", ("build",), 6.0, dice),
        _phase("deploy", ("test",), 2.5, dice),
    )


def _phase(name: str, after: tuple[str, ...], span_s: float, dice: random.Random) -> PhasePlan:
    """One task for each agent at once, then arrivals at random; their number and the last one's time are given."""
    count = round(span_s * _PACE)
    gaps = [dice.expovariate(1.0) if number >= AGENTS else 0.0 for number in range(count)]
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    dice.shuffle(kinds)
    link = count - _WAITING_FOR_LINK - _BEFORE_LINK if name == "build" else count
    tasks: list[TaskPlan] = []
    at = 0.0
    for number, (gap, kind) in enumerate(zip(gaps, kinds, strict=True)):
        at += gap * span_s / sum(gaps)
        if number == link:
            tasks.append(TaskPlan(LINK, "hash", at))
        else:
            waits = (LINK,) if number >= link + _BEFORE_LINK else ()
            tasks.append(TaskPlan(f"{name}-{number + 1:03}", kind, at, waits))
    return PhasePlan(name, after, span_s + _TAIL_S, tuple(tasks))
