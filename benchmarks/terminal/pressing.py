"""From a key to its picture: when the output came that first showed what the key does, and how much was sent."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.terminal.program import Program
from benchmarks.terminal.screen import Screen

_SILENCE_S, _SILENCE_LIMIT_S = 0.1, 1.5
_AFTER_S, _AFTER_LIMIT_S = 0.03, 0.3


class Press(NamedTuple):
    """``seconds`` None: nothing came in time."""

    seconds: float | None
    bytes: int


def press(program: Program, key: str, effect: Callable[[Screen], object] | None, limit_s: float) -> Press:
    """``effect`` differs once the key has done its work; without it any change of a cell counts."""
    while program.pump(0.0):
        pass
    screen = program.screen
    screen.changed()
    before = effect(screen) if effect else None
    size, took = 0, None
    began = program.type(key)
    while took is None and (left := began + limit_s - time.perf_counter()) > 0:
        chunk = program.pump(left)
        if chunk is None:
            break
        size += len(chunk.data)
        if screen.changed() and (effect is None or effect(screen) != before):
            took = chunk.at - began
    end = time.perf_counter() + _AFTER_LIMIT_S
    while time.perf_counter() < end and (chunk := program.pump(_AFTER_S)):
        size += len(chunk.data)
    return Press(took, size)


def presses(
    program: Program,
    keys: tuple[str, ...],
    count: int,
    effect: Callable[[Screen], object] | None = None,
    *,
    limit_s: float = 1.0,
    chance: random.Random,
) -> list[Press]:
    """Keys at moments when the program is silent, so that what comes is theirs."""
    found = []
    for number in range(count):
        program.quiet(_SILENCE_S, _SILENCE_LIMIT_S)
        program.pass_time(chance.uniform(0.0, 0.05))
        found.append(press(program, keys[number % len(keys)], effect, limit_s))
    return found
