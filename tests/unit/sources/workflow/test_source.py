from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.sources.workflow import places
from perftui.sources.workflow.tail import MAX_LINE
from tests.unit.session.workflow_events import Watched
from tests.unit.sources.workflow.reading import Reading, line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def reading(path: Path) -> Iterator[Reading]:
    reading = Reading(path)
    yield reading
    reading.close()


def test_every_line_is_told_once(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + line(2, "b"))

    assert reading.poll().names == ["a", "b"]
    assert reading.poll().names == ["a", "b"]
    with path.open("ab") as file:
        file.write(line(3, "c"))
    assert reading.poll().names == ["a", "b", "c"]
    assert reading.source.notes == ()


def test_half_a_line_waits_for_its_other_half(path: Path, reading: Reading) -> None:
    whole = line(1, "a")
    path.write_bytes(whole[:20])
    assert reading.poll().names == []

    with path.open("ab") as file:
        file.write(whole[20:])
    assert reading.poll().names == ["a"]


def test_a_last_line_that_nobody_ends_is_taken_after_a_while(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + line(2, "b").rstrip())
    assert reading.poll().names == ["a"]

    for _ in range(6):
        reading.poll()
    assert reading.names == ["a", "b"]
    with path.open("ab") as file:
        file.write(b"\n" + line(3, "c"))
    assert reading.poll().names == ["a", "b", "c"]
    assert reading.source.notes == ()


def test_the_rest_of_a_renamed_file_is_read_and_then_the_new_one(path: Path, reading: Reading) -> None:
    with path.open("ab") as held:
        held.write(line(1, "a"))
        held.flush()
        reading.poll()
        held.write(line(2, "b"))
        held.flush()
        path.rename(path.with_name("events.jsonl.1"))
        path.write_bytes(line(4, "d"))
        reading.poll()
        held.write(line(3, "c"))
        held.flush()
    reading.poll()

    assert sorted(reading.names) == ["a", "b", "c", "d"]
    assert reading.errors == []


def test_what_was_set_aside_before_we_came_is_read_first(path: Path, reading: Reading) -> None:
    path.with_name("events.jsonl.1").write_bytes(line(1, "a"))
    path.write_bytes(line(2, "b"))

    assert reading.poll().names == ["a", "b"]


def test_a_second_rotation_replaces_the_file_that_was_set_aside(path: Path, reading: Reading) -> None:
    for number in range(4):
        path.write_bytes(line(number, f"{number}"))
        reading.poll()
        path.replace(path.with_name("events.jsonl.1"))
    path.write_bytes(line(9, "9"))

    assert reading.poll().names == ["0", "1", "2", "3", "9"]


def test_a_copy_that_was_set_aside_before_the_file_was_cut_is_not_told_again(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + line(2, "b"))
    reading.poll()
    with path.open("ab") as file:
        file.write(line(3, "c"))
    path.with_name("events.jsonl.1").write_bytes(path.read_bytes())
    os.truncate(path, 0)
    with path.open("ab") as file:
        file.write(line(4, "d"))

    assert sorted(reading.poll().names) == ["a", "b", "c", "d"]


def test_a_file_that_was_cut_short_is_read_from_its_beginning(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + line(2, "b"))
    reading.poll()
    path.write_bytes(line(3, "c"))

    assert reading.poll().names == ["a", "b", "c"]
    assert reading.source.notes == ("a file was cut short or written anew once, and read from its beginning",)


def test_a_file_that_was_cut_and_grew_beyond_where_we_were_is_noticed(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a"))
    reading.poll()
    path.write_bytes(line(2, "b") + line(3, "c") + line(4, "d"))

    assert reading.poll().names == ["a", "b", "c", "d"]


def test_a_longer_copy_in_the_place_of_the_file_goes_on_where_we_were(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + line(2, "b"))
    reading.poll()
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes() + line(3, "c"))
    copy.replace(path)

    assert reading.poll().names == ["a", "b", "c"]


