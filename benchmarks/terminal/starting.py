"""From a start to the first picture that tells something, and to all panels live and keys working.

What comes in the first moments is only stamped, and drawn afterwards: drawing it at once would take the CPU from the
program, and the meter would measure itself.
"""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

from benchmarks.terminal.processes import Cpu, cpu_of
from benchmarks.terminal.program import Chunk, Program
from benchmarks.terminal.subjects import ROOT, Subject

_HANDS_OFF_S = 1.5
_PATIENCE_S = 30.0


class MuteError(Exception):
    """A program never showed what it should; in words, with its screen."""


class Started(NamedTuple):
    """Seconds since the start: first byte, first telling picture, all live and a key answered; CPU until then."""

    first_byte_s: float
    shown_s: float
    ready_s: float
    shown_cpu: Cpu
    ready_cpu: Cpu


def start(subject: Subject, program: Program) -> Started:
    """Raises MuteError when it never gets there."""
    time.sleep(_HANDS_OFF_S)
    first: Chunk | None = None
    shown: Chunk | None = None
    live: Chunk | None = None
    end = time.perf_counter() + _PATIENCE_S
    while live is None:
        chunk = program.pump(0.1)
        if chunk is None:
            _still_there(subject, program, end)
            continue
        first = first or chunk
        shown = shown or (chunk if subject.shows(program.screen) else None)
        live = chunk if subject.live(program.screen) else None
    answered = _press(subject, program)
    assert first is not None  # noqa: S101 (nothing is live before it)
    assert shown is not None  # noqa: S101 (as above)
    began = program.started
    return Started(first.at - began, shown.at - began, live.at - began, shown.cpu, live.cpu.plus(answered))


def _press(subject: Subject, program: Program) -> Cpu:
    """What the first key costs until its answer is there."""
    while program.pump(0.0):
        pass
    program.screen.changed()
    before = cpu_of(program.pid)
    program.type(subject.keys[0])
    end = time.perf_counter() + _PATIENCE_S
    while True:
        chunk = program.pump(0.1)
        if chunk is None:
            _still_there(subject, program, end)
        elif program.screen.changed():
            return chunk.cpu.since(before)


def _still_there(subject: Subject, program: Program, end: float) -> None:
    if not program.lives or time.perf_counter() > end:
        raise MuteError(f"{subject.name} never showed what it should; on its screen:\n{program.screen.text}")


def empty_start_s() -> float:
    """Seconds until a Python that does nothing has ended, started in the same way."""
    with Program((sys.executable, "-c", "pass"), cwd=ROOT) as program:
        return program.wait() - program.started
