"""Records of loads are kept beside the history, or held until they can be."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.health import StorageState
from perftui.load.run import Run
from perftui.session.load.keeping import Keeping
from perftui.session.load.rows import row_of
from perftui.store.journal import Journal
from tests.unit.load.runs import job
from tests.unit.session.test_server import until


def record(run_id: str, **more: Any) -> dict[str, Any]:
    from perftui.load.record import record as made

    what = msgspec.structs.replace(job(1), run_id=run_id)
    plan = {"url": "http://x/", "model": "open", "shape": "constant", "rate": 5.0}
    return {**made(Run(), what, plan, 1000.0, {}, {}), **more}


def test_a_record_lies_in_the_file_that_the_sessions_own_journal_writes(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    journal = Journal(path, wall=lambda: 1000.0, keep_raw_s=60.0)
    journal.start()

    async def main() -> None:
        await until(lambda: journal.health().state is StorageState.OK)
        keeping = Keeping(path)
        await keeping.keep("a", 1000.0, 1001.0, "load x", record("a"))
        await keeping.keep("a", 1000.0, 1002.0, "load x", record("a", done=7))
        await keeping.keep("b", 2000.0, 2001.0, "load x", record("b"))
        assert keeping.problem == ""
        assert [(row.key, row.done) for row in await keeping.rows()] == [("b", 0), ("a", 7)]
        assert (await keeping.record("a"))["done"] == 7
        with pytest.raises(ValueError, match="no record"):
            await keeping.record("c")

    asyncio.run(main())
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        assert [json.loads(text)["run_id"] for (text,) in connection.execute("SELECT summary FROM runs")] == ["a", "b"]


def test_what_can_not_be_written_is_told_held_and_written_later(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("no folder")

    async def main() -> None:
        keeping = Keeping(folder / "history.db")
        await keeping.keep("a", 1000.0, 1001.0, "load x", record("a"))
        assert "not in the history" in keeping.problem
        assert [row.key for row in await keeping.rows()] == ["a"]
        folder.unlink()
        await keeping.flush()
        assert keeping.problem == ""
        await keeping.keep("b", 2000.0, 2001.0, "load x", record("b"))

    asyncio.run(main())
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(2,)]


def test_a_session_without_a_journal_remembers_its_own_loads() -> None:
    async def main() -> None:
        keeping = Keeping(None)
        for number in range(60):
            await keeping.keep(str(number), float(number), number + 1.0, "load x", record(str(number)))
        rows = await keeping.rows()
        assert len(rows) == 50
        assert rows[0].key == "59"
        assert (await keeping.record("59"))["run_id"] == "59"

    asyncio.run(main())


def test_a_row_tells_what_the_record_tells() -> None:
    row = row_of(1000.0, json.dumps(record("a", done=5, stopped_by="us\x1b[31mer")))

    assert row is not None
    assert (row.key, row.target, row.rate, row.done, row.p50_ms, row.ok) == ("a", "http://x/", 5.0, 5, None, True)
    assert "\x1b" not in row.stopped_by
    broken = row_of(1000.0, record("a", thresholds=[{"ok": True}, {"ok": False}]))
    assert broken is not None
    assert not broken.ok


@given(st.text() | st.dictionaries(st.text(), st.integers() | st.text() | st.none()).map(json.dumps))
def test_what_is_no_record_of_a_load_is_no_row(summary: str) -> None:
    found = row_of(1.0, summary)

    assert found is None or "run_id" in summary
