from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.text import clean
from perftui.domain.workflow import Event, EventType
from perftui.sources.workflow.lines import Lines


def read(*lines: str | bytes, file: str = "") -> tuple[list[Event], list[str]]:
    """The events of some lines, and what is told of the others."""
    reader, events = Lines(), list[Event]()
    reader.read([line.encode() if isinstance(line, str) else line for line in lines], file, 1, events)
    return events, list(reader.skipped.notes())


def test_times_are_dates_or_seconds() -> None:
    events, notes = read(
        '{"ts":"2026-11-20T12:00:00.25Z","type":"mark","name":"a"}',
        '{"ts":"2026-11-20T14:00:00.25+02:00","type":"mark","name":"b"}',
        '{"ts":1795176000.25,"type":"mark","name":"c"}',
        '{"ts":1795176000,"type":"mark","name":"d"}',
    )

    assert [event.at for event in events] == [1795176000.25, 1795176000.25, 1795176000.25, 1795176000.0]
    assert notes == []


def test_every_key_of_the_format_is_read() -> None:
    (started, queued, finished), notes = read(
        '{"ts":1,"type":"workflow.started","workflow":"wf","name":"nightly","estimate_s":9,'
        '"phases":[{"name":"setup","estimate_s":4},{"name":"build","after":["setup"]}]}',
        '{"ts":2,"type":"task.queued","workflow":"wf","phase":"setup","task":"t","kind":"k","after":["s"]}',
        '{"ts":3,"type":"task.finished","workflow":"wf","task":"t","status":"timeout","cpu_s":1.5,"io_bytes":4,'
        '"rss_bytes":8,"attempt":2,"agent":"a"}',
    )

    assert notes == []
    assert (started.name, started.estimate_s) == ("nightly", 9.0)
    assert [(plan.name, plan.estimate_s, plan.after) for plan in started.phases] == [
        ("setup", 4.0, ()),
        ("build", None, ("setup",)),
    ]
    assert (queued.phase, queued.kind, queued.after, queued.attempt) == ("setup", "k", ("s",), 0)
    assert (finished.status, finished.cpu_s, finished.io_bytes, finished.rss_bytes) == ("timeout", 1.5, 4.0, 8.0)
    assert (finished.attempt, finished.agent, finished.type) == (2, "a", EventType.TASK_FINISHED)


def test_an_end_without_a_status_is_a_good_one() -> None:
    (event,), notes = read('{"ts":1,"type":"task.finished","workflow":"w","task":"t"}')

    assert (event.status, notes) == ("ok", [])


def test_numbers_as_names_and_null_are_understood() -> None:
    (event,), notes = read('{"ts":1,"type":"task.started","workflow":7,"task":45,"agent":null,"attempt":null}')

    assert (event.workflow, event.task, event.agent, event.attempt) == ("7", "45", "", 0)
    assert notes == []


def test_unknown_types_and_keys_are_counted_by_name() -> None:
    events, notes = read(
        *['{"ts":1,"type":"deploy.x"}'] * 3,
        '{"ts":1,"type":"mark","name":"a","colour":"red"}',
    )

    assert [event.name for event in events] == ["a"]
    assert notes == ["3 lines of unknown type (deploy.x)", "1 line with a key that is not known (colour)"]


def test_names_of_unknown_things_do_not_fill_the_memory() -> None:
    reader = Lines()
    reader.read([b'{"ts":1,"type":"x%d"}' % number for number in range(1000)], "", 1, [])

    assert sum(reader.skipped.types.values()) == 1000
    assert len(reader.skipped.types) <= 21


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"ts":1,"type":"mark"', "truncated"),
        ("[1]", "not a JSON object"),
        ('{"type":"mark","name":"a"}', "`ts`"),
        ('{"ts":"2026-11-20T12:00:00","type":"mark","name":"a"}', "timezone"),
        ('{"ts":"yesterday","type":"mark","name":"a"}', "RFC3339"),
        ('{"ts":1760000000000,"type":"mark","name":"a"}', "not in seconds"),
        ('{"ts":-1,"type":"mark","name":"a"}', "not in seconds"),
        ('{"ts":1e999,"type":"mark","name":"a"}', "out of range"),
        ('{"ts":1,"type":"mark"}', "mark without name"),
        ('{"ts":1,"type":"task.started","workflow":"w"}', "task.started without task"),
        ('{"ts":1,"type":"agent.left"}', "agent.left without agent"),
        ('{"ts":1,"type":"task.finished","workflow":"w","task":"t","status":"fine"}', "'fine' is none of ok"),
        ('{"ts":1,"type":"task.finished","workflow":"w","task":"t","cpu_s":-1}', "cpu_s"),
        ('{"ts":1,"type":"task.finished","workflow":"w","task":["t"]}', "task"),
        ("[" * 100_000, ""),
        (b"\xff\xfe", ""),
        ('{"ts":1,"type":"mark","name":"\\ud800"}', ""),
    ],
)
def test_a_broken_line_is_named_with_its_reason_and_costs_no_other(line: str | bytes, why: str) -> None:
    events, notes = read('{"ts":1,"type":"mark","name":"a"}', line, '{"ts":2,"type":"mark","name":"b"}', file="e.jsonl")

    assert [event.name for event in events] == ["a", "b"]
    assert len(notes) == 1
    assert notes[0].startswith("1 broken line, last: e.jsonl line 2: ")
    assert why in notes[0]


def test_empty_lines_are_nothing() -> None:
    assert read("", "  ", "\r") == ([], [])


def test_hostile_text_is_cleaned_and_bounded() -> None:
    hostile = "a\x1b[31m\u202eb" + "x" * 10_000
    (event,), _ = read(json.dumps({"ts": 1, "type": "task.queued", "workflow": hostile, "task": hostile}))

    assert event.task == event.workflow == clean(hostile, 200)
    assert len(event.task) == 200


_ANY = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9) | st.just([{"a": 1}])
)
_KEYS = st.sampled_from(
    ["ts", "type", "workflow", "phase", "task", "agent", "status", "attempt", "after", "phases", "x"]
)


@given(st.lists(st.binary(max_size=60) | st.dictionaries(_KEYS, _ANY).map(lambda one: json.dumps(one).encode())))
def test_whatever_a_line_holds_is_an_event_or_is_counted(lines: list[bytes]) -> None:
    reader, events = Lines(), list[Event]()
    reader.read(lines, "", 1, events)

    skipped = reader.skipped
    told = sum(1 for line in lines if line.strip())
    assert len(events) + skipped.broken + sum(skipped.types.values()) == told


@given(st.dictionaries(st.sampled_from(["workflow", "task", "phase", "agent", "kind", "on"]), st.text(), min_size=1))
def test_every_text_is_as_clean_would_have_it(texts: dict[str, str]) -> None:
    events, _ = read(json.dumps({"ts": 1, "type": "conflict.detected", **texts}))

    for event in events:
        for name, text in texts.items():
            assert getattr(event, name) == clean(text, 200)


@pytest.mark.parametrize("text", [b"a\x7fb", b"a\x01b", b"a\\u001bb", "a\u202eb".encode(), b"a\tb"])
def test_no_control_character_comes_through_a_short_line(text: bytes) -> None:
    events, _ = read(b'{"ts":1,"type":"task.queued","workflow":"w","task":"' + text + b'"}')

    assert all(event.task == "a b" for event in events)
