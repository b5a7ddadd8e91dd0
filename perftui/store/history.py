"""One question for live, frozen and past windows alike: memory answers what it holds, the journal the rest."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence

from perftui.domain.samples import Window
from perftui.domain.series import Selector
from perftui.store.memory import MemoryStore, natural
from perftui.store.reader import JournalReader
from perftui.store.window import Buckets, aligned_start, bucket_count, choose_step


class History:
    """``reader`` None means that there is no journal: memory is all there is."""

    def __init__(self, memory: MemoryStore, reader: JournalReader | None) -> None:
        self.memory = memory
        self._reader = reader

    def select(self, selectors: Sequence[Selector]) -> tuple[str, ...]:
        """Ids of the series in memory that the selectors pick, in the order of the selectors, each once."""
        return tuple(dict.fromkeys(name for selector in selectors for name in self.memory.select(selector)))

    def window(
        self, selectors: Sequence[Selector], start: float, end: float, cells: int, step_s: float | None = None
    ) -> Window:
        """The window as far as memory holds it."""
        return self.memory.window(self.select(selectors), start, end, cells, step_s)

    def needs_journal(self, selectors: Sequence[Selector], start: float) -> bool:
        """Whether samples from ``start`` on may have left memory or come from an earlier session."""
        return self._reader is not None and not self.memory.covers(self.select(selectors), start)

    async def past(self, selectors: Sequence[Selector], start: float, end: float, cells: int) -> Window:
        """The window from journal and memory together, in the same buckets as ``window`` would make."""
        return await asyncio.to_thread(self._joined, tuple(selectors), start, end, cells)

    def _joined(self, selectors: Sequence[Selector], start: float, end: float, cells: int) -> Window:
        intervals = {name: self.memory.interval(name) for name in self.select(selectors)}
        stored = self._stored(selectors)
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
            old = journal.get(name, [])
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
