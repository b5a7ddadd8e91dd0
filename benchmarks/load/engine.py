"""One run of the engine for a benchmark: a job, its process, what it told."""

from __future__ import annotations

import asyncio

from perftui.load.job import Address, Job, Model, Target
from perftui.load.launch import Launch
from perftui.load.run import Run
from perftui.load.schedule import Segment

_REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: perftui\r\nAccept: */*\r\n\r\n"


def job(port: int, rate: float, seconds: float, model: Model = Model.OPEN, connections: int = 10) -> Job:
    """On loopback, with a ramp of half a second; the rate is not used by the closed model."""
    return Job(
        "benchmark", (Address("127.0.0.1", port),), (Target("/", _REQUEST),), (Segment(seconds, rate, rate),),
        model=model, ramp_s=0.5, connections=connections, breaker=0.0,
    )  # fmt: skip


def run(what: Job) -> Run:
    """To its end."""
    return asyncio.run(Launch(what, lambda _: None).finish())
