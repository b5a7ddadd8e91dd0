"""Threshold rules over the newest values: pending, firing and resolved alerts with hysteresis; a pure step a tick."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from perftui.domain.alerts import Alert, AlertState, Severity, ThresholdRule, fingerprint
from perftui.domain.series import parse_selector, parse_series
from perftui.domain.units import format_value

RESOLVED_SHOWN_S = 300.0
SOURCE = "perftui"


class Reading(msgspec.Struct, frozen=True):
    """The newest sample of a series, and how often it is sampled."""

    at: float
    value: float
    interval_s: float


def step(
    rules: Sequence[tuple[ThresholdRule, Mapping[str, Reading]]], before: Mapping[str, Alert], now: float
) -> dict[str, Alert]:
    """The alerts after this tick, by fingerprint.

    ``rules`` pairs each rule with the readings of the series that it picks. A series without a fresh reading keeps its
    alert as it is: silence neither fires nor resolves. Alerts of rules that are gone, or that pick other series now,
    resolve.
    """
    after: dict[str, Alert] = {}
    judged: set[str] = set()
    for rule, readings in rules:
        for series, reading in readings.items():
            key = _key(rule.id, series)
            judged.add(key)
            alert = _judge(rule, series, reading, before.get(key), now, key)
            if alert is not None:
                after[key] = alert
    left = {key: alert for key, alert in before.items() if key not in judged}
    selectors = {rule.id: parse_selector(rule.selector) for rule, _ in rules} if left else {}
    for key, known in left.items():
        selector = selectors.get(known.rule)
        picked = selector is not None and selector.matches(known.series)
        kept = _without_data(known, known.value) if picked else _resolved(known, now)
        if kept is not None:
            after[key] = kept
    return {key: alert for key, alert in after.items() if not _forgotten(alert, now)}


def over(known: Alert | None, now: float) -> Alert | None:
    """What becomes of an alert whose condition does not hold any more: resolved for a while, then nothing."""
    if known is None or known.state is AlertState.PENDING:
        return None
    if known.state is AlertState.RESOLVED:
        return None if _forgotten(known, now) else known
    return msgspec.structs.replace(known, state=AlertState.RESOLVED, since=now)


def is_fresh(reading: Reading, now: float) -> bool:
    """Whether it tells of now: two samples may be missed, and five seconds in any case."""
    return now - reading.at <= max(5.0, 3 * reading.interval_s)


@lru_cache(maxsize=4096)
def _key(rule: str, series: str) -> str:
    """The fingerprint of a rule's alert on a series: every rule asks it of the same series every second."""
    return fingerprint({"alertname": rule, "series": series})


def _forgotten(alert: Alert, now: float) -> bool:
    return alert.state is AlertState.RESOLVED and now - alert.since > RESOLVED_SHOWN_S


def _judge(
    rule: ThresholdRule, series: str, reading: Reading, known: Alert | None, now: float, key: str
) -> Alert | None:
    if math.isnan(reading.value) or not is_fresh(reading, now):
        return None if known is None else _without_data(known, reading.value)
    active = known if known is not None and known.state is not AlertState.RESOLVED else None
    level = _level(rule, reading.value, active)
    if level is None:
        if known is None or known.state is AlertState.PENDING:
            return None
        return msgspec.structs.replace(_resolved(known, now) or known, value=reading.value, summary=rule.summary)
    severity, threshold = level
    active_at = now if active is None else active.active_at
    if active is not None and active.state is AlertState.FIRING:
        state, since = AlertState.FIRING, active.since if active.severity is severity else now
    elif now - active_at >= rule.for_s:
        state, since = AlertState.FIRING, now
    else:
        state, since = AlertState.PENDING, active_at
    ref = parse_series(series)
    return Alert(
        key, rule.title, rule.id, severity, state, since, active_at, SOURCE, series, reading.value, threshold,
        rule.above, rule.unit, rule.for_s, rule.summary, ref.labels,
    )  # fmt: skip


def _level(rule: ThresholdRule, value: float, active: Alert | None) -> tuple[Severity, float] | None:
    """The worst level the value stands at; a level that fires ends only beyond its clear value.

    A pending alert has no such bonus: its value must stay beyond the limit itself all the time.
    """
    levels = (
        (Severity.CRITICAL, rule.critical, rule.critical_clear),
        (Severity.WARNING, rule.warning, rule.warning_clear),
    )
    for severity, limit, clear in levels:
        if limit is None:
            continue
        held = active is not None and active.state is AlertState.FIRING and active.severity.rank <= severity.rank
        edge = clear if held and clear is not None else limit
        if (value > edge) if rule.above else (value < edge):
            return severity, limit
    return None


def _resolved(alert: Alert, now: float) -> Alert | None:
    """The alert as resolved now; None for one that never fired."""
    if alert.state is AlertState.PENDING:
        return None
    if alert.state is AlertState.RESOLVED:
        return alert
    return msgspec.structs.replace(alert, state=AlertState.RESOLVED, since=now)


def _without_data(alert: Alert, last: float | None) -> Alert:
    """The alert as it was, saying that nothing new is known; ``last`` is the value before the silence."""
    if alert.state is AlertState.RESOLVED or alert.value is None:
        return alert
    summary = f"no data since it was {format_value(alert.value if last is None else last, alert.unit)}"
    return msgspec.structs.replace(alert, summary=summary, value=None)
