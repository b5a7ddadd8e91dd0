"""A session inside of the calling process, for commands without a console: the same Updates fill the same Mirror."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence

from perftui import __version__
from perftui.config.schema import Config
from perftui.config.watch import ConfigWatch
from perftui.link.messages import SessionInfo, Watch
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.session.build import build_monitor
from perftui.session.monitor import Monitor
from perftui.session.who import host, user

# two polls give rates, and the second may be up to one interval away
_POLLS_FOR_RATES = 2
_LONGEST_S = 10.0


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
    look = _Look(build_monitor(config, keep=False), config, needed, on_update, until_rates=wait_s is None)
    look.mirror.session = _info(path)
    await look.run(_LONGEST_S if wait_s is None else wait_s)
    return look.mirror


async def follow(
    config: Config,
    needed: Needed,
    on_update: Callable[[Mirror], None],
    *,
    path: str | None,
    keep: bool,
    config_watch: Callable[[], ConfigWatch],
) -> None:
    """Watch until cancelled, with the journal as the console has it when ``keep``; a changed configuration is in force.

    ``needed`` and ``on_update`` as for ``collect``; both the session and this one look at the configuration's file.
    """
    monitor = build_monitor(config, keep=keep, config_watch=config_watch())
    look = _Look(monitor, config, needed, on_update, until_rates=False, config_watch=config_watch())
    look.mirror.session = _info(path)
    await look.run(None)


def _info(path: str | None) -> SessionInfo:
    return SessionInfo(host(), user(), os.getpid(), __version__, time.time(), path)


class _Look:
    """A monitor with one subscriber, whose Updates fill the mirror. ``enough`` is set when there are rates."""

    def __init__(
        self,
        monitor: Monitor,
        config: Config,
        needed: Needed,
        on_update: Callable[[Mirror], None],
        *,
        until_rates: bool,
        config_watch: ConfigWatch | None = None,
    ) -> None:
        self._config_watch = config_watch
        self._config, self._needed, self._on_update, self._until_rates = config, needed, on_update, until_rates
        self.mirror = Mirror()
        self._enough = asyncio.Event()
        # what was found of sources, and how often each had been polled then
        self._profiles: dict[str, tuple[str, ...]] = {}
        self._polls: dict[str, int] = {}
        self._monitor = monitor
        self._subscriber = self._monitor.subscribe(self._tick)
        self._watch(config)

    async def run(self, seconds: float | None) -> None:
        """Until there is enough, but no longer than so many seconds; None: until it is cancelled."""
        running = asyncio.ensure_future(self._monitor.run())
        try:
            if seconds is None:
                await running
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._enough.wait(), seconds)
            self._tick()
        finally:
            self._monitor.unsubscribe(self._subscriber)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    def _tick(self) -> None:
        update = self._subscriber.update(time.time())
        if update is not None:
            self.mirror.apply(update)
        found = found_profiles(self.mirror)
        loaded = None if self._config_watch is None else self._config_watch.poll()
        changed = loaded is not None and not loaded.problems
        if loaded is not None and changed:
            self._config = loaded.config
        if found != self._profiles or changed:
            self._profiles, self._polls = found, {source.name: source.polls for source in self.mirror.sources}
            self._watch(with_profiles(self._config, found))
        self._on_update(self.mirror)
        if self._until_rates and self._has_answers():
            self._enough.set()

    def _watch(self, full: Config) -> None:
        watches, tables = self._needed(full)
        for one in watches:
            self._subscriber.watch(one)
        for table in tables:
            self._subscriber.watch_table(table, True)
        self._monitor.look()

    def _has_answers(self) -> bool:
        """Whether every source that is polled has answered twice since it is known what to ask, or failed."""
        polled = [source for source in self.mirror.sources if source.polls]
        needed = {source.name: self._polls.get(source.name, 0) + _POLLS_FOR_RATES for source in polled}
        return bool(polled) and all(source.polls >= needed[source.name] or source.error for source in polled)


def found_profiles(mirror: Mirror) -> dict[str, tuple[str, ...]]:
    """The ready panels that fit, by source."""
    return {source.name: source.profiles for source in mirror.sources if source.profiles}
