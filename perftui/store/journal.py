"""The journal of everything seen: one writer thread, so that a slow or full disk never holds up watching."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from array import array
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from perftui.domain.health import StorageHealth, StorageState
from perftui.domain.samples import Batch
from perftui.domain.triage import AlertSpan
from perftui.store.database import JournalError, WriterLock, in_words, is_corrupt, open_writer

_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_PRUNE_EVERY_S = 60.0
_PRUNE_ROWS = 5000


class Journal:
    """``append`` returns at once and never raises; what can't be written waits, ``max_waiting`` ticks at most.

    ``wall`` is the clock of the samples; ``retry_s`` are the pauses between attempts while the file can't be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        wall: Callable[[], float],
        keep_raw_s: float,
        max_waiting: int = 3600,
        retry_s: Sequence[float] = _RETRY_S,
    ) -> None:
        self._path, self._wall, self._keep_raw_s = path, wall, keep_raw_s
        self._max_waiting, self._retry_s = max_waiting, tuple(retry_s)
        self._condition = threading.Condition()
        self._ticks: deque[tuple[float, tuple[Batch, ...]]] = deque()
        self._statements: deque[tuple[str, tuple[Any, ...]]] = deque(maxlen=10_000)
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._lock = WriterLock(path)
        self._connection: sqlite3.Connection | None = None
        self._sids: dict[str, int] = {}
        self._layouts: dict[tuple[str, ...], int] = {}
        self._intervals: dict[str, float] = {}
        self._pruned_at = 0.0
        self._state, self._reason = StorageState.MEMORY, "not opened yet"
        self._since: float | None = None
        self._dropped = 0
        self._acknowledged_at: float | None = None
        self._oldest_at: float | None = None
        self._bytes = 0

    @property
    def path(self) -> Path:
        return self._path

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, at: float, batches: Sequence[Batch], intervals: Mapping[str, float] | None = None) -> None:
        """Queue one tick; the oldest waiting tick is dropped and counted when too many wait."""
        with self._condition:
            if intervals:
                self._intervals.update(intervals)
            self._ticks.append((at, tuple(batch for batch in batches if batch.values)))
            if len(self._ticks) > self._max_waiting:
                self._ticks.popleft()
                self._dropped += 1
            self._condition.notify()

    def mark(self, at: float, name: str, text: str) -> None:
        """Note a moment: a deploy, a change, the start of a load."""
        self._write("INSERT INTO marks(at, name, text) VALUES (?, ?, ?)", (at, name, text))

    def firing(self, span: AlertSpan) -> None:
        """Note that an alert began or ended."""
        statement = (
            "INSERT OR REPLACE INTO alert_spans(key, fingerprint, name, severity, state, start, ended_at, labels)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        told = (span.key, span.fingerprint, span.name, span.severity.value, span.state.value, span.start, span.end)
        self._write(statement, (*told, json.dumps(span.labels)))

    def run(
        self, run_id: str, started_at: float, ended_at: float | None, name: str, summary: Mapping[str, Any]
    ) -> None:
        """Note a run, or its end."""
        statement = "INSERT OR REPLACE INTO runs(id, started_at, ended_at, name, summary) VALUES (?, ?, ?, ?, ?)"
        self._write(statement, (run_id, started_at, ended_at, name, json.dumps(summary)))

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        with self._condition:
            self._statements.append((statement, values))
            self._condition.notify()

    def health(self) -> StorageHealth:
        with self._condition:
            return StorageHealth(
                self._state, str(self._path), self._reason, self._since, self._bytes, self._oldest_at,
                self._acknowledged_at, len(self._ticks), self._dropped,
            )  # fmt: skip

    def close(self, timeout_s: float = 3.0) -> None:
        """Write what waits, if it can be written, and end."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        attempt = 0
        while True:
            with self._condition:
                while not (self._ticks or self._statements or self._stopping or self._connection is None):
                    self._condition.wait()
                stopping = self._stopping
            try:
                self._work()
                attempt = 0
            except (sqlite3.Error, OSError, JournalError) as error:
                self._failed(error)
                if not stopping:
                    self._pause(self._retry_s[min(attempt, len(self._retry_s) - 1)])
                    attempt += 1
            if stopping:
                self._disconnect()
                return

    def _pause(self, seconds: float) -> None:
        """Wait before the next attempt; only the end of the session cuts it short, new ticks don't."""
        with self._condition:
            self._condition.wait_for(lambda: self._stopping, seconds)

    def _work(self) -> None:
        if self._connection is None:
            self._connect()
        with self._condition:
            ticks, statements = list(self._ticks), list(self._statements)
        if ticks or statements:
            self._commit(ticks, statements)
        self._prune()

    def _connect(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.take()
        self._connection, note = open_writer(self._path, self._wall())
        self._sids = dict(self._connection.execute("SELECT name, sid FROM series"))
        self._layouts = {}
        oldest = self._connection.execute("SELECT min(at) FROM ticks").fetchone()[0]
        with self._condition:
            self._state, self._reason = StorageState.OK, note
            self._since = self._wall() if note else None
            self._oldest_at = oldest
            self._bytes = self._size()

    def _failed(self, error: Exception) -> None:
        reason = in_words(error, self._path)
        with self._condition:
            if self._state is not StorageState.MEMORY or self._since is None:
                self._since = self._wall()
            self._state, self._reason = StorageState.MEMORY, reason
        # a file that turned out to be corrupt is set aside when it is opened again
        if is_corrupt(error) or not self._path.exists():
            self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        self._lock.release()

    def _commit(
        self, ticks: list[tuple[float, tuple[Batch, ...]]], statements: list[tuple[str, tuple[Any, ...]]]
    ) -> None:
        connection = self._connection
        if connection is None:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for _, batches in ticks:
                for batch in batches:
                    layout = self._layout(connection, tuple(batch.values))
                    blob = array("d", batch.values.values()).tobytes()
                    row = (batch.at, layout, blob)
                    connection.execute("INSERT INTO ticks(at, layout, series_values) VALUES (?, ?, ?)", row)
            for statement, values in statements:
                connection.execute(statement, values)
            connection.execute("COMMIT")
        except BaseException:
            # what this transaction learned is undone with it
            self._layouts = {}
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
                self._sids = dict(connection.execute("SELECT name, sid FROM series"))
            raise
        self._written(ticks, len(statements))

    def _written(self, ticks: list[tuple[float, tuple[Batch, ...]]], statements: int) -> None:
        with self._condition:
            # a full queue may have dropped some of them meanwhile
            written = {id(tick) for tick in ticks}
            while self._ticks and id(self._ticks[0]) in written:
                self._ticks.popleft()
            for _ in range(min(statements, len(self._statements))):
                self._statements.popleft()
            if ticks:
                self._acknowledged_at = ticks[-1][0]
                self._oldest_at = ticks[0][0] if self._oldest_at is None else self._oldest_at
            if self._state is not StorageState.OK:
                self._state, self._reason, self._since = StorageState.OK, "", None
            self._bytes = self._size()

    def _layout(self, connection: sqlite3.Connection, names: tuple[str, ...]) -> int:
        known = self._layouts.get(names)
        if known is not None:
            return known
        for name in names:
            if name not in self._sids:
                row = (name, self._intervals.get(name, 1.0))
                cursor = connection.execute("INSERT INTO series(name, interval_s) VALUES (?, ?)", row)
                self._sids[name] = int(cursor.lastrowid or 0)
        sids = array("I", (self._sids[name] for name in names)).tobytes()
        connection.execute("INSERT OR IGNORE INTO layouts(sids) VALUES (?)", (sids,))
        (layout,) = connection.execute("SELECT id FROM layouts WHERE sids = ?", (sids,)).fetchone()
        self._layouts[names] = int(layout)
        return int(layout)

    def _prune(self) -> None:
        """Delete raw ticks that are too old, a few at a time, once a minute."""
        now = self._wall()
        if self._connection is None or now - self._pruned_at < _PRUNE_EVERY_S:
            return
        self._pruned_at = now
        old = "SELECT id FROM ticks WHERE at < ? ORDER BY at LIMIT ?"
        cursor = self._connection.execute(
            f"DELETE FROM ticks WHERE id IN ({old})",  # noqa: S608 (both parts are constants)
            (now - self._keep_raw_s, _PRUNE_ROWS),
        )
        if cursor.rowcount:
            self._connection.execute("PRAGMA incremental_vacuum(1000)")
            oldest = self._connection.execute("SELECT min(at) FROM ticks").fetchone()[0]
            with self._condition:
                self._oldest_at = oldest

    def _size(self) -> int:
        size = 0
        for ending in ("", "-wal"):
            with contextlib.suppress(OSError):
                size += self._path.with_name(self._path.name + ending).stat().st_size
        return size
