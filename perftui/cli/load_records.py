"""The records of past loads, for the commands that look at them; and which loads are under way."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from perftui.cli.arguments import Options
from perftui.cli.setup import configuration
from perftui.config.paths import journal_path, state_folder
from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.text import clean
from perftui.store.reader import JournalReader
from perftui.store.running import Mark, under_way

LAST = "last"
_MOST = 1000


def marks_folder() -> Path:
    """Where those that are under way have their marks, and detached ones their logs."""
    return state_folder() / "loads"


def marks() -> list[Mark]:
    return under_way(marks_folder())


def newest(options: Options, most: int) -> list[dict[str, Any]]:
    """Records, the newest first. Raises PerftuiError when the history can't be read."""
    path = journal_path(configuration(options).config.storage.path)
    if not path.exists():
        return []
    try:
        rows = JournalReader(path).runs(most)
    except sqlite3.Error as error:
        raise PerftuiError(f"{path} can't be read: {error}", Exit.SOURCE_FAILED) from None
    found = [_read(summary) for _, _, summary in rows]
    return [record for record in found if record is not None]


def named(options: Options, run_id: str) -> dict[str, Any]:
    """The record of a run, by the beginning of its id, or ``last``. Raises PerftuiError unless it is one."""
    records = newest(options, _MOST)
    if run_id == LAST and records:
        return records[0]
    found = [record for record in records if str(record["run_id"]).startswith(run_id)]
    if len(found) == 1:
        return found[0]
    what = "no run of the history begins" if not found else f"{len(found)} runs of the history begin"
    raise PerftuiError(f"{what} with {clean(run_id, 80)}: perftui load history lists them")


def state_of(record: dict[str, Any], running: set[str]) -> str:
    """``running``, ``done``, or what ended it."""
    if record["run_id"] in running:
        return "running"
    stopped_by = clean(str(record.get("stopped_by", "")), 200)
    return "done" if stopped_by in ("duration", "requests") else stopped_by


def _read(summary: str) -> dict[str, Any] | None:
    """None for what is no record of a load."""
    try:
        record = json.loads(summary)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "run_id" in record and "response_ms" in record else None
