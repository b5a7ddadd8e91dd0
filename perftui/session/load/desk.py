"""The loads of a session: judged, started, told to every console, kept; one at a time.

The session itself sends nothing: it holds the engine's process, and the engine ends when the session does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from perftui.analysis.rules.signals import LoadSignals
from perftui.config.load_settings import Load
from perftui.domain.errors import PerftuiError
from perftui.domain.load import LoadRunRow, LoadState
from perftui.domain.samples import Batch, SeriesInfo
from perftui.session.load.keeping import Keeping
from perftui.session.load.sending import GONE, Asked, Record, Sending
from perftui.session.load.series import CATALOGUE
from perftui.session.load.windows import signals_of
from perftui.store.running import RunMark

ENDED = "the session ended"
# between two pictures of a load that somebody waits for
_TELL_EVERY_S = 0.2


class Loads:
    """``settings`` say what may be loaded from now on, ``path`` is the journal's file, None where nothing is kept.

    In ``marks`` others see what is under way. ``tell`` is called when there is something new. ``state`` is the load
    that runs, or the last one that did; ``rows`` are those that are over, newest first, None while nobody looks.
    """

    def __init__(
        self, settings: Load, path: Path | None, marks: Path, *, wall: Callable[[], float], tell: Callable[[], None]
    ) -> None:
        self.settings, self._marks = settings, marks
        self._wall, self._tell = wall, tell
        self._keeping = Keeping(path)
        self._sending: Sending | None = None
        self._task: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._told_at = float("-inf")
        self._telling: asyncio.TimerHandle | None = None
        self._is_watched = False
        self._lasted_until = 0.0
        self.state: LoadState | None = None
        self.rows: tuple[LoadRunRow, ...] | None = None

    @property
    def running(self) -> Sending | None:
        """The load whose engine has not ended."""
        return self._sending if self._sending is not None and not self._sending.is_over else None

    @property
    def problem(self) -> str:
        """Why a record is not on disk."""
        return self._keeping.problem

    def begin(self, asked: Asked, host: str, ended: Callable[[Record], None]) -> None:
        """Start what was judged safe; ``ended`` is given its record. Raises PerftuiError while another one runs."""
        self.refuse_second()
        started_at = self._wall()

        def keep(record: Record) -> Awaitable[None]:
            return self._keeping.keep(asked.job.run_id, started_at, self._wall(), f"load {host}", record)

        self._sending = sending = Sending(
            asked, started_at, RunMark(self._marks, asked.job.run_id), self.tell_soon, keep
        )
        self._task = asyncio.ensure_future(self._finish(sending, ended))
        self.state, self._lasted_until = sending.state(), started_at
        self.tell_soon()

    @property
    def catalogue(self) -> tuple[SeriesInfo, ...]:
        """The series of a load."""
        return CATALOGUE

    def refuse_second(self) -> None:
        """Raises PerftuiError while a load runs, or its record is not kept yet."""
        if self._task is not None and not self._task.done():
            run_id = self._sending.asked.job.run_id if self._sending is not None else ""
            raise PerftuiError(f"a load is running already ({run_id}): stop it first, or wait for its end")

    async def _finish(self, sending: Sending, ended: Callable[[Record], None]) -> None:
        record = await sending.finish()
        ended(record)
        self.state = sending.state()
        self.tell_soon()
        if self._is_watched:
            await self._read()

    def of(self, run_id: str) -> Sending:
        """The load that runs, by its id. Raises ValueError when it is not that one."""
        running = self.running
        if running is None or running.asked.job.run_id != run_id:
            raise ValueError("this load does not run (any more)")
        return running

    def tick(self, now: float) -> Batch | None:
        """The last second as series; the state is brought up to date."""
        sending = self._sending
        if sending is None:
            return None
        second = sending.series.second(now)
        if not sending.is_over:
            self.state = sending.state()
            self._lasted_until = now
        if second is None:
            return None
        if second.counted:
            sending.windows.add(second)
        return second.batch

    def signals(self, now: float, window_s: float) -> LoadSignals | None:
        """What rules look at: the load that runs, or one that ended within the last ``window_s`` seconds."""
        sending, state = self._sending, self.state
        if sending is None or state is None or now - self._lasted_until > window_s:
            return None
        return signals_of(state, sending.asked.job, sending.windows, sending.most_connections)

    def tell_soon(self) -> None:
        """At once, or a moment after the last time: what a person waits for does not wait for the next tick."""
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_at(max(loop.time(), self._told_at + _TELL_EVERY_S), self._tell_now)

    def _tell_now(self) -> None:
        self._telling, self._told_at = None, asyncio.get_running_loop().time()
        if self._sending is not None:
            self.state = self._sending.state()
        self._tell()

    # the loads that are over

    def watch(self, *, wanted: bool) -> None:
        """Somebody looks at past loads, or nobody does any more."""
        begins, self._is_watched = wanted and not self._is_watched, wanted
        if begins and (self._reading is None or self._reading.done()):
            self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        self.rows = await self._keeping.rows()
        self._tell()

    async def record(self, run_id: str) -> dict[str, Any]:
        """The whole record, of the load that runs as far as it is. Raises ValueError for one that nobody knows."""
        running = self.running
        if running is not None and running.asked.job.run_id == run_id:
            return running.record()
        return await self._keeping.record(run_id)

    # the end

    async def left_alone(self) -> None:
        """No console is left: stop what was held by one; return when no load runs and its record is kept."""
        if self.running is not None and not self.running.lease.is_released:
            self.running.stop(GONE)
        await self._over()

    async def _over(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self, reason: str = ENDED) -> None:
        """Stop the load that runs, and keep its record."""
        if self.running is not None:
            self.running.stop(reason)
        await self._over()
        await self._keeping.flush()
        for task in (self._task, self._reading):
            if task is not None:
                task.cancel()
        if self._telling is not None:
            self._telling.cancel()
