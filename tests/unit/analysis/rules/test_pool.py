from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from perftui.analysis.metrics import response, time_per_task
from perftui.analysis.rules.crew import crew_of
from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from perftui.domain.workflow import TaskRow, WorkState
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


def test_what_the_agents_use_themselves_is_told_apart_however_short_the_machine_was_watched() -> None:
    signals = lacking(3)
    used = 3 * 0.1  # a tenth of each of three slots, and nobody else uses the CPU
    others = []
    for since in (signals.now - signals.window_s, signals.now - signals.window_s / 4):
        points = [(since, 4.0), (signals.now, 4.0)], [(since, used / 4), (signals.now, used / 4)]
        seen = signals._replace(series=dict(zip(("host/cpu_cores", "host/cpu_busy_ratio"), points, strict=True)))
        crew = crew_of(seen, seen.pools[0])
        assert crew is not None
        assert crew.cpu is not None
        others.append(crew.cpu.other)
    assert others == pytest.approx([0.0, 0.0], abs=0.05)


def test_a_pool_that_is_told_by_figures_has_half_the_confidence() -> None:
    signals = lacking(3)
    pool = signals.pools[0]
    row = replace(pool.row, done_per_s=10.0, queue=60, mean_s=None, p50_s=0.3)
    told = exhausted(signals._replace(pools=(pool._replace(row=row, tasks=(), agents=()),)))
    assert isinstance(told, Found)
    assert told.confidence == 0.5
    assert told.gain is not None
    assert told.gain.mid == pytest.approx(1 - 3 / 5)


def growing(signals: Signals) -> Verdict:
    return JUDGE["POOL4"](signals)[0]


def flood(slots: int, arrivals_per_s: float) -> Signals:
    """Tasks of 0.3 s without end; what has not begun after a minute waits."""
    tasks = []
    free = [0.0] * slots
    for number in range(int(60 * arrivals_per_s)):
        queued = number / arrivals_per_s
        begun = max(queued, min(free))
        free[free.index(min(free))] = ended = begun + 0.3
        state = WorkState.OK if ended <= 60 else WorkState.RUNNING if begun <= 60 else WorkState.WAITING
        tasks.append(
            TaskRow(
                f"work/w/{number}", "w", "p", str(number), "hash", state, queued_at=queued,
                started_at=begun if begun <= 60 else None, finished_at=ended if ended <= 60 else None,
            )
        )  # fmt: skip
    return pool_signals(tasks, slots, 0.0, 60.0)


def test_a_queue_that_grows_gains_the_share_that_is_not_worked_off() -> None:
    slow, fast = growing(flood(3, 15.0)), growing(flood(3, 30.0))
    assert isinstance(slow, Found)
    assert isinstance(fast, Found)
    assert slow.gain is not None
    assert fast.gain is not None
    # 3 slots do 10 tasks a second
    assert slow.gain.low - 0.03 <= 1 - 10 / 15 <= slow.gain.high + 0.03
    assert fast.gain.low - 0.03 <= 1 - 10 / 30 <= fast.gain.high + 0.03
    assert fast.impact.mid < slow.impact.mid < 0
    assert "1000 wait in" in slow.text


def test_a_queue_that_comes_and_goes_is_quiet() -> None:
    assert isinstance(growing(lacking(6)), Quiet)


def test_a_queue_of_unknown_length_is_not_judged_and_a_series_of_it_is_enough() -> None:
    signals = flood(3, 15.0)
    pool = signals.pools[0]._replace(tasks=())
    assert isinstance(growing(signals._replace(pools=(pool,))), Blind)
    told = pool._replace(row=replace(pool.row, done_per_s=10.0))
    depths = {"work/queue_depth": [(float(at), 5.0 * at) for at in range(60)]}
    found = growing(signals._replace(pools=(told,), series=depths))
    short = growing(signals._replace(pools=(told,), series={"work/queue_depth": depths["work/queue_depth"][-10:]}))
    assert isinstance(found, Found)
    assert "grew by 295 tasks in 59 s" in found.text
    assert "grew by 45 tasks in 9 s" in short.text  # type: ignore[union-attr]
    assert found.gain is not None
    assert found.gain.mid == pytest.approx(5 / 15)


def uneven(signals: Signals) -> Verdict:
    return JUDGE["POOL3"](signals)[0]


def spread(share: float, balance: float | None = 0.5) -> Signals:
    """Four agents with own queues; the first is given ``share`` of the tasks."""
    random = Random(6)
    free = [0.0] * 4
    tasks = []
    for number in range(400):
        agent = 0 if random.random() < share else random.randrange(1, 4)
        queued, took = number * 0.1, 0.2 * random.uniform(0.7, 1.3)
        begun = max(queued, free[agent])
        free[agent] = begun + took
        tasks.append(
            TaskRow(
                f"work/w/{number}", "w", "p", str(number), "hash", WorkState.OK, agent=f"a{agent}", queued_at=queued,
                started_at=begun, finished_at=begun + took,
            )
        )  # fmt: skip
    signals = pool_signals(tasks, 4, 0.0, 60.0)
    row = replace(signals.pools[0].row, balance=balance)
    return signals._replace(pools=(signals.pools[0]._replace(row=row),))


def test_uneven_work_gains_what_the_free_agent_would_save() -> None:
    some, most = uneven(spread(0.55)), uneven(spread(0.8))
    assert isinstance(some, Found)
    assert isinstance(most, Found)
    assert some.gain is not None
    assert most.gain is not None
    assert most.gain.mid > some.gain.mid > 0.3
    assert most.impact.mid < some.impact.mid < 0


def test_even_work_is_quiet_and_unknown_balance_is_not_judged() -> None:
    assert isinstance(uneven(spread(0.25, 0.95)), Quiet)
    assert isinstance(uneven(spread(0.25, None)), Blind)
    nameless = spread(0.8)
    tasks = [replace(task, agent="") for task in nameless.pools[0].tasks]
    assert isinstance(uneven(nameless._replace(pools=(nameless.pools[0]._replace(tasks=tasks),))), Blind)


def test_uneven_work_that_makes_nobody_wait_gains_nothing() -> None:
    signals = spread(0.25, 0.5)
    found = uneven(signals)
    assert isinstance(found, Found)
    assert found.gain is not None
    assert found.gain.mid < 0.3
