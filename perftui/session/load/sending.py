"""One load of a session: its engine, its lease, and its record, which is kept every second and however it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from perftui.domain.load import LoadState
from perftui.load.environment import environment
from perftui.load.frames import Delta, Down, Hello, Pause, Rate, Stop, Up
from perftui.load.handoff.launcher import launcher
from perftui.load.job import Job
from perftui.load.lease import Lease
from perftui.load.plan import Plan, told
from perftui.load.record import UNFINISHED, record
from perftui.load.resources import Resources
from perftui.session.load.series import LoadSeries
from perftui.session.load.state import About, load_state
from perftui.session.load.windows import LoadWindows
from perftui.store.running import RunMark

GONE = "its console is gone"
_KEEP_EVERY_S, _PAUSES = 1.0, 10
_LOOK_EVERY_S = 0.25
_ENGINE = "engine"

Record = dict[str, Any]


class Asked(NamedTuple):
    """What was judged safe, and for whom: ``owner`` is a person, ``client`` the console that holds the lease.

    ``engine`` sends it, with ``workers`` where it has some. ``confirmed`` is what somebody typed so that it may be sent
    (``host``, ``name``, ``reason``).
    """

    plan: Plan
    job: Job
    owner: str
    client: str
    confirmed: Mapping[str, str]
    engine: str = "perftui"
    workers: int = 0


class Sending:
    """``tell`` is called for every frame that people wait for, ``keep`` with the record so far.

    ``mark`` shows others of this machine that it is under way. Raises PerftuiError for what the engine can't send.
    """

    def __init__(
        self,
        asked: Asked,
        started_at: float,
        mark: RunMark,
        tell: Callable[[], None],
        keep: Callable[[Record], Awaitable[None]],
    ) -> None:
        self._mark = mark
        self.asked, self.started_at = asked, started_at
        self._tell, self._keep = tell, keep
        self._launch = launcher(asked.engine, asked.plan, asked.job, self._told, asked.workers)
        self._resources = Resources()
        self._words = told(asked.plan)
        self._reason = ""
        self._section: Mapping[str, Any] | None = None
        self._factor = 1.0
        self._over = asyncio.Event()
        self.lease = Lease(asked.client)
        self.series = LoadSeries(asked.job)
        self.windows = LoadWindows()
        self.most_connections = 0

    @property
    def pid(self) -> int:
        """The engine's process; 0 before it is started."""
        return self._launch.pid

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    async def finish(self) -> Record:
        """Until the engine has ended and its record is kept; never raises for what the engine does."""
        loop = asyncio.get_running_loop()
        watchers = [loop.create_task(self._resources.watch()), loop.create_task(self._hold())]
        keeper = loop.create_task(self._keep_so_far())
        run = self._launch.run
        try:
            await self._launch.finish()
        except OSError as error:
            run.stopped_by = f"{_ENGINE}: it can't be started: {error.strerror}"
        finally:
            for watcher in watchers:
                watcher.cancel()
            if run.stopped_by == _ENGINE and self._reason:
                # it did not end by itself: it had to be ended
                run.stopped_by = self._reason
            self._over.set()
            self._mark.release()
            self._tell()
            # an earlier record that is still being written would replace the last one
            await asyncio.gather(*watchers, keeper, return_exceptions=True)
        # nothing is counted any more: a thread may read it
        found = await asyncio.to_thread(self.record)
        self._section = found["shape"]
        await self._keep(found)
        return found

    def state(self) -> LoadState:
        """What consoles are told."""
        about = About(
            str(self._words["url"]), self.asked.job.shape, self.started_at, self.asked.owner, self._factor,
            not (self.is_over or self.lease.is_released), self.is_over,
        )  # fmt: skip
        return load_state(self._launch.run, self.asked.job, about, self._section)

    def record(self) -> Record:
        """Everything that is known of it by now; what ended it only when it has ended."""
        run = self._launch.run
        found = record(
            run, self.asked.job, self._words, self.started_at, self._resources.figures(), environment(),
            memory=self._resources.memory, is_over=self.is_over,
        )  # fmt: skip
        if self.asked.confirmed:
            found["confirmed"] = dict(self.asked.confirmed)
        if not self.is_over:
            found["stopped_by"] = UNFINISHED
        return found

    # what people ask for

    def stop(self, reason: str) -> None:
        """Nothing is sent from here on: the engine is told at once."""
        if not self.is_over:
            self._reason = self._reason or reason
            self._launch.command(Stop(self._reason))

    def pause(self, *, on: bool) -> None:
        self._command(Pause(on))

    def rate(self, factor: float) -> None:
        """``factor`` times what was planned."""
        self._factor = factor
        self._command(Rate(factor))

    def _command(self, message: Down) -> None:
        if not self.is_over:
            self._launch.command(message)

    # what goes on meanwhile

    def _told(self, message: Up) -> None:
        if isinstance(message, Delta):
            self.series.take(message)
            self.most_connections = max(self.most_connections, message.connections)
            return
        if isinstance(message, Hello):
            # without a mark it is a load all the same
            with contextlib.suppress(OSError):
                self._mark.take(self.started_at, self.pid)
        self._tell()

    async def _hold(self) -> None:
        """A console that is silent for too long is gone, and nobody would see what its load does."""
        while not self.lease.is_over:  # noqa: ASYNC110 (a lease runs out while nothing happens)
            await asyncio.sleep(_LOOK_EVERY_S)
        self.stop(GONE)

    async def _keep_so_far(self) -> None:
        """A session that is killed says nothing any more: what is known by then lies in the history already."""
        over = asyncio.ensure_future(self._over.wait())
        loop, pause_s = asyncio.get_running_loop(), _KEEP_EVERY_S
        while not over.done():
            await asyncio.wait({over}, timeout=pause_s)
            if not over.done():
                began = loop.time()
                await self._keep(self.record())
                # the record of a long run on a slow disk must not be all that the session does
                pause_s = max(_KEEP_EVERY_S, _PAUSES * (loop.time() - began))
