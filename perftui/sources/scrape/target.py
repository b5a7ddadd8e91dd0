"""One endpoint: fetched, read and kept, with what there is to know of the last scrape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from perftui.config.schema import ScrapeSource as Settings
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.text import clean
from perftui.sources.http import HttpClient
from perftui.sources.scrape.exposition import ACCEPT, Exposition, Parser
from perftui.sources.scrape.samples import Samples
from perftui.sources.scrape.series import Series
from perftui.sources.turns import Steps, in_turns

OWN = ("up", "scrape_duration_seconds", "scrape_samples_scraped")
_T = TypeVar("_T")
# a wall clock that moves against the monotonic one by more was set, or the machine slept
_STEP_S = 1.0


class Target:
    """``samples`` hold what was scraped; ``reading`` is held by whoever changes them or needs them unchanged."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._url = with_path(settings.url)
        self._client = HttpClient(settings, environ, monotonic)
        self.parser = Parser(settings.max_series)
        self.samples = Samples(settings.interval)
        self.reading = asyncio.Lock()
        self._own = {name: Series(name, ()) for name in OWN}
        self._offset: float | None = None
        self._fresh_s = max(5.0, 3 * settings.interval)
        self._began_at: float | None = None
        self.clock_set = False
        self.last: Exposition | None = None
        self.wall_at = 0.0

    async def scrape(self) -> None:
        """Fetch and keep. Raises QueryError, and then everything is as it was."""
        began_at = self._monotonic()
        wall_at, at = self._moment(began_at)
        answer = await self._client.get(self._url, accept=ACCEPT)
        async with self.reading:
            if self._began_at is not None and began_at <= self._began_at:
                return  # another scrape began later and came earlier
            try:
                found = await self.turns(self.parser.read(answer.body, answer.content_type))
            except ValueError as error:
                raise QueryError(ErrorKind.BAD_DATA, str(error)) from None
            scraped = float(len(found.values) + found.duplicates)
            for name, value in zip(OWN, (1.0, answer.took_s, scraped), strict=True):
                found.values[self._own[name]] = value
            await self.turns(self.samples.take(at, found))
            self.last, self.wall_at, self._began_at = found, wall_at, began_at

    async def freshened(self) -> None:
        """Scrape, unless that was just done. Raises QueryError."""
        if self._began_at is None or self._monotonic() - self._began_at > self._fresh_s:
            await self.scrape()

    async def turns(self, steps: Steps[_T]) -> _T:
        """Do some work without holding the event loop."""
        return await in_turns(steps, self._monotonic)

    def own(self, name: str) -> float:
        """What is known of the scrape itself."""
        return self.samples.values[self._own[name]]

    def _moment(self, monotonic: float) -> tuple[float, float]:
        """Now, by the wall clock, and by one that runs evenly and shows about the same: rates are made from that.

        When the two part, history begins anew: nobody knows how much time passed between its samples and the next.
        """
        wall = self._wall()
        self.clock_set = self._offset is not None and abs(wall - monotonic - self._offset) > _STEP_S
        if self.clock_set:
            self.samples.forget()
        if self._offset is None or self.clock_set:
            self._offset = wall - monotonic
        return wall, monotonic + self._offset

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the last scrape."""
        last = self.last
        if last is None:
            return ()
        notes = ["OpenMetrics" if last.openmetrics else "text format"]
        if last.duplicates:
            notes.append(f"{last.duplicates} samples are of series that are given twice: the first one counts")
        if last.unended:
            notes.append("the last line has no line feed and is left out: it may be cut")
        if self.clock_set:
            notes.append("the clock was set: rates began anew")
        return tuple(notes)

    async def close(self) -> None:
        await self._client.close()


def with_path(url: str) -> str:
    """The URL itself; without a path, ``/metrics`` is meant."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return clean(url)
    return urlunsplit(parts._replace(path="/metrics")) if parts.path in ("", "/") else url
