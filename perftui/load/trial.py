"""Every step of a plan once, in order, as one user with one row of data: what came back, and what was taken from it.

It is the engine's own pool and journeys that do it, so what is seen here is what a load would do; nobody waits between
the steps, and nothing is measured beyond this.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import msgspec

from perftui.load.checks import Answer
from perftui.load.connection import ONWARD, Call
from perftui.load.flow import Flow
from perftui.load.job import Job
from perftui.load.journey import Journeys
from perftui.load.ledger import Ledger
from perftui.load.transport import pool_of

_EXPIRE_S = 0.02


class Tried(msgspec.Struct):
    """One step. ``error`` is empty for a good answer; ``status`` and ``ms`` (service) are None without an answer.

    ``extracted`` has None for what was not there. ``is_tried`` is false for a step whose journey ended before it.
    """

    name: str
    is_tried: bool = True
    status: int | None = None
    error: str = ""
    ms: float | None = None
    bytes: int = 0
    redirects: int = 0
    checks: dict[str, bool] = {}
    extracted: dict[str, str | None] = {}


async def try_out(job: Job) -> list[Tried]:
    """One for each target of the job. Raises PerftuiError when a data file can't be read."""
    return await _Trial(job).run()


class _Trial:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._ledger = self._fresh()
        self._pool = pool_of(job, lambda call: self._ledger)
        self._found = [Tried(target.name, is_tried=False) for target in job.targets]
        self._over = asyncio.Event()

    async def run(self) -> list[Tried]:
        flow = self._job.flow
        journeys = self._journeys(flow) if flow is not None else None
        try:
            for index in range(len(self._found)):
                if flow is not None and flow.is_journey and index:
                    break
                self._over.clear()
                now = time.perf_counter_ns()
                if journeys is not None:
                    journeys.begin(now, now, index)
                else:
                    self._send(Call(now, now, index, done=self._alone))
                await self._until_over()
        finally:
            self._pool.close()
            if journeys is not None:
                journeys.close()
        return self._found

    def _fresh(self) -> Ledger:
        return Ledger([target.name for target in self._job.targets])

    def _journeys(self, flow: Flow) -> Journeys:
        quick = msgspec.structs.replace(
            flow, steps=tuple(msgspec.structs.replace(step, think_s=(0.0, 0.0)) for step in flow.steps)
        )
        journeys = Journeys(self._job, quick, self._send, self._send, lambda call: self._ledger, self._over.set)
        journeys.extracted = self._took
        journeys.unsent = self._unsent
        return journeys

    async def _until_over(self) -> None:
        """As long as the deadlines of its requests allow."""
        while not self._over.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._over.wait(), _EXPIRE_S)
            self._pool.expire()

    def _send(self, call: Call) -> None:
        told = call.done

        def done(call: Call, answer: Answer | None, error: str) -> None:
            self._note(call, answer, error)
            if told is not None:
                told(call, answer, error)

        call.done = done
        self._pool.submit(call)

    def _alone(self, call: Call, answer: Answer | None, error: str) -> None:
        self._over.set()

    def _note(self, call: Call, answer: Answer | None, error: str) -> None:
        found = self._found[call.target]
        if error == ONWARD:
            found.redirects += 1
            return
        tally, self._ledger = self._ledger.tally(), self._fresh()
        found.is_tried, found.error, found.bytes = True, error, tally.bytes
        found.status = answer.status if answer is not None else None
        found.ms = round(tally.service.high / 1e6, 3) if tally.service.n else None
        found.checks = {text: not broken for text, (_, broken) in tally.checks.items()}

    def _took(self, index: int, name: str, value: str | None) -> None:
        self._found[index].extracted = {**self._found[index].extracted, name: value}

    def _unsent(self, index: int, error: str) -> None:
        self._ledger = self._fresh()
        self._found[index].is_tried, self._found[index].error = True, error
