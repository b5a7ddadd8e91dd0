"""Events are whole lines whoever writes beside, and the files do not grow without end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from perftui.demo.journal import Journal

_WRITE = """
import sys
from pathlib import Path
from perftui.demo.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(300):
    journal.tell("agent.heartbeat", agent=sys.argv[2] * 200, number=number, nothing=None)
"""


def test_many_processes_write_one_file_and_every_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", _WRITE, str(path), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]

    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    assert sorted((e["agent"][0], e["number"]) for e in events) == [(n, i) for n in "abc" for i in range(300)]
    assert all(set(event) == {"ts", "type", "agent", "number"} for event in events)


def test_a_large_file_is_set_aside_and_only_the_last_one_is_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    journal.rotate(above=0)
    for name in ("first", "second", "third"):
        journal.tell("mark", name=name)
        journal.rotate(above=1_000_000)
        journal.rotate(above=10)

    assert [path.name for path in tmp_path.glob("events*")] == ["events.jsonl.1"]
    assert "third" in (tmp_path / "events.jsonl.1").read_text("utf-8")
