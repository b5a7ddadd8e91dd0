"""Workflow events as a source: a file or a folder is read as it grows, in slices that hold nobody up.

Reading happens in a thread: a disk that hangs, or a network that is gone, must not stop the session. Decoding does not:
it would hold the interpreter's lock all the same, and moving between threads costs as much as decoding itself.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from perftui.config.schema import WorkflowSource as Settings
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.health import SourceError
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import series_id
from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.domain.workflow import Event
from perftui.sources.workflow.numbers import Numbers
from perftui.sources.workflow.places import Found, look
from perftui.sources.workflow.tails import Fetched, Tails

# about a thousand events: they are decoded and applied within a few milliseconds
MOST_BYTES = 1 << 17
_DEADLINE_S = 5.0


class _Got(NamedTuple):
    """What was read, or why nothing was."""

    fetched: Sequence[Fetched]
    values: dict[str, float]
    error: SourceError | None


class WorkflowSource:
    """``behind`` is true while there is known to be more to read: then the next poll follows at once. A file that is
    not there is looked for every ``longest_pause_s``.
    """

    kind = "workflow"
    wanted = True
    deadline_s = _DEADLINE_S
    longest_pause_s = 2.0

    def __init__(
        self, name: str, settings: Settings, *, wall: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self.name, self.interval_s = name, settings.interval
        self._path = os.path.expanduser(settings.path)  # noqa: PTH111 (a path may be anything, also none)
        self._wall, self._monotonic = wall, monotonic
        self._tails = Tails(monotonic)
        self._resources = Numbers("resource", last_line=True)
        self._metrics = Numbers("metrics")
        self._infos: dict[str, SeriesInfo] = {}
        self._catalogue: tuple[SeriesInfo, ...] = ()
        self._reading = threading.Lock()
        self._is_closed = False
        self._late: list[Event] = []
        self.behind = False
        self.notes: tuple[str, ...] = ()

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue

    async def poll(self) -> Batch:
        at, started = self._wall(), self._monotonic()
        got = await asyncio.to_thread(self._fetch)
        events = [*self._late, *self._tails.decode(got.fetched)]
        took = self._monotonic() - started
        # who asked may have given up meanwhile: what was read must not be lost with the answer
        is_late = took > _DEADLINE_S / 2
        self._late = events if is_late else []
        self.behind = self._tails.behind and (got.error is None or bool(events))
        self.notes = self._told() if got.error is None else ()
        if got.error is not None and not events:
            return Batch(self.name, at, took, error=got.error)
        return Batch(self.name, at, took, got.values, events=() if is_late else tuple(events))

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._reading:
            self._is_closed = True
            self._tails.close()

    def _fetch(self) -> _Got:
        with self._reading:
            if self._is_closed:
                return _Got((), {}, None)
            error, found = None, Found({})
            try:
                found = look(self._path)
                self._tails.follow(found)
                if found.missing is not None:
                    error = SourceError(found.missing.kind, str(found.missing))
            except QueryError as failure:
                error = SourceError(failure.kind, str(failure))
                self._tails.lose()
            try:
                return _Got(self._tails.fetch(MOST_BYTES), self._numbers(found), error)
            except OSError as failure:
                why = f"reading failed: {clean(str(failure.strerror), 80)}"
                return _Got((), {}, SourceError(ErrorKind.UNREACHABLE, why))

    def _told(self) -> tuple[str, ...]:
        troubles = (clean(one.trouble, 200) for one in (self._resources, self._metrics) if one.trouble)
        return (*self._tails.notes(), *troubles)

    def _numbers(self, found: Found) -> dict[str, float]:
        numbers = {**self._resources.read(found.resources), **self._metrics.read(found.metrics)}
        values = {series_id(self.name, name): value for name, value in numbers.items()}
        new = [series for series in values if series not in self._infos]
        if new and len(self._infos) < 1000:
            self._infos.update({series: SeriesInfo(series, _unit(series), self.interval_s) for series in new})
            self._catalogue = tuple(self._infos.values())
        return values


def _unit(series: str) -> Unit:
    """From the end of the name, as Prometheus names them; what says nothing has none."""
    for ending, unit in (("_bytes", Unit.BYTES), ("_seconds", Unit.SECONDS), ("_ratio", Unit.RATIO)):
        if series.endswith(ending):
            return unit
    return Unit.NONE
