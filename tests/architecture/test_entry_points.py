"""Commands that need no screen load no terminal library and no HTTP client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_HEAVY = ("textual", "rich", "plotext", "httpx", "requests")
_RUN = """
import json, sys
from perftui.cli.main import run
code = run(sys.argv[1:])
print("\\nLOADED " + json.dumps([name for name in {heavy!r} if name in sys.modules]))
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("snapshot", "--format", "json"),
        ("snapshot", "--format", "json", "--screen", "host"),
        ("doctor",),
        ("selftest", "--help"),
        ("check",),
        ("themes",),
    ],
)
def test_a_command_without_a_screen_stays_light(arguments: tuple[str, ...], tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _RUN.format(heavy=_HEAVY), *arguments],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.rsplit("LOADED ", 1)[1]) == []


def test_a_terminal_is_asked_without_the_terminal_library() -> None:
    code = "import perftui.cli.selftest.command, sys; print([name for name in sys.modules if name == 'textual'])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_a_text_snapshot_loads_what_draws_its_charts_and_no_terminal_library(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _RUN.format(heavy=_HEAVY), "snapshot"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.rsplit("LOADED ", 1)[1]) == ["plotext"]


def test_telling_line_by_line_stays_light() -> None:
    code = f"import perftui.cli.plain, sys; print([name for name in {_HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_the_session_process_stays_light() -> None:
    code = f"import perftui.session.serve, sys; print([name for name in {_HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