def test_another_file_in_its_place_is_read_whole(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a"))
    reading.poll()
    other = path.with_name("other")
    other.write_bytes(line(2, "x") + line(3, "y"))
    other.replace(path)

    assert reading.poll().names == ["a", "x", "y"]


def test_a_deleted_file_is_read_to_its_end_named_and_found_again(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a"))
    reading.poll()
    with path.open("ab") as file:
        file.write(line(2, "b"))
    path.unlink()

    assert reading.poll().names == ["a", "b"]
    reading.poll()
    assert reading.errors[-1] == ("missing", f"{path} does not exist (yet)")
    path.write_bytes(line(3, "c"))
    assert reading.poll().names == ["a", "b", "c"]
    assert reading.batch.error is None


def test_a_file_that_appears_later_is_waited_for(path: Path, reading: Reading) -> None:
    assert reading.poll().errors == [("missing", f"{path} does not exist (yet)")]
    path.write_bytes(line(1, "a"))

    assert reading.poll().names == ["a"]


def test_a_pipe_is_named_and_does_not_hold_us_up(path: Path, reading: Reading) -> None:
    os.mkfifo(path)

    assert reading.poll().errors == [("unsupported", f"{path} is neither a file nor a folder")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a"))
    path.chmod(0)

    assert reading.poll().errors == [("denied", f"no permission to read {path}")]


def test_lines_without_end_are_skipped_and_counted(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + b"x" * (3 * MAX_LINE) + b"\n" + line(2, "b"))

    assert reading.poll().names == ["a", "b"]
    assert reading.source.notes == ("1 line longer than 1 MiB",)


def test_broken_lines_are_named_by_their_number(path: Path, reading: Reading) -> None:
    path.write_bytes(line(1, "a") + b"{\n" + line(2, "b") + b"x" * (2 * MAX_LINE) + b"\n" + b"nonsense\n")
    reading.poll()

    assert reading.names == ["a", "b"]
    assert any(note.startswith("2 broken lines, last: line 5: ") for note in reading.source.notes)


def test_a_large_file_is_read_in_slices_with_its_progress(path: Path, reading: Reading) -> None:
    with path.open("wb") as file:
        for number in range(100_000):
            file.write(line(number, "a name that makes the line a little longer"))
    batch = reading.once()

    assert 1000 < len(batch.events) < 5000
    assert reading.source.behind
    assert reading.source.notes[0].startswith("reading 1 % of 8")
    reading.poll()
    assert len(reading.events) == 100_000
    assert not reading.source.behind
    assert reading.source.notes == ()


def test_files_of_a_folder_are_read_in_order_of_time(tmp_path: Path) -> None:
    one, two = [[line(2 * number + place) for number in range(5000)] for place in (0, 1)]
    (tmp_path / "a.jsonl").write_bytes(b"".join(one))
    (tmp_path / "b.jsonl").write_bytes(b"".join(two))
    (tmp_path / "notes.txt").write_bytes(b"not ours")
    reading = Reading(tmp_path).poll()

    times = [event.at for event in reading.events]
    assert sorted(times) == list(range(10_000))
    # never farther apart than a slice of a file
    assert max(max(times[:place]) - at for place, at in enumerate(times) if place) < 5000
    reading.close()


def test_a_file_that_is_renamed_within_its_folder_is_not_told_again(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1, "a"))
    reading = Reading(tmp_path).poll()
    (tmp_path / "a.jsonl").rename(tmp_path / "a-old.jsonl")
    (tmp_path / "a.jsonl").write_bytes(line(2, "b"))

    assert reading.poll().names == ["a", "b"]
    reading.close()


def test_broken_lines_of_a_folder_are_named_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{\n")
    reading = Reading(tmp_path).poll()

    assert reading.source.notes[0].startswith("1 broken line, last: a.jsonl line 1: ")
    reading.close()


def test_an_empty_folder_is_waited_for_and_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    reading = Reading(folder).poll()
    assert reading.errors == []
    assert reading.source.notes == ("there are no *.jsonl files in it yet",)

    folder.rmdir()
    assert reading.poll().errors == [("missing", f"{folder} does not exist (yet)")]
    reading.close()


def test_a_file_that_goes_while_its_folder_is_looked_at_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1, "a"))
    (tmp_path / "b.jsonl").write_bytes(line(2, "b"))
    listed = places._listed

    def listed_and_gone(path: str) -> list[os.DirEntry[str]]:
        found = listed(path)
        (tmp_path / "a.jsonl").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(places, "_listed", listed_and_gone)
    reading = Reading(tmp_path).poll()
    reading.close()

    assert reading.names == ["b"]
    assert reading.errors == []


def test_the_metrics_folder_tells_events_and_numbers(tmp_path: Path) -> None:
    inner = tmp_path / "real_time"
    inner.mkdir()
    (inner / "execution_traces.jsonl").write_bytes(line(1, "a"))
    (inner / "agent_performance.jsonl").write_bytes(line(2, "b"))
    (inner / "resource_usage.jsonl").write_bytes(
        b'{"ts":1,"cpu":{"average":0.5}}\n{"ts":2,"cpu":{"average":0.75}}\n{"ts"'
    )
    (inner / "current_metrics.json").write_text(
        json.dumps({"execution timing": {"total_seconds": 4, "phases": [1], "ok": True, "x": None}})
    )
    reading = Reading(tmp_path).poll()

    assert sorted(reading.names) == ["a", "b"]
    assert reading.batch.values == {
        "w/resource_cpu_average": 0.75,
        "w/metrics_execution_timing_total_seconds": 4.0,
    }
    assert {info.series for info in reading.source.catalogue()} == set(reading.batch.values)
    assert reading.poll().batch.values == {}
    (inner / "current_metrics.json").write_text("{")
    reading.poll()
    assert reading.source.notes[-1].startswith("current_metrics.json is not JSON")
    reading.close()


def test_a_source_that_was_closed_reads_no_more(path: Path) -> None:
    path.write_bytes(line(1))
    reading = Reading(path)
    reading.close()

    assert reading.poll().events == []


_STATES = ("ok", "failed")


def _told(at: float, kind: str, **fields: object) -> bytes:
    return json.dumps({"ts": at, "type": kind, "workflow": "wf", **fields}).encode() + b"\n"


@st.composite
def _files(draw: st.DrawFn) -> list[bytes]:
    """Lines of a few tasks; some are broken or of no known type."""
    lines, at = [], 1000.0
    for number in range(draw(st.integers(1, 6))):
        name, at = f"t{number}", at + 1
        lines.append(_told(at, "task.queued", task=name, phase="pä"))
        lines.append(_told(at + 0.25, "task.started", task=name, agent=draw(st.sampled_from(["a", "b"]))))
        lines.append(_told(at + 0.5, "task.finished", task=name, status=draw(st.sampled_from(_STATES))))
        lines.append(
            draw(st.sampled_from([b"", b"\n", b"{broken\n", _told(at, "deploy.x"), _told(at, "mark", name="m")]))
        )
    return lines


@given(_files(), st.lists(st.integers(0, 2000)), st.sets(st.integers(0, 25)))
@settings(max_examples=60, deadline=None)
def test_however_the_bytes_arrive_the_rows_are_the_same(
    lines: list[bytes], cuts: list[int], rotations: set[int]
) -> None:
    """Polls come between any two bytes, and the file is set aside before any line, while its writer holds it open."""
    with TemporaryDirectory() as folder:
        whole, path = Path(folder, "whole.jsonl"), Path(folder, "live.jsonl")
        whole.write_bytes(b"".join(lines))
        path.touch()
        once, live = Reading(whole).poll(), Reading(path)
        written = 0
        for number, text in enumerate(lines):
            with path.open("ab", buffering=0) as file:
                if number in rotations:
                    # the writer still has the old file open
                    path.replace(path.with_name("live.jsonl.1"))
                    path.touch()
                places = sorted({cut - written for cut in cuts if 0 < cut - written < len(text)})
                for begin, end in pairwise([0, *places, len(text)]):
                    file.write(text[begin:end])
                    live.poll()
            written += len(text)
        before, after = Watched(once.events).at(2000).tables, Watched(live.events).at(2000).tables
        assert after == before
        assert live.source._tails.lines.skipped.broken == once.source._tails.lines.skipped.broken
        once.close()
        live.close()
