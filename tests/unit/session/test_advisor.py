"""The advisor gathers what rules look at, says what it can't evaluate, and measures what became of advice."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from perftui.analysis.metrics import p99_name
from perftui.analysis.rules.signals import ServiceSignals, ServiceWindow, Signals
from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Rules
from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.findings import Effort, Finding, Gain, Impact, RuleState
from perftui.domain.samples import Batch
from perftui.domain.units import Unit
from perftui.session.advisor import Advisor
from perftui.session.verifier import Verifier
from perftui.sources.host.catalogue import SERIES
from perftui.store.memory import MemoryStore


def _config(**rules: Any) -> Config:
    return msgspec.structs.replace(DEFAULTS, rules=Rules(**rules))


def test_rules_without_their_signals_say_what_they_need() -> None:
    advisor = Advisor(_config(), MemoryStore(3600))

    assert advisor.tick(1000.0, (), {}, ())
    blind = {status.rule: status.text for status in advisor.statuses if status.state is RuleState.BLIND}
    assert "needs" in blind["POOL1"]
    assert "needs" in blind["LAT1"]
    assert advisor.findings == ()


def test_what_is_configured_for_rules_that_nobody_knows_is_said() -> None:
    advisor = Advisor(
        _config(limits={"pool1_utilization": 0.5, "pool1_utilisation": 0.5}, off=("POOL99", "POOL1")), MemoryStore(60)
    )

    assert advisor.problems == (
        "rules.limits.pool1_utilization: no rule has this limit",
        "rules.off: no rule is called POOL99",
    )
    advisor.tick(1000.0, (), {}, ())
    assert all(status.rule != "POOL1" for status in advisor.statuses)


def test_it_looks_every_5_seconds_and_more_often_where_conditions_are_short() -> None:
    slow, quick = Advisor(_config(), MemoryStore(60)), Advisor(_config(for_=5.0), MemoryStore(60))

    assert [slow.tick(1000.0 + second, (), {}, ()) for second in range(6)] == [True, *[False] * 4, True]
    assert [quick.tick(1000.0 + second, (), {}, ()) for second in range(3)] == [True, True, True]


def test_an_alert_that_is_true_ends_the_healthy_time() -> None:
    memory = MemoryStore(60)
    advisor = Advisor(_config(for_=5.0), memory)
    alert = Alert(
        "f", "CPU", "cpu", Severity.WARNING, AlertState.PENDING, 1004.0, 1004.0, "perftui", "host/x", 1.0, 0.5, True,
        Unit.RATIO,
    )  # fmt: skip
    for second in range(20):
        measured = {f"host/{name}": 1.0 for name in SERIES}
        memory.add(Batch("host", 1000.0 + second, 0.0, measured), 1.0)
        advisor.tick(1000.0 + second, (alert,) if second >= 4 else (), {}, ())

    needed = [status.text for status in advisor.statuses if "baseline" in status.text]
    assert needed
    assert all("something was wrong before 10 s" in text for text in needed)


def _finding() -> Finding:
    return Finding(
        "LAT1:shop", "LAT1", "t", Effort.MEDIUM, 8.0, Impact(p99_name("shop"), Unit.SECONDS, -0.1, -0.2, -0.3, "m"),
        0.8, 1.0, target="shop", gain=Gain(0.4, 0.6, 0.9), since=1000.0,
    )  # fmt: skip


def _signals(now: float, slow_until: float) -> Signals:
    windows = []
    for start in range(990, int(now)):
        bound = 0.5 if start < slow_until else 0.1
        windows.append(ServiceWindow(start, start + 1.0, {"": ((0.0, 0.0), (bound, 50.0), (math.inf, 0.0))}, {}, {}))
    return Signals(now, 60.0, {}, services=(ServiceSignals("shop", "", None, windows, None),))


def _tick(verifier: Verifier, signals: Signals, advised: list[Finding], marks: list[tuple[float, str]]) -> Any:
    return verifier.tick(signals, advised, marks, lambda start, end: signals)


def test_a_mark_freezes_what_is_advised_and_the_metric_is_measured_again_after_it() -> None:
    verifier = Verifier()
    marks = [(1010.0, "fault lifted")]

    assert _tick(verifier, _signals(1010.0, 1010.0), [_finding()], []) == ()
    (waiting,) = _tick(verifier, _signals(1011.0, 1010.0), [_finding()], marks)
    (measured,) = _tick(verifier, _signals(1020.0, 1010.0), [], marks)

    assert waiting.measured is None
    assert "not enough after the change" in waiting.text
    assert measured.measured == pytest.approx(0.8)
    assert measured.mark == "fault lifted"
    assert "within the prediction" in measured.text


def test_marks_of_long_ago_and_what_can_not_be_measured_freeze_nothing() -> None:
    verifier = Verifier()
    other = msgspec.structs.replace(_finding(), impact=Impact("something else", Unit.RATIO, 0, 0, 0, "m"))

    assert _tick(verifier, _signals(1011.0, 1010.0), [_finding()], [(900.0, "old")]) == ()
    assert _tick(verifier, _signals(1012.0, 1010.0), [other], [(900.0, "old"), (1011.0, "new")]) == ()


def test_each_mark_counts_once_and_the_newest_outcome_stands_first() -> None:
    verifier = Verifier()
    marks = [(1010.0, "one")]
    _tick(verifier, _signals(1011.0, 1010.0), [_finding()], marks)
    found = _tick(verifier, _signals(1015.0, 1010.0), [_finding()], [*marks, (1014.0, "two")])

    assert [outcome.mark for outcome in found] == ["two", "one"]
