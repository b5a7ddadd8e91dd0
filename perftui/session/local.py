"""A session inside of the calling process, for commands that look once: the same Updates fill the same Mirror."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import time
from collections.abc import Iterable

from perftui import __version__
from perftui.config.schema import Config
from perftui.domain.text import clean
from perftui.link.messages import SessionInfo, Watch
from perftui.link.mirror import Mirror
from perftui.session.build import build_monitor

# two polls give rates, and the second may be up to one interval away
_POLLS_FOR_RATES = 2


async def collect(
    config: Config,
    watches: Iterable[Watch],
    tables: Iterable[str],
    wait_s: float | None = None,
    path: str | None = None,
) -> Mirror:
    """Watch until rates exist (``wait_s`` None) or for ``wait_s`` seconds; nothing is written to the journal."""
    monitor = build_monitor(config, keep=False)
    mirror = Mirror()
    mirror.session = SessionInfo(
        clean(socket.gethostname(), 64), clean(getpass.getuser(), 64), os.getpid(), __version__, time.time(), path
    )
    enough = asyncio.Event()

    def tick() -> None:
        update = subscriber.update(time.time())
        if update is not None:
            mirror.apply(update)
        if wait_s is None and _answered(mirror):
            enough.set()

    subscriber = monitor.subscribe(tick)
    for watch in watches:
        subscriber.watch(watch)
    for table in tables:
        subscriber.watch_table(table, True)
    monitor.look()
    running = asyncio.ensure_future(monitor.run())
    try:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(enough.wait(), wait_s if wait_s is not None else 10.0)
        tick()
    finally:
        monitor.unsubscribe(subscriber)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return mirror


def _answered(mirror: Mirror) -> bool:
    """Whether every source that is polled has answered twice, or failed."""
    polled = [source for source in mirror.sources if source.polls]
    return bool(polled) and all(source.polls >= _POLLS_FOR_RATES or source.error for source in polled)
