"""One run of the engine for a benchmark: a job, its process, what it told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from perftui.load.frames import Up
from perftui.load.job import Address, Job, Model, Target
from perftui.load.launch import Launch
from perftui.load.run import Run
from perftui.load.schedule import Segment

_REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: perftui\r\nAccept: */*\r\n\r\n"


def job(port: int, rate: float, seconds: float, model: Model = Model.OPEN, connections: int = 10, **more: Any) -> Job:
    """On loopback, with a ramp of half a second; the rate is not used by the closed model."""
    values: dict[str, Any] = {"model": model, "ramp_s": 0.5, "connections": connections, "breaker": 0.0, **more}
    return Job(
        "benchmark", (Address("127.0.0.1", port),), (Target("/", _REQUEST),), (Segment(seconds, rate, rate),), **values
    )


def run(what: Job, told: Callable[[Up], None] = lambda _: None) -> Run:
    """To its end; ``told`` sees every frame."""
    return asyncio.run(Launch(what, told).finish())
