"""Which engines a console may offer."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.load.handoff.launcher import engines_here


def test_ours_is_always_here_and_others_once_they_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engines_here()[0] == "perftui"
    assert "k6" not in engines_here()
    for name in ("k6", "locust"):
        (tmp_path / name).write_text("#!/bin/sh\n", "utf-8")
        (tmp_path / name).chmod(0o755)
    assert engines_here() == ("perftui", "locust", "k6")
