"""Prometheus's own alerting rules and alerts, in the words of perftui."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from perftui.domain.alerts import Alert, AlertState, fingerprint, severity_of
from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.sources.prometheus.adapter import words
from perftui.sources.prometheus.answers import labels
from perftui.sources.rfc3339 import epoch_s

_STATES = {"firing": AlertState.FIRING, "pending": AlertState.PENDING}
MOST_ALERTS = 10_000


class Rules(NamedTuple):
    """All alerts of all rules; ``rules`` counts the rules, ``failing`` names those that can't be evaluated, and why."""

    alerts: tuple[Alert, ...]
    rules: int
    failing: tuple[str, ...]


def read_rules(source: str, rules: Sequence[Mapping[str, Any]], shift_s: float) -> Rules:
    """``shift_s`` is added to the server's times, so that they are ours."""
    alerts: dict[str, Alert] = {}
    failing = []
    for rule in rules:
        name = words(rule.get("name")) or "?"
        if words(rule.get("health")) == "err":
            failing.append(f"{name}: {words(rule.get('lastError'))}")
        listed = rule.get("alerts")
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, dict) and len(alerts) < MOST_ALERTS:
                alert = _alert(source, name, rule, item, shift_s)
                if alert is not None:
                    alerts[alert.fingerprint] = alert
    return Rules(tuple(alerts.values()), len(rules), tuple(failing))


def _alert(
    source: str, rule: str, definition: Mapping[str, Any], item: Mapping[str, Any], shift_s: float
) -> Alert | None:
    state = _STATES.get(words(item.get("state")))
    active_at = epoch_s(item.get("activeAt"))
    if state is None or active_at is None:
        return None
    active_at += shift_s
    told = item["labels"] if isinstance(item.get("labels"), dict) else {}
    named = labels(told)
    annotations = labels(item["annotations"]) if isinstance(item.get("annotations"), dict) else {}
    for_s = _positive(definition.get("duration"))
    shown = {key: value for key, value in named.items() if key not in ("alertname", "severity")}
    return Alert(
        # of the labels as they came: an Alertmanager makes it of those
        fingerprint=fingerprint({key: value for key, value in told.items() if isinstance(value, str)}),
        name=named.get("alertname") or rule,
        rule=rule,
        severity=severity_of(named.get("severity", "")),
        state=state,
        # it fires once the condition was true for the rule's duration; the API tells only when that began
        since=active_at + for_s if state is AlertState.FIRING else active_at,
        active_at=active_at,
        source=source,
        series="",
        value=_value(item.get("value")),
        threshold=None,
        above=True,
        unit=Unit.NONE,
        for_s=for_s,
        summary=annotations.get("summary") or annotations.get("description", ""),
        labels=tuple(sorted(shown.items())),
        expr=clean(expr, 2000) if isinstance(expr := definition.get("query"), str) else "",
        annotations=tuple(sorted(annotations.items())),
        all_labels=tuple(sorted(named.items())),
    )


def _value(text: object) -> float | None:
    try:
        value = float(text) if isinstance(text, str) else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _positive(value: object) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return max(0.0, float(value)) if number and isinstance(value, (int, float)) else 0.0
