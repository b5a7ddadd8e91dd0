"""The records of loads as a session keeps them: in the journal's file beside its history, else in memory."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perftui.domain.load import LoadRunRow
from perftui.session.load.rows import row_of
from perftui.store.reader import JournalReader
from perftui.store.runs import keep_run

MOST_ROWS = 200

# records that could not be written, or that a session without a journal made
_MOST_HELD = 50

Record = Mapping[str, Any]


class _Held:
    """A record with what the history wants to know of it."""

    def __init__(self, started_at: float, ended_at: float, name: str, record: Record) -> None:
        self.started_at, self.ended_at, self.name, self.record = started_at, ended_at, name, record


class Keeping:
    """``path`` is the journal's file, None for a session without one. ``problem`` says why a record is not on disk."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held: dict[str, _Held] = {}
        self._writing = asyncio.Lock()
        self._is_known = False
        self.problem = ""

    async def keep(self, run_id: str, started_at: float, ended_at: float, name: str, record: Record) -> None:
        """In its own thread, one after the other; what can't be written is held, and tried again with the next one."""
        self._held.pop(run_id, None)
        self._held[run_id] = _Held(started_at, ended_at, name, record)
        async with self._writing:
            await self._write()
        while len(self._held) > _MOST_HELD:
            del self._held[next(iter(self._held))]

    async def flush(self) -> None:
        """Try once more to write what is held: the last chance of a session that ends."""
        async with self._writing:
            await self._write()

    async def _write(self) -> None:
        if self._path is None:
            return
        for run_id, held in list(self._held.items()):
            self.problem = await asyncio.to_thread(
                keep_run, self._path, run_id, held.started_at, held.ended_at, held.name, held.record,
                is_known=self._is_known,
            )  # fmt: skip
            self._is_known = not self.problem
            if self.problem:
                return
            if self._held.get(run_id) is held:
                del self._held[run_id]

    async def rows(self) -> tuple[LoadRunRow, ...]:
        """The newest, newest first; what is held here is newer than what lies on disk."""
        stored = await asyncio.to_thread(self._stored)
        known = {row.key: row for row in stored}
        for held in self._held.values():
            row = row_of(held.started_at, held.record)
            if row is not None:
                known[row.key] = row
        return tuple(sorted(known.values(), key=lambda row: -row.started_at)[:MOST_ROWS])

    def _stored(self) -> list[LoadRunRow]:
        if self._path is None or not self._path.exists():
            return []
        try:
            runs = JournalReader(self._path).runs(MOST_ROWS)
        except sqlite3.Error:
            return []  # the journal's health says why
        return [row for _, started_at, summary in runs if (row := row_of(started_at, summary)) is not None]

    async def record(self, run_id: str) -> dict[str, Any]:
        """The whole record. Raises ValueError for one that nobody knows."""
        held = self._held.get(run_id)
        if held is not None:
            return dict(held.record)
        text = await asyncio.to_thread(self._text, run_id)
        if text is None:
            raise ValueError("no record of this load is in the history")
        found: dict[str, Any] = json.loads(text)
        return found

    def _text(self, run_id: str) -> str | None:
        if self._path is None or not self._path.exists():
            return None
        try:
            return JournalReader(self._path).run(run_id)
        except sqlite3.Error as error:
            raise ValueError(f"the history can't be read: {error}") from None
