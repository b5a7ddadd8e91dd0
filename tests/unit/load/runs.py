"""Short runs of the real engine: in its real process, or here, which is quicker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from perftui.load.engine import Engine
from perftui.load.frames import Up
from perftui.load.job import Address, Job, Target
from perftui.load.launch import Launch
from perftui.load.run import Run
from perftui.load.schedule import Segment

REQUEST = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


def job(port: int, rate: float = 50.0, seconds: float = 0.4, **more: Any) -> Job:
    """No probe, no ramp and no breaker unless they are asked for."""
    values: dict[str, Any] = {
        "addresses": (Address("127.0.0.1", port),), "targets": (Target("home", REQUEST),),
        "segments": (Segment(seconds, rate, rate),), "probe": False, "breaker": 0.0, "timeout_s": 5.0, **more,
    }  # fmt: skip
    return Job("test", **values)


def run(what: Job, told: Callable[[Launch, Up], None] | None = None) -> Run:
    """To its end; ``told`` sees every frame."""

    async def whole() -> Run:
        launch = Launch(what, lambda message: told(launch, message) if told is not None else None)
        return await asyncio.wait_for(launch.finish(), 60)

    return asyncio.run(whole())


def run_here(what: Job, told: Callable[[Engine, Up], None] | None = None) -> Run:
    """To its end in this process, on the loop of the standard library; ``told`` sees every frame."""
    found = Run()

    async def whole() -> None:
        def emit(message: Up, *, can_wait: bool = False) -> bool:
            found.take(message)
            if told is not None:
                told(engine, message)
            return True

        engine = Engine(what, emit, "asyncio", 0)
        await asyncio.wait_for(engine.run(), 60)

    asyncio.run(whole())
    return found
