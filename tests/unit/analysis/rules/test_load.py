"""Rules that look at a load: is it to be trusted, and does its target keep what was promised?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from perftui.analysis.rules.engine import RULES, step
from perftui.analysis.rules.signals import LoadSignals, ServiceSignals, ServiceWindow, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from perftui.domain.findings import RuleState
from tests.unit.analysis.rules.worlds import histogram

JUDGE = {rule.id: rule.judge for rule in RULES}
GENERATOR = ("GEN1", "GEN2", "GEN3", "GEN5")


def windows(*latency_s: float, requests: int = 100) -> list[ServiceWindow]:
    """One second each, all of whose requests took so long."""
    return [
        ServiceWindow(n, n + 1.0, {"home": histogram([took] * requests)}, {"home": float(requests)}, {"home": 0.0})
        for n, took in enumerate(latency_s)
    ]


def load(of: Sequence[ServiceWindow] = (), slo_s: float | None = None, **more: Any) -> Signals:
    """A load of a minute with nothing wrong."""
    service = ServiceSignals("load on http://x/", "endpoint", slo_s, of or windows(*[0.01] * 60), None)
    told: dict[str, Any] = {
        "name": "load 1", "service": service, "is_over": False, "is_open": True, "measured_s": 60.0, "planned_s": 60.0,
        "done": 6000, "dropped": 0, "connections": 10, "at_cap": False, "cpu_share": 0.1, "late_share": 0.0,
        "lag_p99_s": 0.0001, "blocked_p99_s": 0.0001, "response_p99_s": 0.01, **more,
    }  # fmt: skip
    return Signals(100.0, 300.0, {}, load=LoadSignals(**told))


def judged(rule: str, signals: Signals) -> Verdict:
    (verdict,) = JUDGE[rule](signals)
    return verdict


@pytest.mark.parametrize("rule", GENERATOR)
def test_a_good_load_is_quiet_and_no_load_is_said(rule: str) -> None:
    assert isinstance(judged(rule, load()), Quiet)
    assert judged(rule, Signals(100.0, 300.0, {})) == Blind("", "needs a load")


@pytest.mark.parametrize(
    ("rule", "wrong", "said"),
    [
        ("GEN1", {"cpu_share": 0.93}, "93% of a core"),
        ("GEN2", {"lag_p99_s": 0.0015}, "lag p99 1.50 ms of 1 ms"),
        ("GEN2", {"late_share": 0.08}, "8.0% of the arrivals late"),
        ("GEN2", {"cpu_share": 0.93}, "93% of a core of 80%"),
        ("GEN3", {"dropped": 3}, "3 arrivals found no place"),
        ("GEN3", {"at_cap": True, "blocked_p99_s": 0.2, "response_p99_s": 0.5}, "p99 200 ms of 50 ms"),
        ("GEN5", {"planned_s": 10.0}, "0:10 of 0:30"),
        ("GEN5", {"is_over": True, "measured_s": 12.0}, "0:12 of 0:30"),
    ],
)
def test_what_makes_a_load_not_to_be_trusted_is_found_and_promises_no_gain(
    rule: str, wrong: dict[str, Any], said: str
) -> None:
    found = judged(rule, load(**wrong))

    assert isinstance(found, Found)
    assert said in found.text
    assert found.gain is None
    assert found.impact.method == "needed, not promised"
    assert found.impact.low == found.impact.high


@pytest.mark.parametrize(
    ("rule", "right"),
    [
        # a slow target may have a slow loop beside it: a tenth of its response time
        ("GEN2", {"lag_p99_s": 0.03, "response_p99_s": 0.5}),
        ("GEN2", {"is_open": False, "lag_p99_s": 1.0}),
        # waiting for a connection that is being made is not waiting for one that is in use
        ("GEN3", {"blocked_p99_s": 0.2, "response_p99_s": 0.5}),
        ("GEN3", {"is_open": False, "dropped": 1}),
    ],
)
def test_what_only_looks_like_it_is_quiet(rule: str, right: dict[str, Any]) -> None:
    assert isinstance(judged(rule, load(**right)), Quiet)


def test_a_first_part_that_is_slower_than_all_others_is_cold() -> None:
    assert isinstance(judged("GEN5", load(windows(*[0.05] * 10, *[0.01] * 50))), Found)
    assert isinstance(judged("GEN5", load(windows(*[0.012] * 10, *[0.01] * 50))), Quiet)
    # a slow part later is the target's own
    assert isinstance(judged("GEN5", load(windows(*[0.05] * 10, *[0.01] * 40, *[0.05] * 10))), Quiet)


@pytest.mark.parametrize("rule", ["GEN1", "GEN2", "GEN3"])
def test_before_anything_is_measured_a_rule_is_blind(rule: str) -> None:
    nothing = dict.fromkeys(("cpu_share", "late_share", "lag_p99_s", "blocked_p99_s", "response_p99_s"))

    assert isinstance(judged(rule, load(**nothing)), Blind)


def test_a_finding_about_a_load_is_there_at_once_and_goes_with_it() -> None:
    first = step(load(dropped=5), {}, 60.0)

    assert [one.rule for one in first.findings] == ["GEN3"]
    then = step(Signals(101.0, 300.0, {}), first.memory, 60.0)
    assert then.findings == ()
    assert [one.state for one in then.statuses if one.rule == "GEN3"] == [RuleState.BLIND]


def test_an_objective_that_three_windows_miss_is_found_with_the_gap_and_promises_nothing() -> None:
    missed = judged("LAT2", load(windows(*[0.3] * 3, *[0.01] * 20), slo_s=0.2))

    assert isinstance(missed, Found)
    assert "in 3 of 23 windows" in missed.text
    assert missed.gain is None
    assert missed.impact.mid == pytest.approx(-0.1, rel=0.3)
    assert missed.urgency == 2.0


def test_an_objective_that_is_missed_for_a_moment_or_not_at_all_is_quiet() -> None:
    assert isinstance(judged("LAT2", load(windows(*[0.3] * 2, *[0.01] * 200), slo_s=0.2)), Quiet)
    assert isinstance(judged("LAT2", load(windows(*[0.1] * 20), slo_s=0.2)), Quiet)
    assert isinstance(judged("LAT2", load(windows(*[0.3] * 20, requests=2), slo_s=0.2)), Blind)
    assert isinstance(judged("LAT2", load(windows(*[0.3] * 20))), Blind)


def test_the_tail_of_a_load_is_looked_at_like_that_of_a_service() -> None:
    mixed = [
        ServiceWindow(n, n + 1.0, {"home": histogram([0.01] * 97), "slow": histogram([0.5] * 3)}, {}, {})
        for n in range(40)
    ]

    found = judged("LAT1", load(mixed))

    assert isinstance(found, Found)
    assert found.target == "load on http://x/"
