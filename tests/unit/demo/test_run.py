"""A run hands out what can begin, tries again what failed, and ends whatever becomes of its tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.demo.journal import Journal
from perftui.demo.plan import PhasePlan, TaskPlan, phases
from perftui.demo.run import MOST_ATTEMPTS, Run

_PLAN = (
    PhasePlan("one", (), 1.0, (TaskPlan("a", "hash", 0.0), TaskPlan("b", "fetch", 1.0, ("a",)))),
    PhasePlan("two", ("one",), 1.0, (TaskPlan("c", "hash", 0.5),)),
)


class _Told(Journal):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))
        self.events: list[dict[str, Any]] = []

    def tell(self, event: str, **fields: Any) -> None:
        self.events.append(json.loads(json.dumps({"type": event, **fields})))

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
def told() -> _Told:
    return _Told()


def test_tasks_arrive_at_their_times(told: _Told) -> None:
    run = Run("w", _PLAN, told)
    run.advance(100.0)

    first = run.take()
    assert first is not None
    assert (first.plan.task, first.attempt) == ("a", 1)
    assert run.take() is None
    assert run.next_arrival() == 101.0


def test_a_task_is_held_until_those_that_it_waits_for_are_over(told: _Told) -> None:
    run = Run("w", _PLAN, told)
    run.advance(100.0)
    first = run.take()
    run.advance(101.0)
    assert first is not None
    assert told.types().count("task.queued") == 2
    assert run.take() is None

    run.finished(first, well=True)

    held = run.take()
    assert held is not None
    assert held.plan.task == "b"


def test_the_next_phase_begins_when_the_one_before_is_over_and_so_ends_the_run(told: _Told) -> None:
    run = Run("w", _PLAN, told)
    now = 100.0
    while not run.is_over:
        run.advance(now)
        while (job := run.take()) is not None:
            run.finished(job, well=True)
        now += 0.25
    assert told.types() == [
        "workflow.started", "phase.started", "task.queued", "task.queued", "phase.finished",
        "phase.started", "task.queued", "phase.finished", "workflow.finished",
    ]  # fmt: skip
    assert told.events[0]["phases"][1]["after"] == ["one"]
    assert told.events[-1]["status"] == "ok"


def test_a_task_that_fails_is_tried_again_and_then_given_up_and_the_run_says_so(told: _Told) -> None:
    run = Run("w", _PLAN, told)
    now, attempts = 100.0, []
    while not run.is_over:
        run.advance(now)
        while (job := run.take()) is not None:
            attempts.append((job.plan.task, job.attempt))
            run.finished(job, well=job.plan.task != "a")
        now += 0.25

    assert attempts == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("c", 1)]
    ended = {event.get("phase", "run"): event["status"] for event in told.events if event["type"].endswith("finished")}
    assert ended == {"one": "failed", "two": "ok", "run": "failed"}


def test_a_task_whose_agent_died_does_not_lose_a_try(told: _Told) -> None:
    run = Run("w", _PLAN, told)
    run.advance(100.0)
    for attempt in range(1, MOST_ATTEMPTS + 3):
        job = run.take()
        assert job is not None
        assert job.attempt == attempt
        run.again(job)


@given(outcomes=st.lists(st.sampled_from(["ok", "failed", "lost"]), max_size=200), step=st.floats(0.05, 30))
def test_every_run_ends_and_tells_each_attempt_once(outcomes: list[str], step: float) -> None:
    told = _Told()
    run = Run("w", phases(), told)
    now, left, done = 0.0, list(outcomes), set()
    while not run.is_over:
        run.advance(now)
        while (job := run.take()) is not None:
            assert set(job.plan.after) <= done
            outcome = left.pop() if left else "ok"
            if outcome == "lost":
                run.again(job)
            else:
                run.finished(job, well=outcome == "ok")
                done |= {job.plan.task} if outcome == "ok" or job.attempt >= MOST_ATTEMPTS else set()
        now += step
    queued = [(e["task"], e["attempt"]) for e in told.events if e["type"] == "task.queued"]
    assert len(queued) == len(set(queued))
    assert {task for task, _ in queued} == done
    assert told.types().count("workflow.finished") == 1
