from __future__ import annotations

from random import Random

import pytest

from perftui.analysis.metrics import Measured, makespan, p99, response, time_per_task
from perftui.analysis.outcomes import measured, metric
from perftui.analysis.rules.engine import step
from perftui.analysis.rules.signals import Signals
from perftui.domain.findings import Effort, Finding, Gain, Impact
from perftui.domain.units import Unit
from perftui.domain.workflow import TaskRow, WorkState
from tests.unit.analysis.rules.worlds import (
    pool_signals,
    pool_tasks,
    service_signals,
    service_windows,
    workflow_runs,
    workflow_signals,
)

FINDING = Finding(
    "R:t", "R", "Mend", Effort.LOW, 2.0, Impact("m", Unit.SECONDS, -1, -2, -3, "x"), 0.8, 1.0, gain=Gain(0.2, 0.3, 0.4)
)


def task(queued: float, begun: float | None, ended: float | None, attempt: int = 1) -> TaskRow:
    state = WorkState.OK if ended is not None else WorkState.RUNNING
    return TaskRow(
        "k", "w", "p", "t", "", state, attempt=attempt, queued_at=queued, started_at=begun, finished_at=ended
    )


def took(value: float) -> Measured:
    return Measured(value, 10, "10 tasks")


@pytest.mark.parametrize(
    ("after", "gain", "says"),
    [(7.0, 0.3, "within"), (9.0, 0.1, "less than"), (5.0, 0.5, "more than"), (7.9, 0.21, "within")],
)
def test_the_measured_gain_is_told_against_the_interval(after: float, gain: float, says: str) -> None:
    outcome = measured(FINDING, 5.0, "lifted", took(10.0), took(after))
    assert outcome.measured == pytest.approx(gain)
    assert outcome.text.startswith(says)
    assert (outcome.before, outcome.after, outcome.changed_at, outcome.mark) == (10.0, after, 5.0, "lifted")


def test_what_cannot_be_measured_says_what_is_missing() -> None:
    assert measured(FINDING, 5.0, "", took(10.0), None).measured is None
    assert "after the change" in measured(FINDING, 5.0, "", took(10.0), None).text
    assert "before the change" in measured(FINDING, 5.0, "", None, took(1.0)).text
    assert measured(FINDING, 5.0, "", took(0.0), took(1.0)).measured is None


def test_time_per_task_with_a_queue_is_that_time_by_the_tasks_done_in_it() -> None:
    # two slots, 2 s each, all queued at the beginning: one task a second
    tasks = [task(0.0, float(number // 2 * 2), float(number // 2 * 2 + 2)) for number in range(60)]
    now = time_per_task(tasks, 0.0, 60.0)
    assert now is not None
    assert now.value == pytest.approx(1.0, rel=0.05)
    part = time_per_task(tasks, 10.0, 33.0)
    assert part is not None
    assert part.value == pytest.approx(1.0, rel=0.05)


def test_time_per_task_without_a_queue_is_run_time_by_slots() -> None:
    tasks = [task(float(number), float(number), number + 0.5) for number in range(60)]
    assert time_per_task(tasks, 0.0, 60.0, slots=5) == (0.1, 60, "60 tasks, mostly no queue: run time by 5 slots")
    seen = time_per_task(tasks, 0.0, 60.0)
    assert seen is not None
    assert seen.value == pytest.approx(0.5)


def test_intervals_with_too_little_have_no_metric() -> None:
    few = [task(0.0, 1.0, 2.0)] * 3
    assert time_per_task(few, 0.0, 10.0) is None
    assert time_per_task([], 0.0, 10.0) is None
    assert response(few, 0.0, 10.0) is None
    assert makespan([], "demo", 0.0, 10.0) is None
    assert p99([], 0.0, 10.0) is None


def test_only_whole_runs_and_windows_within_the_interval_count() -> None:
    runs = [run.row for run in workflow_runs(Random(1), 3, 1.0)]
    first, last = runs[0], runs[-1]
    assert first.finished_at is not None
    assert last.finished_at is not None
    both = makespan(runs, "demo", first.finished_at, last.finished_at + 1)
    assert both is not None
    assert both.n == 2
    assert makespan(runs, "other", 0.0, 1e9) is None
    windows = service_windows(Random(1), 0.0)
    inside = p99(windows, 5.0, 10.0)
    assert inside is not None
    assert inside.n == 1000


@pytest.mark.parametrize("world", ["pool", "workflow", "service"])
def test_the_metric_of_every_such_finding_can_be_measured_again(world: str) -> None:
    worlds: dict[str, Signals] = {
        "pool": pool_signals(pool_tasks(Random(1), 3, 13.0, 60.0), 3, 0.0, 60.0),
        "workflow": workflow_signals(workflow_runs(Random(1), 2, 9.0), 100.0),
        "service": service_signals(service_windows(Random(1), 0.3)),
    }
    signals = worlds[world]
    (finding,) = step(signals, {}, 0.0).findings
    now = metric(finding, signals, 0.0, 1000.0 if world == "workflow" else signals.now)
    assert now is not None
    assert finding.gain is not None
    assert now.value * finding.gain.mid == pytest.approx(-finding.impact.mid, rel=0.15)
    assert metric(finding, Signals(0.0, 0.0, {}), 0.0, 1.0) is None
