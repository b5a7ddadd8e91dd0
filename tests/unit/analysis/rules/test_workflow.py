from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from perftui.analysis.metrics import makespan
from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from tests.unit.analysis.rules.worlds import workflow_run, workflow_runs, workflow_signals

JUDGE = {rule.id: rule.judge for rule in RULES}
NOW = 1000.0


def stragglers(signals: Signals) -> Verdict:
    return JUDGE["WF6"](signals)[0]


@pytest.mark.parametrize("runs", [1, 3, 12])
@pytest.mark.parametrize("slow", [5.0, 9.0, 16.0])
def test_what_a_run_without_stragglers_gains_lies_in_the_predicted_interval(slow: float, runs: int) -> None:
    before = workflow_runs(Random(3), runs, slow)
    verdict = stragglers(workflow_signals(before, NOW))
    assert isinstance(verdict, Found)
    assert verdict.target == "demo"
    now = makespan([run.row for run in before], "demo", 0, NOW)
    then = makespan([run.row for run in workflow_runs(Random(4), 5, 1.0)], "demo", 0, NOW)
    assert now is not None
    assert then is not None
    assert verdict.gain is not None
    assert verdict.gain.low <= 1 - then.value / now.value <= verdict.gain.high <= 3.001 * verdict.gain.low


def test_the_slower_the_stragglers_the_larger_the_gain() -> None:
    verdicts = [stragglers(workflow_signals(workflow_runs(Random(3), 3, slow), NOW)) for slow in (5.0, 9.0, 16.0)]
    gains = [verdict.gain.mid for verdict in verdicts if isinstance(verdict, Found) and verdict.gain]
    assert len(set(gains)) == 3
    assert gains == sorted(gains)


def test_a_run_without_stragglers_is_quiet_also_after_one_with() -> None:
    slow = workflow_run(Random(1), 1, 9.0)
    healthy = workflow_run(Random(2), 2, 1.0, start=slow.row.finished_at or 0.0)
    assert isinstance(stragglers(workflow_signals([slow, healthy], NOW)), Quiet)


def test_a_straggler_that_nothing_waits_for_is_quiet() -> None:
    run = workflow_run(Random(1), 1)
    # twice as long as its peers in the first phase, and hidden by those that came after it
    first = next(task for task in run.tasks if task.kind == "hash" and task.phase == "setup")
    assert first.started_at is not None
    hidden = replace(first, finished_at=first.started_at + 0.9)
    tasks = [hidden if task is first else task for task in run.tasks]
    assert isinstance(stragglers(workflow_signals([run._replace(tasks=tasks)], NOW)), Quiet)


def test_a_straggler_that_still_runs_counts_with_the_time_it_took_so_far() -> None:
    whole = workflow_run(Random(3), 1, 30.0)
    ended = max(task.finished_at or 0.0 for task in whole.tasks if task.phase == "setup")
    live = workflow_run(Random(3), 1, 30.0, until=ended - 0.5)
    verdict = stragglers(workflow_signals([live], ended - 0.5))
    assert isinstance(verdict, Found)
    assert "setup-37" in verdict.text
    assert any("not over" in told for told in verdict.assumptions)


def test_a_run_whose_agents_have_all_left_is_replayed_on_the_slots_that_were_seen() -> None:
    runs = workflow_runs(Random(3), 2, 9.0)
    there, left = (stragglers(workflow_signals([run._replace(slots=slots) for run in runs], NOW)) for slots in (6, 0))
    assert isinstance(there, Found)
    assert isinstance(left, Found)
    assert left.gain == there.gain
    assert "6 slots" in left.assumptions[1]


def test_without_enough_tasks_the_rule_is_blind() -> None:
    run = workflow_run(Random(1), 1)
    assert stragglers(workflow_signals([run._replace(tasks=run.tasks[:5])], NOW)) == Blind(
        "demo", "needs 20 tasks of a run that ended: 5"
    )


def test_announced_phases_wait_for_those_before_them() -> None:
    run = workflow_runs(Random(3), 1, 9.0)[0]
    names = ("setup", "build", "test", "deploy")
    phases = [replace(phase, after=names[max(0, place - 1) : place]) for place, phase in enumerate(run.phases)]
    told, inferred = (stragglers(workflow_signals([one], NOW)) for one in (run._replace(phases=phases), run))
    assert isinstance(told, Found)
    assert isinstance(inferred, Found)
    assert told.gain is not None
    assert inferred.gain is not None
    assert told.gain.mid == pytest.approx(inferred.gain.mid)
