"""The guide to the format says what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.domain.workflow import Event, EventType
from perftui.session.workflow_series import FIGURES
from perftui.sources.workflow.lines import Lines

GUIDE = (Path(__file__).parents[4] / "docs/guide/workflow.md").read_text("utf-8")


def _read(lines: list[bytes]) -> tuple[list[Event], list[str]]:
    reader, events = Lines(), list[Event]()
    reader.read(lines, "", 1, events)
    return events, list(reader.skipped.notes())


def test_every_type_and_every_series_stands_in_the_guide() -> None:
    named = set(re.findall(r"[a-z_.]+", GUIDE))

    assert {kind.value for kind in EventType} <= named
    assert set(FIGURES) <= named


def test_the_lines_in_the_guide_can_be_read() -> None:
    (block,) = re.findall(r"```json\n(.+?)```", GUIDE, flags=re.S)
    events, notes = _read([line.encode() for line in block.splitlines()])

    assert (len(events), notes) == (3, [])


def test_the_python_in_the_guide_runs_and_is_understood(tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(.+?)```", GUIDE, flags=re.S)
    subprocess.run([sys.executable, "-c", block], cwd=tmp_path, check=True, timeout=60)
    events, notes = _read((tmp_path / "events.jsonl").read_bytes().splitlines())

    assert notes == []
    assert {event.type for event in events} >= {EventType.WORKFLOW_STARTED, EventType.TASK_FINISHED, EventType.MARK}


@pytest.mark.parametrize("key", ["workflow", "attempt", "io_bytes", "slots", "reason", "phases", "after"])
def test_keys_of_the_format_are_named(key: str) -> None:
    assert f"`{key}`" in GUIDE or f"`[{key}]`" in GUIDE
