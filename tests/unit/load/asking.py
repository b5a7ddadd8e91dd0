"""Calls through a pool in this process: quicker than a run of the engine, and every answer is seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

from perftui.load.checks import Answer
from perftui.load.connection import Call
from perftui.load.dial import tls_context
from perftui.load.job import Job
from perftui.load.ledger import Ledger
from perftui.load.pool import Pool
from perftui.load.tally import Tally


class Asked(NamedTuple):
    """What was told of every call, in the order in which they were over, and what was counted."""

    told: list[tuple[Answer | None, str]]
    tally: Tally

    @property
    def kinds(self) -> list[str]:
        return [error for _, error in self.told]


def asked(what: Job, calls: int = 1, requests: Sequence[bytes] = (b"",), at_once: bool = False) -> Asked:
    """So many calls with these requests in turn; the next when one is over, or all ``at_once``."""
    return asyncio.run(_Asking(what, calls, requests).whole(at_once))


class _Asking:
    def __init__(self, what: Job, calls: int, requests: Sequence[bytes]) -> None:
        self._calls, self._requests, self._made = calls, requests, 0
        self._ledger = Ledger([target.name for target in what.targets])
        self._pool = Pool(what, tls_context(what.tls), lambda _: self._ledger)
        self._told: list[tuple[Answer | None, str]] = []
        self._over = asyncio.Event()

    async def whole(self, at_once: bool) -> Asked:
        expiring = asyncio.get_running_loop().create_task(self._expire())
        for _ in range(self._calls if at_once else 1):
            self._next()
        try:
            await asyncio.wait_for(self._over.wait(), 60)
        finally:
            expiring.cancel()
            self._pool.close()
        return Asked(self._told, self._ledger.tally())

    def _next(self) -> None:
        now = time.perf_counter_ns()
        request = self._requests[self._made % len(self._requests)]
        self._made += 1
        self._pool.submit(Call(now, now, 0, request, done=self._done))

    def _done(self, _: Call, answer: Answer | None, error: str) -> None:
        self._told.append((answer, error))
        if len(self._told) == self._calls:
            self._over.set()
        elif self._made < self._calls:
            self._next()

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            self._pool.expire()
