"""A session inside of the calling process, for commands that look once: the same Updates fill the same Mirror."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import time
from collections.abc import Callable, Sequence

from perftui import __version__
from perftui.config.schema import Config
from perftui.domain.text import clean
from perftui.link.messages import SessionInfo, Watch
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.session.build import build_monitor

# two polls give rates, and the second may be up to one interval away
_POLLS_FOR_RATES = 2


Needed = Callable[[Config], tuple[Sequence[Watch], Sequence[str]]]


async def collect(
    config: Config,
    needed: Needed,
    wait_s: float | None = None,
    path: str | None = None,
    on_update: Callable[[Mirror], None] = lambda mirror: None,
) -> Mirror:
    """Watch until rates exist (``wait_s`` None) or for ``wait_s`` seconds; nothing is written to the journal.

    ``needed`` tells windows and tables for a configuration: that in force, then with the ready panels that were found.
    ``on_update`` is called whenever something may have changed.
    """
    monitor = build_monitor(config, keep=False)
    mirror = Mirror()
    mirror.session = SessionInfo(
        clean(socket.gethostname(), 64), clean(getpass.getuser(), 64), os.getpid(), __version__, time.time(), path
    )
    enough = asyncio.Event()
    look = _Look()

    def tick() -> None:
        update = subscriber.update(time.time())
        if update is not None:
            mirror.apply(update)
        found = found_profiles(mirror)
        if found != look.profiles:
            look.profiles, look.polls = found, {source.name: source.polls for source in mirror.sources}
            watch(with_profiles(config, found))
        on_update(mirror)
        if wait_s is None and _answered(mirror, look):
            enough.set()

    def watch(full: Config) -> None:
        watches, tables = needed(full)
        for one in watches:
            subscriber.watch(one)
        for table in tables:
            subscriber.watch_table(table, True)
        monitor.look()

    subscriber = monitor.subscribe(tick)
    watch(config)
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


class _Look:
    """What was found of sources, and how often each had been polled then."""

    def __init__(self) -> None:
        self.profiles: dict[str, tuple[str, ...]] = {}
        self.polls: dict[str, int] = {}


def found_profiles(mirror: Mirror) -> dict[str, tuple[str, ...]]:
    """The ready panels that fit, by source."""
    return {source.name: source.profiles for source in mirror.sources if source.profiles}


def _answered(mirror: Mirror, look: _Look) -> bool:
    """Whether every source that is polled has answered twice since it is known what to ask, or failed."""
    polled = [source for source in mirror.sources if source.polls]
    needed = {source.name: look.polls.get(source.name, 0) + _POLLS_FOR_RATES for source in polled}
    return bool(polled) and all(source.polls >= needed[source.name] or source.error for source in polled)
