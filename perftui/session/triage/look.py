"""One look at all alerts without a console, and what is to be done with them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from perftui.config.paths import state_folder
from perftui.config.schema import Config
from perftui.session.build import build_monitor
from perftui.session.monitor import Monitor
from perftui.session.triage.acts import Acts
from perftui.session.who import who
from perftui.store.audit import Audit

Done = TypeVar("Done")
_LONGEST_S = 10.0


async def at_the_desk(
    config: Config, act: Callable[[Monitor, Acts], Awaitable[Done]], wait_s: float | None = None
) -> Done:
    """Ask every source of alerts once (``wait_s`` None: until all told theirs or failed), then do it.

    Nothing is written to the journal; what people say of alerts is kept.
    """
    monitor = build_monitor(config, keep=False)
    name = who()
    audit = Audit(state_folder() / "audit.jsonl", name, time.time)
    desk = monitor.desk

    def wake(source: str) -> None:
        for collector in monitor.collectors:
            if collector.source.name == source:
                collector.wake()

    acts = Acts(
        desk.triage, desk.silencers, audit, name,
        wall=time.time, wake=wake, tick=lambda: monitor.triage(time.time()),
    )  # fmt: skip
    told = asyncio.Event()

    def look() -> None:
        if wait_s is None and _have_told(monitor):
            told.set()

    subscriber = monitor.subscribe(look)
    running = asyncio.ensure_future(monitor.run())
    try:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(told.wait(), _LONGEST_S if wait_s is None else wait_s)
        await desk.recount()
        monitor.triage(time.time())
        return await act(monitor, acts)
    finally:
        monitor.unsubscribe(subscriber)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _have_told(monitor: Monitor) -> bool:
    """Whether every source of alerts told them, or why it can't."""
    for collector in monitor.collectors:
        due = getattr(collector.source, "alerts_due", None)
        if due is None or collector.source.name in monitor.desk.triage.told:
            continue
        health = collector.health(time.time())
        if health.error is None and (due or not health.blind):
            return False
    return True
