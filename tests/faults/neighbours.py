"""Who lives beside a source that is tried: its faults are not to be theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from perftui.domain.errors import ErrorKind
from perftui.domain.samples import Batch
from perftui.session.collector import Collector
from perftui.sources.base import Source
from tests.fakes import FakeSource
from tests.faults.stolen_time import StolenTime

# of the sources that are tried; the scenarios say it in their words
TIMEOUT_S = 1.0
# the issue's own figure: the reason is on screen within the timeout and this
GRACE_S = 0.5
INTERVAL_S = 0.25
# of the neighbours, that are not to fail on a busy machine: how often they are polled is what is looked at
PATIENT_S = 5.0
_PATIENCE_S = 20.0


async def timed(source: Source, stolen: StolenTime) -> tuple[Batch, float]:
    """A poll, and how long it took the program."""
    started, taken = time.monotonic(), stolen.total_s
    batch = await source.poll()
    return batch, time.monotonic() - started - (stolen.total_s - taken)


async def polled(source: Source, stolen: StolenTime) -> Batch:
    """A poll of a server that is well: once more, when it timed out because the machine took the time away."""
    taken = stolen.total_s
    batch = await source.poll()
    if batch.error is None or batch.error.kind is not ErrorKind.TIMEOUT or stolen.total_s - taken < TIMEOUT_S / 4:
        return batch
    return await polled(source, stolen)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that comes by itself."""
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.005)


class Neighbours:
    """A healthy source and one that can't fail, polled every ``INTERVAL_S`` beside the one that is tried."""

    def __init__(self, source: Source, stolen: StolenTime) -> None:
        self._source = source
        self._control = FakeSource([Batch("control", 0.0, 0.0)], name="control", interval_s=INTERVAL_S)
        self._stolen = stolen
        self._collectors = [
            Collector(source, lambda *_: None, wall=time.time, random=lambda: 0.5)
            for source in (self._source, self._control)
        ]

    async def __aenter__(self) -> Neighbours:
        await self._source.poll()
        self._taken, self._started = self._stolen.total_s, time.monotonic()
        self._tasks = [asyncio.ensure_future(collector.run()) for collector in self._collectors]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self._source.close()

    def check(self) -> None:
        """Nobody was late, and no poll of either was left out."""
        health = self._collectors[0].health(time.time())
        lost = 1 + (self._stolen.total_s - self._taken) / INTERVAL_S
        due = (time.monotonic() - self._started) / INTERVAL_S
        assert (health.failures, health.late, health.error) == (0, 0, None)
        assert self._control.polls >= due - lost, "the loop stood still"
        assert health.polls >= self._control.polls - lost, "the neighbour waited"
