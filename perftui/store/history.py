"""One question for live, frozen and past windows alike: memory answers what it holds, the journal the rest."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Protocol

from perftui.domain.errors import QueryError
from perftui.domain.samples import Window
from perftui.domain.series import Selector
from perftui.store.memory import MemoryStore, natural
from perftui.store.reader import JournalReader
from perftui.store.window import Buckets, aligned_start, bucket_count, choose_step

Points = dict[str, list[tuple[float, float]]]


class Archive(Protocol):
    """Something outside that remembers the series of one source itself."""

    async def past(self, names: Sequence[str], start: float, end: float, step_s: float) -> Points:
        """Samples by series id, at multiples of the step. Raises QueryError."""


class History:
    """``reader`` None means that there is no journal. ``archives`` are asked first for what their sources measured.

    ``troubles`` say by ``source/name`` why an archive could not tell: then the journal did, as far as it goes.
    """

    def __init__(
        self, memory: MemoryStore, reader: JournalReader | None, archives: Mapping[str, Archive] | None = None
    ) -> None:
        self.memory = memory
        self._reader = reader
        self._archives = dict(archives or {})
        self.troubles: dict[str, str] = {}

    def select(self, selectors: Sequence[Selector]) -> tuple[str, ...]:
        """Ids of the series in memory that the selectors pick, in the order of the selectors, each once."""
        return tuple(dict.fromkeys(name for selector in selectors for name in self.memory.select(selector)))

    def window(
        self, selectors: Sequence[Selector], start: float, end: float, cells: int, step_s: float | None = None
    ) -> Window:
        """The window as far as memory holds it."""
        return self.memory.window(self.select(selectors), start, end, cells, step_s)

    def needs_past(self, selectors: Sequence[Selector], start: float) -> bool:
        """Whether samples from ``start`` on may be elsewhere: they left memory, or nobody was watching then."""
        if self.memory.covers(self.select(selectors), start):
            for selector in selectors:  # what an archive could not tell is of no interest any more
                self.troubles.pop(f"{selector.source}/{selector.name}", None)
            return False
        return self._reader is not None or any(selector.source in self._archives for selector in selectors)

    async def past(self, selectors: Sequence[Selector], start: float, end: float, cells: int) -> Window:
        """The window from archives, journal and memory together, in the same buckets as ``window`` would make."""
        remote = await self._remote(selectors, start, end, cells)
        return await asyncio.to_thread(self._joined, tuple(selectors), start, end, cells, remote)

    async def _remote(self, selectors: Sequence[Selector], start: float, end: float, cells: int) -> Points:
        asked: dict[str, list[Selector]] = {}
        for selector in selectors:
            if selector.source in self._archives:
                asked.setdefault(selector.source, []).append(selector)
        if not asked:
            return {}
        interval = max((self.memory.interval(name) for name in self.select(selectors)), default=1.0)
        step = choose_step(end - start, cells, interval)
        found: Points = {}
        for source, wanted in asked.items():
            names = tuple(dict.fromkeys(selector.name for selector in wanted))
            keys = [f"{source}/{name}" for name in names]
            try:
                points = await self._archives[source].past(names, start, end, step)
            except QueryError as error:
                self.troubles.update(dict.fromkeys(keys, f"the time before can't be told: {error}"))
                continue
            for key in keys:
                self.troubles.pop(key, None)
            found.update((name, at) for name, at in points.items() if any(one.matches(name) for one in wanted))
        return found

    def _joined(self, selectors: Sequence[Selector], start: float, end: float, cells: int, remote: Points) -> Window:
        intervals = {name: self.memory.interval(name) for name in (*self.select(selectors), *remote)}
        stored = {name: interval for name, interval in self._stored(selectors).items() if name not in remote}
        for name, interval in stored.items():
            intervals.setdefault(name, interval)
        step = choose_step(end - start, cells, max(intervals.values(), default=1.0))
        first = aligned_start(start, step)
        count = bucket_count(first, end, step, cells)
        until = first + step * count
        journal = self._points(list(stored), first, until)
        filled = []
        for name in sorted(intervals, key=natural):
            buckets = Buckets(name, first, step, count)
            # where both hold a sample, memory's copy counts
            oldest = self.memory.oldest_at(name)
            old = remote.get(name) or journal.get(name, [])
            buckets.add(old if oldest is None else [point for point in old if point[0] < oldest])
            buckets.add(self.memory.points(name, first, until))
            if not buckets.empty:
                filled.append(buckets.window())
        return Window(first, step, count, tuple(filled))

    def _stored(self, selectors: Sequence[Selector]) -> dict[str, float]:
        if self._reader is None:
            return {}
        try:
            return self._reader.select(selectors)
        except sqlite3.Error:
            return {}  # its health says why; memory still answers

    def _points(self, series: list[str], start: float, end: float) -> dict[str, list[tuple[float, float]]]:
        if self._reader is None or not series:
            return {}
        try:
            return self._reader.points(series, start, end)
        except sqlite3.Error:
            return {}
