"""Coordinated omission: a server that stands still is seen by everybody who would have come meanwhile."""

from __future__ import annotations

import asyncio
import time

from perftui.load.record import limited_by
from tests.unit.load.misbehaving import OK, serving
from tests.unit.load.runs import job, run

_STALL_S = 1.0


def test_a_stall_counts_for_every_arrival_in_it_not_only_for_those_that_had_a_connection() -> None:
    """Every request from the 20th on, for a second, is answered when that second is over.

    Of 200 arrivals in 2 s a hundred fall into it: half, whose response times are even from 1 s down to 0, so that a
    tenth of all took 0.8 s or more. Two users in a closed loop would have had two slow answers. A busy machine makes
    response times longer, never shorter.
    """
    stands_until = 0.0
    count = 0

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count, stands_until
        count += 1
        if count == 20:
            stands_until = time.monotonic() + _STALL_S
        await asyncio.sleep(max(0.0, stands_until - time.monotonic()))
        writer.write(OK)
        await writer.drain()

    with serving(answer) as port:
        what = job(port, rate=100, seconds=2.0, connections=2)
        result = run(what)

    response = result.tally.response()
    slow = sum(number for index, number in response.counts.items() if index > 0 and _ms_of(index) > 100)
    assert result.tally.done == 200
    assert slow >= 88
    assert result.tally.service.n == 200
    # of those two that had a connection it is told twice, of the others only here
    assert sum(number for index, number in result.tally.service.counts.items() if _ms_of(index) > 500) < slow / 2
    assert (response.quantile(0.9) or 0.0) > 0.6e9
    assert limited_by(result, what) in ("connections", "generator")


def _ms_of(index: int) -> float:
    from perftui.load.histogram import middle

    return middle(index) / 1e6
