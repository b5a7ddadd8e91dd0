"""One visit to one program: start it, let its charts fill, watch it, press keys, freeze it if it can, and leave it."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from benchmarks.terminal.pressing import Press, presses
from benchmarks.terminal.starting import Started, start
from benchmarks.terminal.steady import Steady, watch
from benchmarks.terminal.subjects import PERFTUI, STOCK, Subject, focus

_FROZEN_S = 5.0
_STILL_S, _STILL_LIMIT_S = 2.0, 10.0


@dataclass
class Notes:
    """What all visits to one program found."""

    started: list[Started] = field(default_factory=list)
    steady: list[Steady] = field(default_factory=list)
    frozen: list[Steady] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    rows: list[Press] = field(default_factory=list)
    left: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a visit looks at, and for how long (seconds)."""

    only: Collection[str]
    warm_s: float
    seconds: float
    keys: int
    chance: random.Random


def visit(subject: Subject, notes: Notes, plan: Plan) -> None:
    """Everything of the plan, in one start of the program."""
    own = subject.name in (PERFTUI, STOCK)
    with subject.start(stamp_cpu=True) as program:
        notes.started.append(start(subject, program))
        program.stamp_cpu = False
        if {"bytes", "cpu"} & set(plan.only):
            program.pass_time(plan.warm_s)
            notes.steady.append(watch(program, plan.seconds))
        if "keys" in plan.only:
            notes.presses += presses(program, subject.keys, plan.keys, focus if own else None, chance=plan.chance)
        if own and "keys" in plan.only:
            program.type("9")
            program.pass_time(4.0)
            notes.rows += presses(program, ("\x1b[B", "\x1b[A"), plan.keys // 2, chance=plan.chance)
            program.type("1")
            program.pass_time(1.0)
        if own and "frozen" in plan.only:
            program.type(" ")
            program.pass_time(1.0)
            program.quiet(_STILL_S, _STILL_LIMIT_S)
            notes.frozen.append(watch(program, _FROZEN_S))
        notes.left.append(program.finish(subject.leave))


def watched(subject: Subject, warm_s: float, seconds: float) -> Steady:
    """What one costs, without keys."""
    with subject.start() as program:
        start(subject, program)
        program.pass_time(warm_s)
        return watch(program, seconds)
