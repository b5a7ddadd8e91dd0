"""Reading the journal beside its writer: a connection of its own for each read, in the thread that reads."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from array import array
from collections.abc import Sequence
from pathlib import Path

import msgspec

from perftui.domain.series import Selector
from perftui.domain.triage import AlertSpan


class JournalReader:
    """Answers from a file that another thread or process may be writing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def select(self, selectors: Sequence[Selector]) -> dict[str, float]:
        """Ids and sample intervals of the series that the journal knows. Raises sqlite3.Error."""
        with contextlib.closing(self._connect()) as connection:
            found: dict[str, float] = {}
            for selector in selectors:
                head = f"{selector.source}/{selector.name}"
                rows = connection.execute(
                    "SELECT name, interval_s FROM series WHERE name = ? OR substr(name, 1, ?) = ?",
                    (head, len(head) + 1, head + "{"),
                )
                found.update((name, interval) for name, interval in rows if selector.matches(name))
            return found

    def points(self, series: Sequence[str], start: float, end: float) -> dict[str, list[tuple[float, float]]]:
        """Samples of ``[start, end)`` by series, oldest first. Raises sqlite3.Error."""
        result: dict[str, list[tuple[float, float]]] = {name: [] for name in series}
        with contextlib.closing(self._connect()) as connection:
            names = {sid: name for name, sid in connection.execute("SELECT name, sid FROM series") if name in result}
            places: dict[int, list[tuple[int, list[tuple[float, float]]]]] = {}
            for layout, sids in connection.execute("SELECT id, sids FROM layouts"):
                order = array("I")
                order.frombytes(sids)
                places[layout] = [(place, result[names[sid]]) for place, sid in enumerate(order) if sid in names]
            rows = connection.execute(
                "SELECT at, layout, series_values FROM ticks WHERE at >= ? AND at < ? ORDER BY at", (start, end)
            )
            for at, layout, blob in rows:
                wanted = places.get(layout)
                if wanted:
                    values = memoryview(blob).cast("d")
                    for place, points in wanted:
                        points.append((at, values[place]))
        return result

    def firings(self, since: float, most: int) -> tuple[list[AlertSpan], float]:
        """The newest spans of alerts that were true since then, oldest first, and when the last sample was written.

        Raises sqlite3.Error.
        """
        with contextlib.closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT key, fingerprint, name, severity, state, start, ended_at, labels FROM alert_spans"
                " WHERE ended_at IS NULL OR ended_at >= ? ORDER BY start DESC LIMIT ?",
                (since, most),
            ).fetchall()
            (last,) = connection.execute("SELECT max(at) FROM ticks").fetchone()
        spans = [msgspec.convert([*row[:7], json.loads(row[7])], AlertSpan) for row in rows]
        return spans[::-1], last or 0.0

    def runs(self, most: int) -> list[tuple[str, float, str]]:
        """Id, start and record (JSON) of the newest runs, newest first. Raises sqlite3.Error."""
        with contextlib.closing(self._connect()) as connection:
            if _is_being_made(connection):
                return []
            return connection.execute(
                "SELECT id, started_at, summary FROM runs ORDER BY started_at DESC LIMIT ?", (most,)
            ).fetchall()

    def run(self, run_id: str) -> str | None:
        """The record (JSON) of a run; None when there is none. Raises sqlite3.Error."""
        with contextlib.closing(self._connect()) as connection:
            if _is_being_made(connection):
                return None
            found = connection.execute("SELECT summary FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if found is None else str(found[0])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=2.0)


def _is_being_made(connection: sqlite3.Connection) -> bool:
    """Whether it has no tables: a file that another perftui begins at this moment."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return not version
