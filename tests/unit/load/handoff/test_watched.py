"""A run on another engine in our own frames: phases, levels, seconds, thresholds, and what is not known of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perftui.load.frames import Breach, Phase, Rate, Up
from perftui.load.handoff.samples import Sample
from perftui.load.handoff.watched import Moment, Watched
from perftui.load.job import Job, Threshold
from perftui.load.plan import told
from perftui.load.record import limited_by, record
from perftui.load.shapes import PlannedStage, Shape
from tests.unit.load.handoff.plans import changed, planned

_STAGES = (PlannedStage("2s", 10.0), PlannedStage("2s", 30.0))


class _Other(Watched):
    """An engine of which only what is told of it counts."""

    async def version(self) -> str:
        return "other"

    async def whole(self, folder: Path) -> None:
        """It sends nothing."""


def _watched(job: Job) -> tuple[Watched, list[Up]]:
    heard: list[Up] = []
    found = _Other(job, heard.append, {})
    found.run.engine = "other 1.0"
    return found, heard


def _at(at_s: float) -> Moment:
    return Moment(at_s, 0, 0, 2, 10.0, 0.0)


def _sample(meant_s: float, **more: Any) -> Sample:
    return Sample("home", meant_s, meant_s + 0.01, 10_000_000, 9_000_000, **more)


def test_ramp_and_warm_up_are_not_counted_and_stages_are_levels() -> None:
    plan, job = planned(shape=Shape.STAGES, stages=_STAGES, warm_up="1s", ramp="1s")
    watched, heard = _watched(job)
    for at_s, meant_s in ((0.5, -1.5), (1.5, -0.5), (2.5, 0.5), (4.5, 2.5), (6.5, 3.9)):
        watched.samples.add(_sample(meant_s))
        watched.tell(_at(at_s), offered=int(meant_s > 0), sent=int(meant_s > 0))
    watched.over()
    run = watched.run

    assert [message.name for message in heard if isinstance(message, Phase)] == ["ramp", "warm-up", "measure", "drain"]
    assert (run.tally.offered, run.tally.sent, run.tally.done) == (3, 3, 3)
    assert [run.levels[number].done for number in (0, 1)] == [1, 2]
    assert [run.seconds[key].done for key in (0, 2, 3)] == [1, 1, 1]
    assert (run.measured_s, run.stopped_by) == (4.0, "duration")
    assert record(run, job, told(plan), 0.0, {}, {})["engine"] == "other 1.0"


def test_a_limit_that_can_not_be_known_is_unknown() -> None:
    _, job = planned(ramp="0s")
    silent, telling = _watched(job)[0], _watched(job)[0]
    silent.samples.add(_sample(0.5))
    telling.samples.add(_sample(0.5, lag=1000))
    for watched in (silent, telling):
        watched.tell(_at(1.0), 1, 1)

    assert (limited_by(silent.run, job), limited_by(telling.run, job)) == ("unknown", "none")


def test_a_broken_threshold_that_ends_the_run_is_its_reason() -> None:
    _, job = planned(ramp="0s")
    job = changed(job, thresholds=(Threshold("p(95)<1", True), Threshold("p(95)<5")))
    watched, heard = _watched(job)
    watched.samples.add(_sample(0.5))
    watched.tell(_at(1.0), 1, 1)
    watched.stop("user")

    assert {message.expr for message in heard if isinstance(message, Breach)} == {"p(95)<1", "p(95)<5"}
    assert watched.reason == "threshold p(95)<1"


def test_too_many_failures_are_a_reason_too() -> None:
    _, job = planned(ramp="0s")
    watched, _ = _watched(job)
    for _ in range(30):
        watched.samples.add(_sample(0.5, error="reset"))
    watched.tell(_at(1.0), 30, 30)

    assert watched.reason.startswith("circuit breaker")


def test_a_rate_is_raised_up_to_its_cap() -> None:
    _, job = planned(rate=50.0)
    watched, _ = _watched(changed(job, max_rate=200.0))

    assert (watched.capped(Rate(2.0)), watched.capped(Rate(9.0))) == (2.0, 4.0)
