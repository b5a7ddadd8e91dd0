"""What was before the first answer, and during an outage: fetched once, in the background, from the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from perftui.domain.errors import QueryError
from perftui.sources.prometheus.answers import matrix
from perftui.sources.prometheus.joining import joined, parted
from perftui.sources.prometheus.library import Library
from perftui.sources.prometheus.standing import Standing
from perftui.sources.prometheus.steps import aligned, nice_step

_TOGETHER = 5
_MOST_STEPS = 600
Points = dict[str, tuple[tuple[float, float], ...]]


class Backfill:
    """``fill`` puts placeholders in place for a step; ``span_s`` is how far back the first backfill goes."""

    def __init__(
        self, name: str, library: Library, fill: Callable[[str, float], str], *, interval_s: float, span_s: float
    ) -> None:
        self._name, self._library, self._fill = name, library, fill
        self._interval_s, self._span_s = interval_s, span_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._found: Points = {}
        self.failed = ""

    def want(self, answered: Sequence[Standing], now: float, skew_s: float) -> None:
        """Look which of the queries that were just answered have a past that is not known."""
        starts: dict[float, list[Standing]] = {}
        for standing in answered:
            since = standing.ok_at
            if since is None:
                starts.setdefault(now - self._span_s, []).append(standing)
            elif now - since > max(3 * self._interval_s, 3.0):
                starts.setdefault(max(since, now - self._span_s), []).append(standing)
            standing.ok_at = now
        for start, standings in starts.items():
            for first in range(0, len(standings), _TOGETHER):
                task = asyncio.ensure_future(self._fetch(standings[first : first + _TOGETHER], start, now, skew_s))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def take(self) -> Points:
        """What came since the last time."""
        found, self._found = self._found, {}
        return found

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _fetch(self, standings: Sequence[Standing], start: float, end: float, skew_s: float) -> None:
        step = nice_step(max(1.0, self._interval_s, (end - start) / _MOST_STEPS))
        first, last = aligned(start + skew_s, end + skew_s, step)
        exprs = [standing.text(self._fill(standing.query.expr, step)) for standing in standings]
        try:
            told = await self._library.query_range(joined(exprs), first, last, step)
            for standing, part in zip(standings, parted(told.result, len(standings)), strict=True):
                points = matrix(self._name, standing.query.name, part, -skew_s)
                self._found.update((series, tuple(listed)) for series, listed in points.items())
            self.failed = ""
        except QueryError as error:
            self.failed = f"the time before can't be told: {error}"
