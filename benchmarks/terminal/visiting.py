"""One visit to one program: start it, let its charts fill, watch it, press keys, freeze it if it can, and leave it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.terminal.pressing import Press, presses
from benchmarks.terminal.program import Program
from benchmarks.terminal.starting import Started, start
from benchmarks.terminal.steady import Steady, watch
from benchmarks.terminal.subjects import PERFTUI, STOCK, Subject, focus

_FROZEN_S = 5.0
_STILL_S, _STILL_LIMIT_S = 2.0, 10.0


@dataclass
class Notes:
    """What all visits to one program found. ``fresh`` is a user's very first start, ``started`` the one after it."""

    fresh: list[Started] = field(default_factory=list)
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
    """Everything of the plan, in two starts of the program by one user."""
    with tempfile.TemporaryDirectory(prefix="perftui-bench-", ignore_cleanup_errors=True) as name:
        with subject.start(Path(name), stamp_cpu=True) as program:
            notes.fresh.append(start(subject, program))
            notes.left.append(program.finish(subject.leave))
        with subject.start(Path(name), stamp_cpu=True) as program:
            notes.started.append(start(subject, program))
            program.stamp_cpu = False
            _look(subject, program, notes, plan)
            notes.left.append(program.finish(subject.leave))


def _look(subject: Subject, program: Program, notes: Notes, plan: Plan) -> None:
    own = subject.name in (PERFTUI, STOCK)
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


def watched(subject: Subject, warm_s: float, seconds: float) -> Steady:
    """What one costs, without keys."""
    with subject.start() as program:
        start(subject, program)
        program.pass_time(warm_s)
        return watch(program, seconds)
