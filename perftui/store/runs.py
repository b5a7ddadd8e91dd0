"""Keeping the record of a run in the journal's file, also while a session writes its history there.

SQLite lets one connection write after the other; the lock of the journal only keeps two histories apart. A file that is
not there yet is made as the journal makes it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from perftui.store.database import JournalError, WriterLock, open_writer
from perftui.store.schema import NewerSchemaError, refuse_newer

_PATIENCE_S, _PAUSE_S = 5.0, 0.02
_KEEP = "INSERT OR REPLACE INTO runs(id, started_at, ended_at, name, summary) VALUES (?, ?, ?, ?, ?)"


def keep_run(
    path: Path,
    run_id: str,
    started_at: float,
    ended_at: float,
    name: str,
    record: Mapping[str, Any],
    *,
    is_known: bool = False,
) -> str:
    """Empty, or why it could not be kept; moments are seconds since the epoch.

    ``is_known``: the caller wrote there a moment ago, so that the file is not looked through again.
    """
    lock = WriterLock(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_PATIENCE_S) if is_known else _opened(path, ended_at, lock)
        with closing(connection):
            refuse_newer(connection)
            with connection:
                connection.execute(_KEEP, (run_id, started_at, ended_at, name, json.dumps(record)))
    except (sqlite3.Error, OSError, JournalError, NewerSchemaError) as error:
        return f"the run is not in the history: {error}"
    finally:
        lock.release()
    return ""


def _opened(path: Path, now: float, lock: WriterLock) -> sqlite3.Connection:
    """Raises JournalError when another makes the file, and does not come to its tables."""
    end = time.monotonic() + _PATIENCE_S
    while not _is_ours(lock):
        # a session writes there: its file is sound and of a schema that somebody has just judged
        connection = _with_tables(path)
        if connection is not None:
            return connection
        if time.monotonic() >= end:
            raise JournalError("another perftui begins it, and does not come to its tables")
        time.sleep(_PAUSE_S)  # nothing tells when another process has made its tables
    return open_writer(path, now)[0]


def _is_ours(lock: WriterLock) -> bool:
    try:
        lock.take()
    except JournalError:
        return False
    return True


def _with_tables(path: Path) -> sqlite3.Connection | None:
    """None for a file that is being made at this moment; it is not made here, that would get in the way."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_S)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except BaseException:
        connection.close()
        raise
    if not version:
        connection.close()
    return connection if version else None
