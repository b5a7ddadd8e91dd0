"""What a search says of the target, from levels that are written down here."""

from __future__ import annotations

from typing import Any

import pytest

from perftui.load.job import Search
from perftui.load.run import Run
from perftui.load.stress import searched

_SEARCH = Search(20.0, 400.0, 1.0, factor=4.0, precision=4.0, thresholds=("rate<0.05", "p(95)<500"))


def _level(number: int, kind: str, rate: float, outcome: str, limit: str = "", **more: Any) -> dict[str, Any]:
    return {
        "number": number, "kind": kind, "rate": rate, "outcome": outcome, "limit": limit, "value": None,
        "silent": False, "done": 100, "failed": 0, "throughput": rate, "p95": 10.0, "errors": {}, **more,
    }  # fmt: skip


_HELD = _level(0, "step", 20, "held")
_WELL = _level(2, "recover", 20, "recovered", value=0.5)


def _verdict(*levels: dict[str, Any], stopped_by: str = "duration") -> dict[str, Any]:
    run = Run()
    run.stopped_by = stopped_by
    return searched(run, _SEARCH, levels)


_GONE = {"silent": True, "errors": {"reset": 50}, "failed": 100}


@pytest.mark.parametrize(
    ("limit", "more", "target"),
    [
        ("latency: p(95)<500", {"value": 700.0}, "degraded"),
        ("throughput: waiting for a connection", {"value": 30.0}, "degraded"),
        ("latency: p(95)<500", {"failed": 6}, "erred"),
        ("errors: rate<0.05", {"failed": 60, "errors": {"http_503": 60}}, "erred"),
        # errors of a connection do not say that nobody is there while somebody answers
        ("errors: rate<0.05", {**_GONE, "silent": False}, "erred"),
        ("errors: rate<0.05", _GONE, "crashed"),
        ("silence", _GONE, "crashed"),
    ],
)
def test_what_became_of_the_target_is_told_by_the_level_that_broke(
    limit: str, more: dict[str, Any], target: str
) -> None:
    found = _verdict(_HELD, _level(1, "step", 80, "broke", limit, **more), _WELL)

    assert (found["highest"], found["broke_at"], found["limit"]) == (20, 80, limit.partition(": ")[0])
    assert (found["target"], found["target_at"]) == (target, 80)
    assert (found["recovered"], found["recovery_s"], found["finished"]) == (True, 0.5, True)
    assert "it recovered" in " ".join(found["text"])


def test_a_target_that_stays_silent_has_crashed_and_has_not_recovered() -> None:
    never = _level(2, "recover", 20, "not recovered", value=5.0, silent=True)
    found = _verdict(_HELD, _level(1, "step", 80, "broke", "latency: p(95)<500"), never)

    assert (found["target"], found["recovered"], found["recovery_s"]) == ("crashed", False, None)
    assert "still nothing was answered" in " ".join(found["text"])


def test_the_worst_that_it_came_to_is_told_and_the_lowest_rate_that_broke() -> None:
    found = _verdict(
        _HELD, _level(1, "step", 80, "broke", "errors: rate<0.05", failed=50), _WELL,
        _level(3, "refine", 50, "broke", "latency: p(95)<500"),
    )  # fmt: skip

    assert (found["broke_at"], found["limit"]) == (50, "latency")
    assert (found["target"], found["target_at"]) == ("erred", 80)


def test_a_search_that_was_stopped_is_not_finished() -> None:
    found = _verdict(_HELD, stopped_by="user")

    assert (found["highest"], found["broke_at"], found["finished"]) == (20, None, False)
    assert found["text"][-1].startswith("the search was not finished")
