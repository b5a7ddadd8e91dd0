"""Where a load's record may be written to, before there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.cli.load_formats import check_out
from perftui.domain.errors import PerftuiError


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/run.json", "there is no folder .*none"),
        ("folder.json", "is a folder, not a file"),
        ("run.doc", "its ending names no format"),
    ],
)
def test_a_file_that_can_not_be_written_is_refused_before_anything_is_sent(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(PerftuiError, match=reason):
        check_out(str(tmp_path / name))


def test_a_new_file_and_one_that_is_there_are_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.xml").touch()
    check_out("new.json")
    check_out("old.xml")
