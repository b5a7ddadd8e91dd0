from __future__ import annotations

from random import Random

import pytest

from perftui.analysis.metrics import response, time_per_task
from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from tests.unit.analysis.rules.worlds import pool_signals, pool_tasks

JUDGE = {rule.id: rule.judge for rule in RULES}
# keeps 6 slots busy for 65 % of the time
ARRIVALS = 13.0


def exhausted(signals: Signals) -> Verdict:
    return JUDGE["POOL1"](signals)[0]


def lacking(slots: int, seed: int = 1, arrivals: float = ARRIVALS) -> Signals:
    return pool_signals(pool_tasks(Random(seed), slots, arrivals, 60.0), slots, 0.0, 60.0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("slots", [2, 3, 4])
def test_what_more_agents_gain_lies_in_the_predicted_interval(slots: int, seed: int) -> None:
    before = pool_tasks(Random(seed), slots, ARRIVALS, 60.0)
    verdict = exhausted(pool_signals(before, slots, 0.0, 60.0))
    assert isinstance(verdict, Found)
    assert "to 6 slots" in verdict.title
    now, then = time_per_task(before, 0, 60), time_per_task(pool_tasks(Random(seed + 50), 6, ARRIVALS, 60.0), 0, 60)
    assert now is not None
    assert then is not None
    assert verdict.gain is not None
    assert verdict.gain.low <= 1 - then.value / now.value <= verdict.gain.high
    assert verdict.gain.high <= 3 * verdict.gain.low
    assert verdict.impact.mid == pytest.approx(-verdict.gain.mid * now.value)


def test_the_more_agents_are_missing_the_more_is_gained() -> None:
    gains = [
        verdict.gain.mid
        for slots in (4, 3, 2)
        if isinstance(verdict := exhausted(lacking(slots)), Found) and verdict.gain
    ]
    assert len(gains) == 3
    assert gains == sorted(gains)


def test_a_pool_that_is_large_enough_is_quiet() -> None:
    assert isinstance(exhausted(lacking(6)), Quiet)


def test_a_pool_below_overload_gains_what_erlang_says_of_the_wait() -> None:
    tasks = pool_tasks(Random(1), 4, 12.2, 120.0)
    signals = pool_signals(tasks, 4, 0.0, 120.0, pool1_utilisation=0.8, pool1_wait=0.05)
    verdict = exhausted(signals)
    assert isinstance(verdict, Found)
    assert verdict.impact.metric == "response time of pool work, wait included"
    now = response(tasks, 0, 120)
    assert now is not None
    assert verdict.gain is not None
    assert verdict.impact.high == pytest.approx(-verdict.gain.high * now.value, rel=0.01)


@pytest.mark.parametrize("missing", ["utilisation", "wait_p95_s", "mean_s"])
def test_without_a_figure_the_rule_is_blind(missing: str) -> None:
    from msgspec.structs import replace

    signals = lacking(3)
    pool = signals.pools[0]
    blind = exhausted(signals._replace(pools=(pool._replace(row=replace(pool.row, **{missing: None})),)))
    assert isinstance(blind, Blind)
    assert blind.text.startswith("needs ")


def test_the_cpu_bounds_the_number_of_agents() -> None:
    signals = lacking(3)
    few = {"host/cpu_cores": [(1.0, 1.0)], "host/cpu_busy_ratio": [(1.0, 0.5)]}
    bounded = exhausted(signals._replace(series=few))
    assert isinstance(bounded, Found)
    busy = exhausted(signals._replace(series={**few, "host/cpu_busy_ratio": [(1.0, 0.99)]}))
    assert isinstance(busy, Quiet)
    assert "CPU holds no more" in busy.text
