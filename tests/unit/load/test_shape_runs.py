"""Shapes with the real engine: what its record says of them on any machine, however busy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from perftui.load.frames import Delta, LevelEnd, Stop, Up
from perftui.load.job import Adapt, Job, Search, Stretch
from perftui.load.launch import Launch
from perftui.load.plan import Plan, PlannedThreshold, job_of
from perftui.load.record import record
from perftui.load.run import Run
from perftui.load.schedule import Arrivals, Segment
from perftui.load.shape_record import shape_section
from perftui.load.shapes import PlannedAdaptive, PlannedSpike, PlannedStage, PlannedStress, Shape
from perftui.load.tally import Tally
from tests.unit.load.breakable import Breakable
from tests.unit.load.misbehaving import OK, Answer, says, serving
from tests.unit.load.runs import job, run

_NO = says(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")


def _found(what: Job, told: Callable[[Launch, Up], None] | None = None) -> dict[str, Any]:
    return record(run(what, told), what, {}, 0.0, {}, {})


def test_a_search_ends_and_its_verdict_is_that_of_its_levels() -> None:
    """Whatever was the limit: which one it is, a busy machine has a say in."""
    search = Search(25.0, 400.0, 0.3, factor=16.0, precision=15.0, recover_s=1.0, thresholds=("rate<0.25",))
    with serving(Breakable(100).answer) as port:
        found = _found(job(port, seconds=30, rate=25, shape="stress", control=search, connections=64, timeout_s=30.0))

    levels, verdict = found["shape"]["levels"], found["shape"]["verdict"]
    held = [level["rate"] for level in levels if level["outcome"] == "held"]
    broke = [level for level in levels if level["outcome"] == "broke"]
    assert found["stopped_by"] == "duration"
    assert (levels[0]["kind"], levels[0]["rate"]) == ("step", 25)
    assert all(before["until_s"] <= after["from_s"] for before, after in pairwise(levels))
    assert verdict["highest"] == max(held, default=None)
    assert verdict["broke_at"] == min((level["rate"] for level in broke), default=None)
    limits = {level["limit"].partition(": ")[0] for level in broke}
    assert limits <= {"errors", "latency", "throughput", "silence", "generator", "connections"}
    assert verdict["limit"] in (limits or {"none"})
    assert (verdict["target"] is None) == (limits <= {"generator", "connections"})
    assert sum(level["offered"] for level in levels) == found["offered"]
    assert found["done"] + found["dropped"] == found["offered"]


@pytest.mark.parametrize(("answer", "outcome"), [(says(OK), "up"), (_NO, "down")])
def test_an_adaptive_load_rises_on_a_good_target_and_falls_on_a_bad_one(answer: Answer, outcome: str) -> None:
    def enough(launch: Launch, message: Up) -> None:
        if isinstance(message, LevelEnd) and message.outcome == outcome:
            launch.command(Stop("enough"))

    with serving(answer) as port:
        adapt = Adapt(10.0, 15.0, 5.0, 0.3, floor=5.0)
        found = _found(job(port, seconds=60, rate=10, shape="adaptive", control=adapt), enough)

    levels, verdict = found["shape"]["levels"], found["shape"]["verdict"]
    assert found["stopped_by"] == "enough"
    assert levels[0]["rate"] == 10
    assert outcome in {level["outcome"] for level in levels}
    assert {level["rate"] for level in levels} <= {5, 10, 15}
    assert verdict["maximum"] > 0


def test_a_spike_has_its_own_figures() -> None:
    stretches = (Stretch(0.4, 20, "base"), Stretch(0.4, 100, "spike"), Stretch(0.4, 20, "rest"))
    segments = tuple(Segment(each.duration_s, each.rate, each.rate) for each in stretches)
    with serving(_NO) as port:
        found = _found(job(port, segments=segments, stretches=stretches, shape="spike", timeout_s=30.0))

    levels, verdict = found["shape"]["levels"], found["shape"]["verdict"]
    assert [(level["kind"], level["offered"], level["failed"]) for level in levels] == [
        ("base", 8, 8), ("spike", 40, 40), ("rest", 8, 8),
    ]  # fmt: skip
    assert [(each["factor"], each["failed"]) for each in verdict["spikes"]] == [(5.0, 40)]


def _plan(shape: Shape, **more: Any) -> Job:
    return job_of(Plan("http://127.0.0.1:1/", shape=shape, **more))[0]


def test_every_shape_has_what_a_person_would_want_who_says_nothing_more() -> None:
    stress, spike, adaptive, ramp = (_plan(each) for each in (Shape.STRESS, Shape.SPIKE, Shape.ADAPTIVE, Shape.RAMP))

    assert stress.control == Search(20.0, 10_000.0, 5.0, thresholds=("rate<0.01", "p(95)<500"))
    assert (stress.peak_rate, stress.length_s, stress.breaker) == (10_000.0, 120.0, 0.0)
    assert [each.rate for each in spike.stretches] == [20, 40, 20, 100, 20, 200, 20]
    assert spike.length_s <= 60
    assert adaptive.control == Adapt(10.0, 10_000.0, 5.0, 5.0, 0.95, 0.8, 1.0)
    assert [each.rate for each in ramp.stretches] == pytest.approx([20 * (part + 0.5) / 10 for part in range(10)])
    near = job_of(Plan("http://10.0.0.1/", shape=Shape.STRESS))[0]
    assert (near.peak_rate, near.length_s) == (200.0, 60.0)
    assert _plan(Shape.SOAK, duration="10m").length_s == 600
    assert _plan(Shape.SOAK).arrivals is Arrivals.UNIFORM


def test_the_thresholds_of_a_search_are_those_of_a_level() -> None:
    told = _plan(Shape.STRESS, thresholds=(PlannedThreshold("p(99)<50"),))

    assert isinstance(told.control, Search)
    assert (told.thresholds, told.control.thresholds) == ((), ("p(99)<50",))


@pytest.mark.parametrize(
    "more",
    [
        {"shape": Shape.STRESS, "model": "closed"},
        {"shape": Shape.STRESS, "stress": PlannedStress(factor=1.0)},
        {"shape": Shape.STRESS, "stress": PlannedStress(top=5.0)},
        {"shape": Shape.STRESS, "stress": PlannedStress(hold="0s")},
        {"shape": Shape.STRESS, "stress": PlannedStress(precision=0.0)},
        {"shape": Shape.SPIKE, "spike": PlannedSpike(factors=())},
        {"shape": Shape.ADAPTIVE, "adaptive": PlannedAdaptive(floor=20.0)},
        {"shape": Shape.ADAPTIVE, "adaptive": PlannedAdaptive(down=0.99)},
        {"shape": Shape.STAGES, "stages": (PlannedStage("1s", -1.0),)},
    ],
)
def test_a_shape_that_can_not_be_is_refused(more: dict[str, Any]) -> None:
    from perftui.domain.errors import PerftuiError
    from perftui.load.job import Model

    if "model" in more:
        more = {**more, "model": Model.CLOSED}
    with pytest.raises(PerftuiError, match="plan: "):
        job_of(Plan("http://127.0.0.1:1/", **more))


def test_levels_that_begin_late_because_the_load_was_held_are_told_where_they_were() -> None:
    told = Run()
    what = job(1, shape="spike", stretches=(Stretch(1, 20, "base"), Stretch(1, 40, "spike"), Stretch(2, 20, "rest")))
    for tenth in range(1, 71):
        level = 0 if tenth <= 10 else 1 if tenth <= 50 else 2
        told.take(Delta(tenth / 10, tenth / 10, True, Tally(offered=2, done=2), 0, 0, 1, 20.0, 0.0, level))

    levels = shape_section(told, what)["levels"]
    assert [(level["from_s"], level["until_s"]) for level in levels] == [(0, 1), (1, 5.1), (5.1, 7)]
    assert levels[0]["throughput"] == 20
