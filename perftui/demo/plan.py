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
# the last tasks of the build are queued together with this one, and wait for it: nothing hides it when it is late
LINK = "build-link"
_WAITING_FOR_LINK = 4


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
    dice = random.Random(_SEED)  # noqa: S311 (the same every time, no secret)
    return (
        _phase("setup", (), 2.5, dice),
        _phase("build", ("setup",), 7.5, dice),
        _phase("test", ("build",), 6.0, dice),
        _phase("deploy", ("test",), 2.5, dice),
    )


def _phase(name: str, after: tuple[str, ...], span_s: float, dice: random.Random) -> PhasePlan:
    """One task for each agent at once, then arrivals at random; their number and the last one's time are given."""
    count = round(span_s * _PACE)
    link = count - 1 - _WAITING_FOR_LINK if name == "build" else count
    gaps = [dice.expovariate(1.0) if AGENTS <= number <= link else 0.0 for number in range(count)]
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    dice.shuffle(kinds)
    tasks: list[TaskPlan] = []
    at = 0.0
    for number, (gap, kind) in enumerate(zip(gaps, kinds, strict=True)):
        at += gap * span_s / sum(gaps)
        if number == link:
            tasks.append(TaskPlan(LINK, "hash", at))
        else:
            tasks.append(TaskPlan(f"{name}-{number + 1:03}", kind, at, (LINK,) if number > link else ()))
    tail_s = _TAIL_S if link == count else 2 * _TAIL_S
    return PhasePlan(name, after, span_s + tail_s, tuple(tasks))
