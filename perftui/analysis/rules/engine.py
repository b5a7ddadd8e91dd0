"""All rules, evaluated at a moment: which findings there are, in which order, and what became of each rule.

A condition must hold for a while before its finding appears, and be false as long before it goes: what is asked of a
person must not flicker. Nothing here remembers: the memory goes in and comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from perftui.analysis.rules import (
    cpu,
    disk,
    errors,
    generator,
    latency,
    memory,
    network,
    objective,
    pool,
    pool_balance,
    workflow,
)
from perftui.analysis.rules.estimates import limit
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.verdicts import Found, Quiet, Rule, Verdict
from perftui.domain.findings import HOURS, Finding, RuleState, RuleStatus
from perftui.domain.text import clean

_FAMILIES = (pool, pool_balance, workflow, errors, latency, objective, cpu, memory, disk, network, generator)
RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)

# of all rules: a finding whose middle gain is below is not shown
COMMON_LIMITS = {"minimum_gain": 0.05}

# P(measured gain >= 5 %) before any outcome is known (research: the seed's threshold)
_PRIOR = 0.8


class Held(NamedTuple):
    """What is remembered of a condition: since when it is true, since when it is not, and its finding.

    ``shown`` once it was true for long enough.
    """

    finding: Finding
    since: float
    false_since: float | None = None
    shown: bool = False


Memory = Mapping[str, Held]


class Judged(NamedTuple):
    """Findings with the best first, one status per rule and target, and what to hand in the next time."""

    findings: tuple[Finding, ...]
    statuses: tuple[RuleStatus, ...]
    memory: Memory


def limits(rules: Sequence[Rule] = RULES) -> dict[str, float]:
    """Every threshold that can be configured, with its default."""
    return {**COMMON_LIMITS, **{name: value for rule in rules for name, value in rule.limits.items()}}


def needs(off: Collection[str] = (), pools: Collection[str] = (), rules: Sequence[Rule] = RULES) -> tuple[str, ...]:
    """The selectors of all series that the rules read; those of a pool (``*/...``) for each of ``pools``."""
    wanted = dict.fromkeys(need for rule in rules if rule.id not in off for need in rule.needs)
    return tuple(
        selector
        for need in wanted
        for selector in ([f"{key}{need[1:]}" for key in pools] if need.startswith("*/") else [need])
    )


def step(
    signals: Signals, before: Memory, for_s: float, off: Collection[str] = (), rules: Sequence[Rule] = RULES
) -> Judged:
    """Evaluate the rules on ``signals``; ``before`` is the memory of the last time (at first empty).

    A rule that raises is failed and keeps its findings; the others go on.
    """
    memory: dict[str, Held] = {}
    statuses: list[RuleStatus] = []
    for rule in rules:
        if rule.id in off:
            continue
        mine = {key: held for key, held in before.items() if held.finding.rule == rule.id}
        try:
            verdicts = rule.judge(signals)
        except Exception as error:  # noqa: BLE001 - a fault in one rule must not silence the others
            memory |= mine
            statuses.append(RuleStatus(rule.id, "", RuleState.FAILED, clean(f"{type(error).__name__}: {error}", 200)))
            continue
        told, kept = _weigh(rule, verdicts, mine, signals, 0.0 if rule.at_once else for_s)
        memory |= kept
        statuses += told
    return Judged(rank(held.finding for held in memory.values() if held.shown), tuple(statuses), memory)


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Highest score first; of equals that with less effort, then the older."""
    return tuple(sorted(findings, key=lambda one: (-one.score, one.hours, one.since or 0.0, one.id)))


def _weigh(
    rule: Rule, verdicts: Sequence[Verdict], before: Memory, signals: Signals, for_s: float
) -> tuple[list[RuleStatus], dict[str, Held]]:
    statuses: list[RuleStatus] = []
    kept: dict[str, Held] = {}
    for verdict in verdicts:
        key = f"{rule.id}:{verdict.target}"
        held = before.get(key)
        judged = _worth(verdict, signals)
        if isinstance(judged, Found):
            kept[key] = held = _true(rule, key, judged, held, signals.now, for_s)
            waited = f"true for {_seconds(signals.now - held.since)} of {_seconds(for_s)}"
            state, text = (RuleState.FOUND, judged.text) if held.shown else (RuleState.WAITING, waited)
        else:
            state, text = RuleState.QUIET if isinstance(judged, Quiet) else RuleState.BLIND, judged.text
            held = _false(held, signals.now, for_s)
            if held is not None:
                kept[key] = held
                ago = _seconds(signals.now - (held.false_since or signals.now))
                state, text = RuleState.FOUND, f"not true for {ago} of {_seconds(for_s)}: {text}"
        statuses.append(RuleStatus(rule.id, verdict.target, state, clean(text)))
    for key in before.keys() - {f"{rule.id}:{verdict.target}" for verdict in verdicts}:
        gone = _false(before[key], signals.now, for_s)
        if gone is not None:
            kept[key] = gone
    return statuses, kept


def _worth(verdict: Verdict, signals: Signals) -> Verdict:
    if not isinstance(verdict, Found) or verdict.gain is None:
        return verdict
    least = limit(signals, COMMON_LIMITS, "minimum_gain")
    if verdict.gain.mid >= least:
        return verdict
    return Quiet(verdict.target, f"not worth it: {verdict.gain.mid:.1%} gain of {least:.0%}; {verdict.text}")


def _true(rule: Rule, key: str, found: Found, held: Held | None, now: float, for_s: float) -> Held:
    since = now if held is None else held.since
    shown = (held is not None and held.shown) or now - since >= for_s
    return Held(_finding(rule, key, found, since), since, None, shown)


def _false(held: Held | None, now: float, for_s: float) -> Held | None:
    if held is None or not held.shown:
        return None
    false_since = now if held.false_since is None else held.false_since
    return None if now - false_since >= for_s else held._replace(false_since=false_since)


def _finding(rule: Rule, key: str, found: Found, since: float) -> Finding:
    hours = HOURS[found.effort]
    confidence = min(1.0, found.n / found.n_min) * found.confidence * _PRIOR
    gain = found.gain.low if found.gain is not None else 0.0
    return Finding(
        id=key,
        rule=rule.id,
        title=clean(found.title),
        effort=found.effort,
        hours=hours,
        impact=found.impact,
        confidence=confidence,
        score=100 * gain * confidence * found.urgency / hours,
        evidence=found.evidence,
        steps=found.steps,
        target=found.target,
        gain=found.gain,
        urgency=found.urgency,
        since=since,
        assumptions=found.assumptions,
    )


def _seconds(span: float) -> str:
    return f"{span:.0f} s"
