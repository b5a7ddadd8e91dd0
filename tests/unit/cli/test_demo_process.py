from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from perftui.cli.demo_process import DemoProcess
from perftui.domain.errors import Exit, PerftuiError


def test_without_a_place_for_its_files_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))

    with pytest.raises(PerftuiError, match="no place for its files") as raised:
        DemoProcess([])

    assert raised.value.code is Exit.SOURCE_FAILED


def test_what_it_is_told_wrongly_is_an_error_of_usage_and_leaves_no_folder() -> None:
    process = DemoProcess(["--fault", "fire"])

    with pytest.raises(PerftuiError, match="unknown fault 'fire'") as raised:
        process.start()

    assert raised.value.code is Exit.USAGE
    assert not process.folder.exists()
