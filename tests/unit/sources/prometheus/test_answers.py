"""Raw results become samples: what is no number is absent, what is hostile is tamed, what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import MAX_SERIES, too_many
from perftui.domain.series import parse_series
from perftui.sources.failures import named_status
from perftui.sources.prometheus.adapter import decoded, warnings_of
from perftui.sources.prometheus.answers import Kind, Names, kind_of, matrix, vector
from perftui.sources.prometheus.joining import joined, parted

DATA = Path(__file__).parents[3] / "data" / "prometheus"
NAN_AND_INFINITE, BAD_QUERY = DATA / "query_naninf.json", DATA / "bad_query.json"


def _item(value: str, at: float = 10.0, **labels: str) -> dict[str, Any]:
    return {"metric": labels, "value": [at, value]}


def test_values_that_are_no_numbers_are_absent_and_counted() -> None:
    found = vector("main", "q", [_item("1.5", job="a"), _item("NaN", job="b"), _item("+Inf", job="c")])

    assert found.values == {'main/q{job="a"}': 1.5}
    assert (found.series, found.nan, found.infinite, found.at) == (3, 1, 1, 10.0)


def test_a_real_answer_with_nan_and_infinities_is_read() -> None:
    result = decoded(NAN_AND_INFINITE.read_bytes())["data"]["result"]

    found = vector("main", "q", result)

    assert found.nan == sum(item["value"][1] == "NaN" for item in result) > 0
    assert found.infinite == sum(item["value"][1] in ("+Inf", "-Inf") for item in result) > 0
    assert len(found.values) == len(result) - found.nan - found.infinite


def test_the_metrics_own_name_is_kept_only_where_it_tells_series_apart() -> None:
    apart = vector("main", "q", [_item("1", __name__="a", job="x"), _item("2", __name__="a", job="y")])
    same = vector("main", "q", [_item("1", __name__="a", job="x"), _item("2", __name__="b", job="x")])

    assert set(apart.values) == {'main/q{job="x"}', 'main/q{job="y"}'}
    assert set(same.values) == {'main/q{__name__="a",job="x"}', 'main/q{__name__="b",job="x"}'}


def test_labels_that_become_equal_when_they_are_cleaned_stay_two_series() -> None:
    found = vector("main", "q", [_item("1", job="a\x1b"), _item("2", job="a\x07")])

    assert sorted(found.values.values()) == [1.0, 2.0]


_labels = st.dictionaries(st.sampled_from(["a", "b", "__name__", "no name"]), st.text(max_size=2), max_size=3)


@given(st.lists(st.lists(_labels, max_size=4), min_size=2, max_size=4))
def test_an_answer_is_read_the_same_whatever_the_one_before_it_was(answers: list[list[dict[str, str]]]) -> None:
    names = Names()
    for metrics in answers:
        items = [_item(str(number), **labels) for number, labels in enumerate(metrics)]

        assert vector("main", "q", items, names=names) == vector("main", "q", items)


def test_labels_that_had_to_be_cleaned_are_not_held_on_to() -> None:
    huge = "x" * 1_000_000
    names = Names()
    names.of("main", "q", [{"job": "a"}])

    names.of("main", "q", [{"job": huge}])

    assert names.held == 0


def test_more_series_than_can_be_drawn_are_not_held_on_to() -> None:
    names = Names()

    assert len(names.of("main", "q", [{"job": str(number)} for number in range(MAX_SERIES + 1)])) == MAX_SERIES + 1
    assert names.held == 0


def test_labels_that_are_new_every_second_take_the_place_of_the_last_ones() -> None:
    names = Names()
    for second in range(10):
        names.of("main", "q", [{"job": f"{second}-{number}"} for number in range(3)])

    assert names.held == 3


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=40), max_size=5))
def test_any_labels_make_a_series_that_can_be_read_back(labels: dict[str, str]) -> None:
    found = vector("main", "q", [{"metric": labels, "value": [1.0, "2"]}])

    (series,) = found.values
    assert parse_series(series).source == "main"
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in series)


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ([], Kind.VECTOR),
        ([_item("1")], Kind.VECTOR),
        ([1700000000.5, "2"], Kind.SCALAR),
        ([1700000000.5, "NaN"], Kind.SCALAR),
        ([1700000000, "words"], Kind.STRING),
        ([{"metric": {}, "values": [[1, "2"]]}], Kind.MATRIX),
    ],
)
def test_the_kind_of_a_bare_result_is_told_by_its_shape(result: list[Any], kind: Kind) -> None:
    assert kind_of(result) is kind


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([{"metric": {}, "values": [[1, "2"]]}], "a range of samples can't be drawn"),
        ([{"metric": {}, "histogram": [1, {}]}], "a native histogram can't be drawn"),
        ([{"metric": {}, "value": [1, 2]}], "not the form"),
        ([{"metric": {}, "value": ["x", "2"]}], "not the form"),
        ([{"metric": {}, "value": [1, "two"]}], "not the form"),
        ([{"value": [1, "2"]}], "not the form"),
        (["x"], "not the form"),
    ],
)
def test_what_can_not_be_drawn_is_refused_with_a_reason(result: list[Any], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        vector("main", "q", result)


def test_of_too_many_series_the_same_ones_are_kept_every_time() -> None:
    items = [_item("1", job=f"{number:04}") for number in range(MAX_SERIES + 5)]

    found = vector("main", "q", items)

    assert found == vector("main", "q", items[::-1])
    assert found.series == MAX_SERIES + 5
    assert len(found.values) == MAX_SERIES
    assert "topk" in too_many(found.series)


def test_points_of_a_range_are_moved_to_our_clock_and_gaps_stay_gaps() -> None:
    result = [{"metric": {"job": "a"}, "values": [[10, "1"], [11, "NaN"], [13, "3"]]}]

    assert matrix("main", "q", result, -2.0) == {'main/q{job="a"}': [(8.0, 1.0), (11.0, 3.0)]}


def test_joined_expressions_are_parted_again_without_the_tag() -> None:
    text = joined(["up # all of them", "vector(1)"])
    tagged = [_item("1", __q="1"), _item("2", __q="0", job="a"), _item("3"), _item("4", __q="7")]

    assert text.splitlines().count("or") == 1
    assert all("#" not in line or line.endswith("# all of them") for line in text.splitlines())
    assert parted(tagged, 2) == [[_item("2", job="a")], [_item("1")]]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"<html><body>hello</body></html>", ErrorKind.BAD_DATA, "web page"),
        (b"<!DOCTYPE html><form action=/login>", ErrorKind.DENIED, "login page"),
        (b'{"status":"error","errorType":"bad_data","error":"no"}', ErrorKind.BAD_QUERY, "no"),
        (b'{"status":"error","errorType":"timeout","error":"slow"}', ErrorKind.TIMEOUT, "slow"),
        (b'{"status":"error","errorType":"internal","error":"no disk"}', ErrorKind.BAD_DATA, "no disk"),
        (b'{"status":"error"}', ErrorKind.BAD_DATA, "not which"),
        (b'{"status":"success"}', ErrorKind.BAD_DATA, "not the form"),
        (b'{"status":"success","data":', ErrorKind.BAD_DATA, "not JSON"),
        (b"[1]", ErrorKind.BAD_DATA, "none of Prometheus"),
        (b"", ErrorKind.BAD_DATA, "not JSON"),
        (b"\xff\xfe", ErrorKind.BAD_DATA, "not JSON"),
        (b"[" * 200_000, ErrorKind.BAD_DATA, "not JSON"),
    ],
)
def test_a_body_that_is_no_answer_is_named(body: bytes, kind: ErrorKind, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        decoded(body)

    assert caught.value.kind is kind


def test_warnings_of_every_dialect_are_kept_cleaned_and_bounded() -> None:
    answer = {"warnings": ["a\x1b[31m", "a\x1b[31m", 5], "infos": ["b"], "isPartial": True}

    assert warnings_of(answer) == ("the answer is partial: not every storage node answered", "a [31m", "", "b")
    assert len(warnings_of({"warnings": [str(number) for number in range(1000)]})) == 20


def test_the_fixture_is_what_prometheus_gave() -> None:
    assert json.loads(NAN_AND_INFINITE.read_text())["status"] == "success"


def test_what_is_wrong_with_an_expression_is_told_without_the_name_of_the_parameter() -> None:
    error = named_status(400, BAD_QUERY.read_bytes(), {})

    assert error.kind is ErrorKind.BAD_QUERY
    assert str(error) == "1:6: parse error: unclosed left parenthesis"
