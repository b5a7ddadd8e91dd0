"""Keeping the record of a run in the journal's file, also while a session writes its history there.

SQLite lets one connection write after the other; the lock of the journal only keeps two histories apart. A file that is
not there yet is made as the journal makes it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from perftui.store.database import JournalError, WriterLock, open_writer
from perftui.store.schema import NewerSchemaError, refuse_newer

_PATIENCE_S = 5.0
_KEEP = "INSERT OR REPLACE INTO runs(id, started_at, ended_at, name, summary) VALUES (?, ?, ?, ?, ?)"


def keep_run(path: Path, run_id: str, started_at: float, ended_at: float, name: str, record: Mapping[str, Any]) -> str:
    """Empty, or why it could not be kept; moments are seconds since the epoch."""
    lock = WriterLock(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            lock.take()
        except JournalError:
            # a session writes there: its file is sound and of a schema that somebody has just judged
            connection = sqlite3.connect(path, timeout=_PATIENCE_S)
        else:
            connection, _ = open_writer(path, ended_at)
        with closing(connection):
            refuse_newer(connection)
            with connection:
                connection.execute(_KEEP, (run_id, started_at, ended_at, name, json.dumps(record)))
    except (sqlite3.Error, OSError, JournalError, NewerSchemaError) as error:
        return f"the run is not in the history: {error}"
    finally:
        lock.release()
    return ""
