"""Coordinated omission: a server that stands still is seen by everybody who would have come meanwhile."""

from __future__ import annotations

import asyncio
import time

import pytest

from perftui.load.record import limited_by
from tests.unit.load.misbehaving import OK, serving
from tests.unit.load.runs import job, run

_STALL_S = 1.0


def test_a_stall_counts_for_every_arrival_in_it_not_only_for_those_that_had_a_connection() -> None:
    """Every request from the 20th on, for a second, is answered when that second is over.

    Of 300 arrivals in 3 s a hundred fall into it: a third, whose response times are even from 1 s down to 0. Two users
    in a closed loop would have had two slow answers.
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
        what = job(port, rate=100, seconds=3.0, connections=2)
        result = run(what)

    response = result.tally.response()
    slow = sum(number for index, number in response.counts.items() if index > 0 and _ms_of(index) > 100)
    assert result.tally.done == 300
    assert slow >= 88
    assert result.tally.service.n == 300
    assert sum(number for index, number in result.tally.service.counts.items() if _ms_of(index) > 500) < 20
    assert response.quantile(0.9) == pytest.approx(0.7e9, rel=0.25)
    assert limited_by(result, what) in ("connections", "generator")


def _ms_of(index: int) -> float:
    from perftui.load.histogram import middle

    return middle(index) / 1e6
