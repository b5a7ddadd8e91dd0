"""Plans that are handed on, without looking anything up."""

from __future__ import annotations

from typing import Any

import msgspec

from perftui.load.handoff.outline import Outline, outline
from perftui.load.job import Job
from perftui.load.plan import Plan, PlannedTarget, job_of

URL = "http://127.0.0.1:8080/start"


def planned(url: str = URL, **values: Any) -> tuple[Plan, Job]:
    """With the job that it becomes."""
    plan = Plan(url, **values)
    return plan, job_of(plan)[0]


def outlined(url: str = URL, **values: Any) -> Outline:
    """What a tool would be told."""
    return outline(*planned(url, **values), "k6", "perftui/test")


def with_texts(text: str, *, is_everywhere: bool = True) -> Outline:
    """An outline with a text in every place that a plan has for one: also those that a plan would refuse."""
    found = outlined(
        "https://127.0.0.1:8443/",
        targets=(PlannedTarget(name="a", checks=("body ~ x", "json.a == y")), PlannedTarget(name="b", method="POST")),
    )
    if not is_everywhere:
        return found
    asks = tuple(
        ask._replace(
            name=text, path=text, body=text, headers=((text, text),),
            checks=tuple(check._replace(text=text, wanted=text) for check in ask.checks),
        )
        for ask in found.asks
    )  # fmt: skip
    return found._replace(asks=asks, origin=text, ca_file=text or "x", host=text)


def changed(struct: msgspec.Struct, **values: Any) -> Any:
    return msgspec.structs.replace(struct, **values)
