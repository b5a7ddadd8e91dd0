"""Rates from logs and tables: also from those that are not what they should be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.log_times import log_time, moment
from perftui.load.recorded import PlannedRecorded, along, recorded, recorded_words

_LINE = '10.0.0.{n} - - [21/Nov/2026:14:00:{s:02} +0100] "GET / HTTP/1.1" 200 612 "-" "curl/8"\n'
_AT = 1_795_266_000.0  # 21 November 2026, 13:00:00 UTC


@pytest.mark.parametrize(
    "line",
    [
        _LINE.format(n=1, s=0),
        '{"time": "2026-11-21T13:00:00Z", "status": 200}',
        '{"status": 200, "ts": 1795266000.25}',
        '{"@timestamp": "2026-11-21T14:00:00.123456789+01:00"}',
        '{"timestamp": 1795266000123}',
        '{"time_local": "21/Nov/2026:13:00:00 +0000"}',
        '{"time": null, "msec": "1795266000.500"}',
    ],
)
def test_the_times_that_servers_write_are_understood(line: str) -> None:
    at = log_time(line)
    assert at is not None
    assert int(at) == _AT


@pytest.mark.parametrize("line", ["", "hello", "{", "{}", '{"time": true}', "[99/Foo/2026:14:00:00 +0000]", "[" * 5000])
def test_what_is_no_line_of_a_log_has_no_time(line: str) -> None:
    assert log_time(line) is None


def test_another_field_can_be_named() -> None:
    assert log_time('{"when": 5, "time": 7}', "when") == 5.0
    assert log_time('{"time": 7}', "when") is None


@given(st.text(), st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans()))
def test_nothing_that_stands_in_a_log_breaks_it(line: str, value: object) -> None:
    log_time(line)
    log_time("{" + line)
    at = moment(value)
    assert at is None or isinstance(at, float)


def test_rotated_logs_are_counted_together_and_bad_lines_are_told(tmp_path: Path) -> None:
    newest = "".join(_LINE.format(n=n, s=2) for n in range(3)) + "what is this\n\n"
    oldest = "".join(_LINE.format(n=n, s=0) for n in range(5))
    (tmp_path / "access.log").write_text(newest)
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress(oldest.encode()))
    found = recorded(PlannedRecorded(file=str(tmp_path / "access.log*"), scale=2.0, speed=4.0))

    assert [(each.duration_s, each.start_rate, each.end_rate) for each in found.segments] == [
        (0.25, 10.0, 10.0), (0.25, 0.0, 0.0), (0.25, 6.0, 6.0),
    ]  # fmt: skip
    assert found.note.endswith("8 requests in 3 s, 1 lines without a time")


def test_a_log_of_a_long_time_is_counted_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"ts": 1000 + second}) + "\n" for second in range(0, 6000, 2)))
    found = recorded(PlannedRecorded(file=str(path)))

    assert len(found.segments) == 600
    assert {each.start_rate for each in found.segments} == {0.5}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.csv", "timestamp,rate\n100,10\n110,20\n\n130,0\n"),
        ("r.json", '[{"timestamp": 100, "rate": 10}, [110, "20"], [130, 0]]'),
        ("r.csv", "1970-01-01T00:01:40Z,10\n1970-01-01T00:01:50Z,20\n1970-01-01T00:02:10Z,0\n"),
    ],
)
def test_a_table_is_followed_in_straight_lines(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    found = recorded(PlannedRecorded(file=str(tmp_path / name), speed=10.0))

    assert [(each.duration_s, each.start_rate, each.end_rate) for each in found.segments] == [(1, 10, 20), (2, 20, 0)]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("r.csv", "1,1\nx,y\n", ":2: expected a time and a rate"),
        ("r.csv", "1,1\n", "at least two points"),
        ("r.csv", "1,-1\n2,5\n", "expected rates from 0"),
        ("r.json", "[1, 2", "r.json"),
        ("a.log", "nothing\n", "none of 1 lines"),
        ("a.log.gz", "no gzip", "gzip"),
    ],
)
def test_what_can_not_be_followed_is_refused_in_words(name: str, text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises((ValueError, OSError), match=why):
        recorded(PlannedRecorded(file=str(tmp_path / name)))


def test_a_plan_without_anything_to_follow_is_refused() -> None:
    for plan in (
        PlannedRecorded(),
        PlannedRecorded(file="/nowhere/at/all"),
        PlannedRecorded(points=((1, 1),), scale=0),
    ):
        with pytest.raises(ValueError, match=r"recorded|no such file"):
            recorded(plan)
    with pytest.raises(ValueError, match="only the command asks"):
        recorded(PlannedRecorded(prometheus="http://localhost:9090", expr="up"))


def test_a_record_does_not_repeat_points_nor_passwords() -> None:
    words = recorded_words(PlannedRecorded(prometheus="http://me:secret@p:9090", points=((0, 1), (1, 2))))

    assert (words["prometheus"], words["points"]) == ("http://p:9090", 2)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e4)), min_size=2, max_size=50))
def test_following_points_takes_their_time_and_their_rates(points: list[tuple[float, float]]) -> None:
    try:
        segments = along(points, 1.0, 2.0)
    except ValueError:
        return
    span = max(at for at, _ in points) - min(at for at, _ in points)
    assert sum(each.duration_s for each in segments) == pytest.approx(span / 2)
