"""What a record, the audit log and the names of requests tell of a URL."""

from __future__ import annotations

import pytest

from perftui.load.hidden import without_secrets
from perftui.load.plan import Plan, PlannedStep, PlannedTarget, job_of, told
from perftui.load.recorded import PlannedRecorded
from perftui.view.load_form import url_of


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/a?api_key=abc&page=2", "http://h/a?api_key=***&page=2"),
        ("/a?page=1;Access_Token=abc==#end", "/a?page=1;Access_Token=***#end"),
        ("/a?token=${token}&password=", "/a?token=${token}&password="),
        ("/token=abc", "/token=abc"),
        ("/a?pass", "/a?pass"),
    ],
)
def test_of_a_query_the_secrets_are_hidden_and_nothing_else(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_no_record_and_no_name_of_a_request_holds_a_secret_of_a_query() -> None:
    url = "http://127.0.0.1:1/a?api_key=hush"
    recorded = PlannedRecorded(prometheus="http://127.0.0.1:9090/?token=hush")
    targets = (PlannedTarget(), PlannedTarget(path="/b?token=hush"))
    steps = (PlannedStep(path="/c?token=hush"),)

    for plan in (Plan(url, targets=targets, recorded=recorded), Plan(url, steps=steps)):
        assert "hush" not in str(told(plan))
    job, _ = job_of(Plan(url, targets=targets))
    assert [target.name for target in job.targets] == ["GET /a?api_key=***", "GET /b?token=***"]
    assert b"/a?api_key=hush" in job.targets[0].request


def test_the_form_does_not_offer_a_url_whose_secret_is_gone() -> None:
    assert url_of("http://127.0.0.1/?api_key=***") == ""
