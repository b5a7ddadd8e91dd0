"""Keys in the company of a source that hangs: the screen must not wait for what the session waits for."""

from __future__ import annotations

import random
import time

from benchmarks.terminal.exporter import Exporter
from benchmarks.terminal.pressing import Press, presses
from benchmarks.terminal.starting import start
from benchmarks.terminal.subjects import Subject, focus

HANG_S = 10.0


def while_hanging(
    subject: Subject, service: Exporter, keys: int, chance: random.Random
) -> tuple[list[Press], list[Press]]:
    """Keys while all is well, and keys of the same console while the service that it scrapes hangs."""
    with subject.start() as program:
        start(subject, program)
        program.pass_time(3.0)
        well = presses(program, subject.keys, keys, focus, chance=chance)
        began = time.perf_counter()
        service.hang(HANG_S)
        program.pass_time(1.0)
        hanging: list[Press] = []
        while time.perf_counter() - began < HANG_S - 1.0 and len(hanging) < keys:
            hanging += presses(program, subject.keys, 2, focus, chance=chance)
        program.pass_time(max(0.0, began + HANG_S - time.perf_counter()))
        return well, hanging
