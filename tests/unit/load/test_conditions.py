"""Thresholds in k6's grammar, and checks: what is understood, what it says, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.checks import Answer, parse_check
from perftui.load.histogram import Histogram
from perftui.load.job import Threshold
from perftui.load.judge import Judge
from perftui.load.tally import Endpoint, Tally
from perftui.load.thresholds import parse_threshold

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A:  b \r\n\r\n"
_ANSWER = Answer(200, _HEAD, b'{"items": [{"id": 5, "ok": true}], "name": "x"}', 20_000_000)


def _tally(milliseconds: list[int], failed: int = 0) -> Tally:
    histogram = Histogram()
    for value in milliseconds:
        histogram.record(value * 1_000_000)
    bad = Histogram()
    for _ in range(failed):
        bad.record(1)
    done = len(milliseconds) + failed
    return Tally(done=done, ok=histogram, failed=bad, endpoints={"home": Endpoint(done, failed, histogram)})


@given(
    st.sampled_from(["avg", "min", "max", "med", "p(95)", "p(99.9)", "p( 50 )"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "===", "!="]),
    st.floats(0, 1e6).map(lambda value: f"{value:.3f}"),
    st.sampled_from(["", " "]),
)
def test_every_threshold_of_the_grammar_is_understood(what: str, compare: str, limit: str, blank: str) -> None:
    condition = parse_threshold(f"{what}{blank}{compare}{blank}{limit}")

    assert (condition.metric, condition.compare, condition.limit) == ("http_req_duration", compare, float(limit))


@given(st.text(max_size=60))
def test_any_other_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        parse_threshold(f"{text} is no threshold")
    with pytest.raises(ValueError, match="such as"):
        parse_check(f"! {text}")


@pytest.mark.parametrize(
    "text", ["p(101)<5", "p(95)<", "median<5", "http_reqs: p(95)<5", "nothing: avg<1", "checks{name:a}: rate>1"]
)
def test_what_no_metric_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"percentile|threshold|has|unknown|by name"):
        parse_threshold(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p(50)<1", 20), ("max<1", 100), ("min>1", 10), ("med<1", 20), ("rate<0.01", 0.25), ("count>3", 4),
        ("http_reqs: rate>1", 2), ("http_req_duration{name:home}: max<1", 100),
        ("http_req_failed{name:home}: rate<1", 0.25),
    ],
)  # fmt: skip
def test_a_threshold_is_about_what_it_names(text: str, value: float) -> None:
    tally = _tally([10, 20, 100], failed=1)
    if not text.startswith(("rate", "count", "http_reqs", "http_req_failed")):
        tally = _tally([10, 20, 100])

    assert parse_threshold(text).value(tally, 2.0) == pytest.approx(value, rel=0.01)


def test_a_threshold_about_nothing_holds() -> None:
    condition = parse_threshold("p(95)<200")

    assert condition.value(Tally(), 1.0) is None
    assert condition.holds(None)


def test_a_broken_threshold_is_told_once_and_ends_the_run_after_its_delay() -> None:
    judge = Judge([Threshold("max<50"), Threshold("p(50)<5", abort_on_fail=True, delay_abort_eval=2.0)], 0.0)
    judge.tally = _tally([10, 20, 100])

    assert [(breach.expr, breach.aborts) for breach in judge.thresholds(0.5)] == [("max<50", False), ("p(50)<5", False)]
    assert judge.thresholds(1.0) == []
    assert [(breach.expr, breach.aborts) for breach in judge.thresholds(2.0)] == [("p(50)<5", True)]


def test_the_breaker_needs_a_share_and_a_number() -> None:
    judge = Judge([], 0.1)

    assert not judge.is_unwell(0.0, 10, 10)
    assert judge.is_unwell(0.1, 10, 0)
    assert not judge.is_unwell(3.0, 100, 5)
    assert not Judge([], 0.0).is_unwell(0.0, 100, 100)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("status == 200", True), ("status < 400", True), ("status != 200", False), ("latency < 25", True),
        ("header.content-type ~ json", True), ("header.x-a == b", True), ("header.none == b", False),
        ("body ~ items", True), ("body !~ error", True), ("json.items.0.id == 5", True),
        ("json.items.0.ok == true", True),
        ("json.items.7.id == 5", False), ("json.name == 'x'", True), ("json.name == y", False),
    ],
)  # fmt: skip
def test_a_check_says_whether_an_answer_is_as_it_should_be(text: str, holds: bool) -> None:
    assert parse_check(text).holds(_ANSWER) is holds


def test_a_check_of_a_body_that_is_no_json_does_not_hold() -> None:
    assert not parse_check("json.a == 1").holds(Answer(200, _HEAD, b"<html>", 1))
    assert not parse_check("json.a == 1").holds(Answer(200, _HEAD, b"[" * 5000, 1))
