from __future__ import annotations

from collections.abc import Sequence

import pytest

from perftui.analysis.rules.engine import RULES, Memory, limits, needs, rank, step
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Finding, Gain, Impact, RuleState
from perftui.domain.series import parse_selector
from perftui.domain.units import Unit


def found(target: str = "t", low: float = 0.2, effort: Effort = Effort.LOW, urgency: float = 1.0, n: int = 10) -> Found:
    return Found(
        target, f"Mend {target}", effort, Impact("m", Unit.SECONDS, -low, -low, -low, "x"), Gain(low, low, low), n, 10,
        (), (), "it is true", urgency=urgency,
    )  # fmt: skip


def rule(*verdicts: Verdict, name: str = "R1") -> Rule:
    return Rule(name, "A rule", (), {}, lambda _: verdicts)


def at(now: float) -> Signals:
    return Signals(now=now, window_s=60.0, limits={})


def shown(rules: Sequence[Rule], now: float, before: Memory, for_s: float = 5.0) -> tuple[list[str], Memory]:
    judged = step(at(now), before, for_s, rules=rules)
    return [f"{status.state.value}: {status.text}" for status in judged.statuses], judged.memory


def test_a_condition_must_hold_before_its_finding_appears() -> None:
    mine = [rule(found())]
    said, memory = shown(mine, 100.0, {})
    assert said == ["waiting: true for 0 s of 5 s"]
    said, memory = shown(mine, 103.0, memory)
    assert said == ["waiting: true for 3 s of 5 s"]
    judged = step(at(105.0), memory, 5.0, rules=mine)
    assert [finding.id for finding in judged.findings] == ["R1:t"]
    assert judged.findings[0].since == 100.0
    assert judged.statuses[0].state is RuleState.FOUND


def test_a_condition_that_breaks_while_it_is_waited_for_begins_anew() -> None:
    _, memory = shown([rule(found())], 100.0, {})
    said, memory = shown([rule(Quiet("t", "all is well"))], 103.0, memory)
    assert (said, memory) == (["quiet: all is well"], {})
    said, _ = shown([rule(found())], 106.0, memory)
    assert said == ["waiting: true for 0 s of 5 s"]


@pytest.mark.parametrize("gone", [(Quiet("t", "well"),), (Blind("t", "needs x"),), ()])
def test_a_finding_goes_only_after_its_condition_was_false_for_long_enough(gone: tuple[Verdict, ...]) -> None:
    memory = step(at(100.0), {}, 0.0, rules=[rule(found())]).memory
    for now, there in ((101.0, True), (105.0, True), (106.0, False)):
        judged = step(at(now), memory, 5.0, rules=[rule(*gone)])
        memory = judged.memory
        assert bool(judged.findings) is there
    assert memory == {}


def test_a_finding_that_comes_back_in_time_was_never_gone() -> None:
    memory = step(at(100.0), {}, 0.0, rules=[rule(found())]).memory
    said, memory = shown([rule(Quiet("t", "well"))], 102.0, memory)
    assert said == ["found: not true for 0 s of 5 s: well"]
    said, memory = shown([rule(found())], 104.0, memory)
    assert said == ["found: it is true"]
    judged = step(at(108.0), memory, 5.0, rules=[rule(Quiet("t", "well"))])
    assert judged.findings[0].since == 100.0


def test_a_rule_that_raises_is_failed_keeps_its_finding_and_stops_no_other() -> None:
    def broken(_: Signals) -> Sequence[Verdict]:
        raise KeyError("no\x1bthing")

    memory = step(at(100.0), {}, 0.0, rules=[rule(found())]).memory
    bad = Rule("R1", "Bad", (), {}, broken)
    judged = step(at(200.0), memory, 0.0, rules=[bad, rule(found("other"), name="R2")])
    assert [finding.id for finding in judged.findings] == ["R1:t", "R2:other"]
    assert [(status.rule, status.state) for status in judged.statuses] == [
        ("R1", RuleState.FAILED), ("R2", RuleState.FOUND),
    ]  # fmt: skip
    assert "KeyError" in judged.statuses[0].text
    assert "\x1b" not in judged.statuses[0].text


def test_what_gains_too_little_is_not_shown_and_says_why() -> None:
    judged = step(at(1.0), {}, 0.0, rules=[rule(found(low=0.049))])
    assert judged.findings == ()
    assert judged.statuses[0].state is RuleState.QUIET
    assert "4.9% gain of 5%" in judged.statuses[0].text
    generous = at(1.0)._replace(limits={"minimum_gain": 0.01})
    assert len(step(generous, {}, 0.0, rules=[rule(found(low=0.049))]).findings) == 1


def test_a_rule_that_is_off_is_not_asked() -> None:
    assert step(at(1.0), {}, 0.0, off=("R1",), rules=[rule(found())]).statuses == ()


def test_the_score_is_gain_by_confidence_by_urgency_over_hours() -> None:
    finding = step(at(1.0), {}, 0.0, rules=[rule(found(low=0.3, urgency=2.0, n=5))]).findings[0]
    assert finding.confidence == pytest.approx(0.8 * 5 / 10)
    assert finding.score == pytest.approx(100 * 0.3 * 0.4 * 2.0 / 2.0)


def test_the_best_comes_first_and_equals_by_effort_then_age() -> None:
    def one(key: str, score: float, hours: float, since: float) -> Finding:
        impact = Impact("m", Unit.SECONDS, 0, 0, 0, "x")
        return Finding(key, "R", "t", Effort.LOW, hours, impact, 0.8, score, since=since)

    findings = [one("young", 1, 2, 20), one("big", 1, 8, 1), one("best", 5, 40, 30), one("old", 1, 2, 10)]
    assert [finding.id for finding in rank(findings)] == ["best", "old", "young", "big"]


def test_every_rule_says_what_it_needs_when_there_is_nothing() -> None:
    judged = step(at(1.0), {}, 0.0)
    assert {status.state for status in judged.statuses} == {RuleState.BLIND}
    assert {status.rule for status in judged.statuses} == {one.id for one in RULES}
    assert all(status.text.startswith("needs ") for status in judged.statuses)


def test_limits_have_one_owner_and_needs_are_selectors() -> None:
    assert len(limits()) == 1 + len({name for one in RULES for name in one.limits})
    assert all(name.partition("_")[0].upper() == one.id for one in RULES for name in one.limits)
    assert [parse_selector(need) for need in needs(pools=("work",))]
    assert needs(off=[one.id for one in RULES]) == ()
