from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import Baseline, ServiceSignals, ServiceWindow, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from perftui.domain.workflow import WorkState
from tests.unit.analysis.rules.worlds import pool_signals, pool_tasks

JUDGE = {rule.id: rule.judge for rule in RULES}
BASELINE = Baseline(0.0, 10.0, {"work/tasks_failed_ratio": [(1.0, 0.0), (2.0, 0.02)]})


def service(failing: float, name: str = "shop") -> Signals:
    random = Random(4)

    def window(at: int, bad: float) -> ServiceWindow:
        errors = {"/pay": float(sum(random.random() < bad for _ in range(40))), "/list": 1.0}
        return ServiceWindow(float(at), at + 1.0, {}, {"/pay": 40.0, "/list": 60.0}, errors)

    signals = ServiceSignals(name, "handler", None, [window(at, failing) for at in range(20)], window(-1, 0.0))
    return Signals(now=20.0, window_s=20.0, limits={}, services=(signals,))


def pool(failing: float) -> Signals:
    random = Random(4)
    tasks = [
        replace(task, state=WorkState.FAILED)
        if task.kind == "fetch" and task.state is WorkState.OK and random.random() < failing
        else task
        for task in pool_tasks(Random(1), 6, 13.0, 60.0)
    ]
    signals = pool_signals(tasks, 6, 0.0, 60.0)
    over = [task for task in tasks if task.state.is_over]
    ratio = sum(task.state is WorkState.FAILED for task in over) / len(over)
    row = replace(signals.pools[0].row, failed_ratio=ratio)
    return signals._replace(pools=(signals.pools[0]._replace(row=row),), baseline=BASELINE)


def judged(signals: Signals) -> Verdict:
    (verdict,) = JUDGE["ERR1"](signals)
    return verdict


def test_errors_of_a_service_waste_the_share_of_the_largest_class() -> None:
    found = judged(service(0.5))
    assert isinstance(found, Found)
    assert "/pay" in found.title
    assert found.gain is not None
    assert found.gain.low <= 0.5 * 0.4 <= found.gain.high <= 3 * found.gain.low


def test_more_errors_waste_more() -> None:
    gains = [
        found.gain.mid for rate in (0.3, 0.5, 0.9) if isinstance(found := judged(service(rate)), Found) and found.gain
    ]
    assert len(set(gains)) == 3
    assert gains == sorted(gains)


def test_failed_tasks_waste_the_work_of_their_kind() -> None:
    some, most = judged(pool(0.4)), judged(pool(0.9))
    assert isinstance(some, Found)
    assert isinstance(most, Found)
    assert "fetch" in some.title
    assert some.gain is not None
    assert most.gain is not None
    # fetch is 0.4 of 0.9 s of work; the baseline fails 1 %
    assert some.gain.mid == pytest.approx(0.4 * 4 / 9 - 0.01, abs=0.05)
    assert most.gain.mid > some.gain.mid


def test_few_errors_are_quiet() -> None:
    assert isinstance(judged(service(0.05)), Quiet)
    assert isinstance(judged(pool(0.05)), Quiet)


def test_what_is_missing_is_said() -> None:
    signals = service(0.5)
    one = signals.services[0]
    waiting = signals._replace(baseline=Baseline(missing="needs a baseline: 4 s of 10 s"))
    assert judged(waiting._replace(services=(one._replace(baseline=None),))).text == "needs a baseline: 4 s of 10 s"
    blind = judged(signals._replace(services=(one._replace(windows=[w._replace(errors={}) for w in one.windows]),)))
    assert blind == Blind("shop", "needs a counter of errors")
    assert judged(signals._replace(services=(one._replace(windows=one.windows[:0]),))).text.startswith(
        "needs a counter"
    )
    assert isinstance(judged(pool(0.5)._replace(baseline=Baseline())), Blind)


def test_a_service_and_a_pool_of_one_name_are_two_targets() -> None:
    both = pool(0.5)._replace(services=service(0.5, "work").services)
    assert {verdict.target for verdict in JUDGE["ERR1"](both)} == {"service work", "work"}


def test_errors_of_requests_that_nobody_tells_apart_are_of_all_kinds() -> None:
    signals = service(0.5)
    windows = [
        window._replace(requests={"": 100.0}, errors={"": window.errors["/pay"] + 1.0})
        for window in signals.services[0].windows
    ]
    before = windows[0]._replace(errors={"": 1.0})
    found = judged(signals._replace(services=(signals.services[0]._replace(windows=windows, baseline=before),)))
    assert isinstance(found, Found)
    assert found.title == "Mend the errors of all kinds in service shop"
    assert found.steps[0] == "Read the errors of all kinds"
    assert found.impact.method.startswith("failed requests of all kinds, ")
