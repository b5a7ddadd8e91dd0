"""Polls one source: on the clock's grid, one poll in flight, with a deadline, backing off while it fails.

A source that asks to be left alone is, but never for longer than the longest back-off: a person watches it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.samples import Batch
from perftui.domain.text import clean
from perftui.sources.base import Source

MAX_BACKOFF_S = 30.0
# polls aim a little behind the grid: a timer that fires early would put its sample into the bucket before
PHASE_S = 0.01


class Collector:
    """``wall`` is epoch time, ``random`` gives numbers in [0, 1), ``on_batch`` takes every batch, failed ones too."""

    def __init__(
        self,
        source: Source,
        on_batch: Callable[[Source, Batch], None],
        *,
        wall: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self.source = source
        self._on_batch, self._wall, self._random = on_batch, wall, random
        self._wake = asyncio.Event()
        self._polls = self._failures = self._late = self._in_a_row = self._series = 0
        self._last_ok_at: float | None = None
        self._failing_since: float | None = None
        self._next_try_at: float | None = None
        self._took_s: float | None = None
        self._error: SourceError | None = None

    def wake(self) -> None:
        """Poll at once: somebody began to look at what the source measures."""
        self._wake.set()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            while not self.source.wanted:
                self._next_try_at = None
                self._wake.clear()
                await self._wake.wait()
            self._wake.clear()
            await self._poll_once()
            await self._pause()

    async def _pause(self) -> None:
        """Until the next point of the grid, or as long as the back-off says; ``wake`` ends it."""
        now = self._wall()
        interval, rest = self.source.interval_s, getattr(self.source, "rest_s", 0.0)
        if self._in_a_row == 0 and getattr(self.source, "behind", False):
            self._next_try_at = now
            await asyncio.sleep(0)
            return
        if self._in_a_row == 0:
            self._next_try_at = max((math.floor(now / interval) + 1) * interval + PHASE_S, now + rest)
        else:
            longest = getattr(self.source, "longest_pause_s", MAX_BACKOFF_S)
            delay = min(longest, interval * 2.0 ** min(self._in_a_row, 10))
            asked = 0.0 if self._error is None else min(MAX_BACKOFF_S, self._error.wait_s)
            self._next_try_at = now + max(asked, rest, delay * (0.5 + self._random() / 2))
        # not wait_for: before Python 3.12 it may swallow a cancellation that comes together with a wake
        timer = asyncio.get_running_loop().call_later(max(0.0, self._next_try_at - now), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _poll_once(self) -> None:
        self._polls += 1
        task = asyncio.ensure_future(self.source.poll())
        try:
            done, _ = await asyncio.wait({task}, timeout=self.source.deadline_s)
            if not done:
                self._late += 1
                message = f"no answer within {self.source.deadline_s:g} s"
                self._take(self._failed(ErrorKind.TIMEOUT, message))
                # a thread can't be cancelled: it is waited for, so that polls never pile up
                await asyncio.wait({task})
                self._result(task)  # too late to be used; an error is looked at, or asyncio complains that nobody did
                return
        except asyncio.CancelledError:
            task.cancel()
            raise
        self._take(self._result(task))

    def _result(self, task: asyncio.Task[Batch]) -> Batch:
        if task.cancelled():
            return self._failed(ErrorKind.BUG, "the poll cancelled itself")
        error = task.exception()
        return task.result() if error is None else self._bug(error)

    def _bug(self, error: BaseException) -> Batch:
        """A bug in one source must not end the others: it is shown as that source's failure."""
        return self._failed(ErrorKind.BUG, clean(f"{type(error).__name__}: {error}", 200))

    def _failed(self, kind: ErrorKind, message: str) -> Batch:
        return Batch(self.source.name, self._wall(), self.source.deadline_s, error=SourceError(kind, message))

    def _take(self, batch: Batch) -> None:
        try:
            self._on_batch(self.source, batch)
            series = len(self.source.catalogue())
        except Exception as error:  # noqa: BLE001 (what can't be kept is a bug of the source that delivered it)
            batch, series = self._bug(error), self._series
        now = self._wall()
        self._error = batch.error
        if batch.error is None:
            self._in_a_row, self._failing_since, self._last_ok_at = 0, None, now
            self._took_s, self._series = batch.took_s, series
        else:
            self._failures += 1
            self._in_a_row += 1
            self._failing_since = now if self._failing_since is None else self._failing_since

    def health(self, now: float) -> SourceHealth:
        return SourceHealth(
            name=self.source.name,
            kind=self.source.kind,
            state=self._state(now),
            interval_s=self.source.interval_s,
            last_ok_at=self._last_ok_at,
            failing_since=self._failing_since,
            next_try_at=self._next_try_at if self._error is not None else None,
            error=self._error,
            took_s=self._took_s,
            polls=self._polls,
            failures=self._failures,
            late=self._late,
            series=self._series,
            notes=tuple(getattr(self.source, "notes", ())),
            blind=self._blind(),
            profiles=tuple(getattr(self.source, "profiles", ())),
        )

    def _blind(self) -> str:
        """A source that fails knows nothing of its alerts now, whatever it knew before."""
        blind: str | None = getattr(self.source, "blind", None)
        if blind is None:
            return ""
        return f"its alerts can't be read: {self._error.message}" if self._error is not None else blind

    def _state(self, now: float) -> SourceState:
        if self._error is not None:
            return SourceState.FAILED
        if self._last_ok_at is None or not self.source.wanted:
            return SourceState.WAITING
        late = now - self._last_ok_at > 3 * self.source.interval_s + self.source.deadline_s
        return SourceState.STALE if late else SourceState.OK
