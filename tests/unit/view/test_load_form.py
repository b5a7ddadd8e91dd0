"""The form of a load: what it asks the session to judge, which field is wrong, what is said before it is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.view.load_form import (
    DEFAULTS,
    FIELDS,
    FieldError,
    Judged,
    field_of,
    from_command,
    missing,
    plan_of,
    prefilled,
    preview_text,
    read_judged,
    recent_urls,
)
from tests.unit.view.load_rows import URL, rows, run_row

JUDGED = Judged("127.0.0.1", 20.0, 30.0, (), ())


def filled(**values: str) -> dict[str, str]:
    return {**DEFAULTS, "url": "http://127.0.0.1:8080/", **values}


def test_a_form_becomes_the_keys_of_a_plan() -> None:
    assert plan_of(filled(thresholds="p(95)<200, http_req_duration{name:a,b}: max<5", rate="20/s", duration="30")) == {
        "plan": {
            "url": "http://127.0.0.1:8080/", "shape": "constant", "model": "open", "rate": 20.0, "connections": 10,
            "duration": "30s",
            "thresholds": [{"expr": "p(95)<200"}, {"expr": "http_req_duration{name:a,b}: max<5"}],
        }
    }  # fmt: skip


def test_method_body_and_headers_make_a_target() -> None:
    plan = plan_of(filled(method="post", body='{"id": 1}', headers="Content-Type: text/html; charset=utf-8 | X-Id: 5"))
    assert plan["plan"]["targets"] == [{"method": "POST", "body": '{"id": 1}'}]
    assert plan["plan"]["headers"] == {"Content-Type": "text/html; charset=utf-8", "X-Id": "5"}


def test_a_plan_file_stands_for_everything_and_a_host_alone_is_http() -> None:
    assert plan_of(filled(plan=" plan.toml ", rate="x")) == {"file": "plan.toml"}
    assert plan_of(filled(url="127.0.0.1:8080"))["plan"]["url"] == "http://127.0.0.1:8080"


def test_another_engine_is_named_beside_the_plan_and_only_locust_is_told_of_workers() -> None:
    assert plan_of(filled(plan="p.toml", engine="k6", workers="3")) == {"file": "p.toml", "engine": "k6"}
    told = plan_of(filled(engine=" Locust ", workers="2"))
    assert (told["engine"], told["workers"]) == ("locust", 2)
    with pytest.raises(FieldError) as wrong:
        plan_of(filled(engine="locust", workers="two"))
    assert wrong.value.field == "workers"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""), ("rate", "-1"), ("rate", "many"), ("rate", ""), ("duration", "0s"), ("duration", "soon"),
        ("connections", "2.5"), ("model", "ajar"), ("method", "FETCH"), ("headers", "no colon"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_at_its_field(field: str, value: str) -> None:
    with pytest.raises(FieldError) as told:
        plan_of(filled(**{field: value}))
    assert told.value.field == field


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        ("a rate of 500/s is over the cap of 200/s", "rate"), ("600 s are over the cap of 60 s", "duration"),
        ("64 connections are over the cap of 10", "connections"),
        ("plan: Invalid enum value 'x' - at `$.shape`", "shape"),
        ("threshold 'p95': expected p(95)<200", "thresholds"), ("example.test: no address", "url"),
    ],
)  # fmt: skip
def test_the_words_of_a_session_lead_to_a_field(problem: str, field: str) -> None:
    assert field_of(problem) == field


def test_what_will_be_sent_is_one_sentence() -> None:
    assert preview_text(filled(), JUDGED) == "20/s for 30 s = 600 requests to 127.0.0.1:8080, 10 connections"
    told = preview_text(filled(shape="ramp", url="http://me:secret@10.0.0.7/x"), JUDGED._replace(duration_s=90.0))
    assert told == "ramp: up to 20/s for 1:30, at most 1 800 requests to 10.0.0.7, 10 connections"
    assert preview_text(filled(model="closed"), JUDGED).startswith("10 users for 30 s to 127.0.0.1:8080")
    assert "The plan p.toml" in preview_text(filled(plan="p.toml"), JUDGED)


def test_what_has_to_be_typed_is_asked_for_in_its_order() -> None:
    judged = JUDGED._replace(host="shop.test", needs=("host", "name", "reason"))
    first = missing(judged, filled(host="shop"))
    assert first is not None
    assert first.field == "host"
    second = missing(judged, filled(host="shop.test"))
    assert second is not None
    assert second.field == "name"
    assert missing(judged, filled(host="shop.test", name="ann", reason="release")) is None
    assert missing(JUDGED, filled()) is None


def test_the_form_begins_with_what_was_sent_last() -> None:
    assert prefilled({}, ()) == DEFAULTS
    from_history = prefilled({}, rows())
    assert (from_history["url"], from_history["rate"], from_history["shape"]) == (URL, "100", "constant")
    typed = prefilled({"url": "http://other/", "rate": "7", "host": "other"}, rows())
    assert (typed["url"], typed["rate"], typed["host"]) == ("http://other/", "7", "")
    assert recent_urls([*rows(), run_row("x", 1.0, target="GET http://new/")]) == [
        "http://new/",
        URL,
        "http://10.0.0.7/",
    ]


def test_a_command_fills_the_form() -> None:
    assert from_command("http://h/ 50 10s") == {"url": "http://h/", "rate": "50", "duration": "10s"}
    assert from_command("plan.toml") == {"plan": "plan.toml"}
    with pytest.raises(ValueError, match="a URL, a rate and a duration"):
        from_command("a b c d")


@given(st.fixed_dictionaries({name: st.text(max_size=20) for name in FIELDS}))
def test_whatever_is_typed_is_a_plan_or_wrong_at_a_field(values: dict[str, str]) -> None:
    wrong = ""
    try:
        plan = plan_of({**DEFAULTS, **values})
    except FieldError as error:
        plan, wrong = {}, error.field
    assert wrong in FIELDS if wrong else plan.keys() <= {"plan", "file"}


def test_an_answer_that_is_not_one_says_nothing() -> None:
    assert read_judged(None) == Judged("", 0.0, 0.0, (), ())
    assert read_judged({"host": "h", "peak_rate": None, "needs": ["host", "cake"]}).needs == ("host",)
