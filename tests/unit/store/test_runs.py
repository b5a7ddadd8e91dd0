"""Records of runs beside a history that another perftui begins at this moment."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from perftui.store import runs
from perftui.store.database import WriterLock, open_writer
from perftui.store.reader import JournalReader
from perftui.store.runs import keep_run


def test_a_history_without_its_tables_yet_holds_no_runs(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.touch()

    assert JournalReader(path).runs(9) == []
    assert JournalReader(path).run("a") is None


@pytest.mark.parametrize("is_there", [True, False])
def test_a_run_is_kept_once_the_file_that_another_makes_has_its_tables(
    is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.db"
    lock = WriterLock(path)
    lock.take()
    if is_there:
        path.touch()
    monkeypatch.setattr(runs, "_PATIENCE_S", 60.0)
    has_waited, problems = threading.Event(), list[str]()
    monkeypatch.setattr(runs.time, "sleep", lambda seconds: has_waited.wait(seconds) or has_waited.set())
    keeping = threading.Thread(target=lambda: problems.append(keep_run(path, "a", 1.0, 2.0, "load x", {})))
    keeping.start()
    assert has_waited.wait(60)
    assert path.exists() is is_there
    with closing(open_writer(path, 1.0)[0]):
        keeping.join(60)
    lock.release()

    assert problems == [""]
    assert JournalReader(path).run("a") == "{}"


def test_a_file_that_never_gets_its_tables_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.db"
    lock = WriterLock(path)
    lock.take()
    monkeypatch.setattr(runs, "_PATIENCE_S", 0.0)

    assert "another perftui" in keep_run(path, "a", 1.0, 2.0, "load x", {})
    assert not path.exists()
    lock.release()
