"""A pool tells whoever asks what came of a call: the answer with its body, and the kind of error."""

from __future__ import annotations

import asyncio
import time

from perftui.load.checks import Answer
from perftui.load.connection import Call
from perftui.load.job import Job, Target
from perftui.load.pool import Pool
from perftui.load.tally import Tally
from tests.unit.load.misbehaving import OK, says, serving
from tests.unit.load.runs import REQUEST, job

_POST = b"POST /made HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"


def _told(what: Job, calls: int, request: bytes = b"") -> list[tuple[Answer | None, str]]:
    """What is told of so many calls that are made at once."""

    async def whole() -> list[tuple[Answer | None, str]]:
        tally = Tally()
        pool = Pool(what, None, lambda _: tally)
        told: list[tuple[Answer | None, str]] = []
        over = asyncio.Event()

        def done(_: Call, answer: Answer | None, error: str) -> None:
            told.append((answer, error))
            if len(told) == calls:
                over.set()

        for _ in range(calls):
            now = time.perf_counter_ns()
            pool.submit(Call(now, now, 0, request, done=done))
        await asyncio.wait_for(over.wait(), 60)
        pool.close()
        return told

    return asyncio.run(whole())


def test_a_call_is_told_its_answer_with_head_and_body() -> None:
    target = Target("home", REQUEST, keeps_answer=True)
    with serving(says(OK)) as port:
        ((answer, error),) = _told(job(port, targets=(target,)), 1)

    assert answer is not None
    assert (answer.status, answer.body, error) == (200, b"ok", "")
    assert answer.head.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 2")
    assert answer.service_ns > 0


def test_a_call_may_bring_a_request_of_its_own() -> None:
    seen: list[bytes] = []
    with serving(says(OK), seen=seen) as port:
        _told(job(port), 1, _POST)

    assert seen == [_POST]


def test_a_call_without_an_answer_is_told_why() -> None:
    with serving(says(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        assert _told(job(port), 1) == [(None, "garbage")]
    assert _told(job(port), 1) == [(None, "refused")]


def test_a_call_that_finds_no_place_is_told_that_it_was_dropped() -> None:
    with serving(says(OK)) as port:
        told = _told(job(port, connections=1, backlog=1), 3)

    assert sorted(error for _, error in told) == ["", "", "dropped"]
