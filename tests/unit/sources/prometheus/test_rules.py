"""Prometheus's rules and alerts in our words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from perftui.domain.alerts import AlertState, Severity
from perftui.sources.prometheus.rules import read_rules

RULES = Path(__file__).parents[3] / "data" / "prometheus" / "rules.json"


def _rules() -> list[dict[str, Any]]:
    groups = json.loads(RULES.read_text())["data"]["groups"]
    return [rule for group in groups for rule in group["rules"] if rule["type"] == "alerting"]


def _rule(**changes: Any) -> dict[str, Any]:
    alert = {"labels": {"alertname": "Hot", "job": "a"}, "annotations": {}, "state": "firing", "value": "1e+00"}
    alert["activeAt"] = "2026-11-20T12:00:00.5Z"
    return {"name": "Hot", "query": "up == 0", "duration": 60, "health": "ok", "alerts": [{**alert, **changes}]}


def test_a_real_answer_gives_every_alert_with_its_rule() -> None:
    rules = _rules()

    found = read_rules("main", rules, 0.0)

    assert found.rules == len(rules)
    assert len(found.alerts) == sum(len(rule["alerts"]) for rule in rules) > 0
    assert all(alert.expr and alert.source == "main" and alert.threshold is None for alert in found.alerts)


def test_it_fires_since_its_condition_held_for_the_rules_duration() -> None:
    (firing,) = read_rules("main", [_rule()], 0.0).alerts
    (pending,) = read_rules("main", [_rule(state="pending")], 0.0).alerts

    assert firing.state is AlertState.FIRING
    assert firing.active_at == 1795176000.5
    assert firing.since == firing.active_at + 60
    assert pending.since == pending.active_at == firing.active_at


def test_times_are_moved_to_our_clock_and_nine_digits_are_read() -> None:
    (alert,) = read_rules("main", [_rule(activeAt="2026-11-20T13:00:00.123456789+01:00")], -100.0).alerts

    assert alert.active_at == 1795176000.123456 - 100


def test_severities_of_all_houses_are_understood_and_unknown_ones_warn() -> None:
    def severity(word: str) -> Severity:
        return read_rules("main", [_rule(labels={"severity": word})], 0.0).alerts[0].severity

    assert [severity(word) for word in ("page", "Critical", "info", "warning", "?")] == [
        Severity.CRITICAL, Severity.CRITICAL, Severity.INFO, Severity.WARNING, Severity.WARNING,
    ]  # fmt: skip


def test_a_rule_that_can_not_be_evaluated_is_named() -> None:
    broken = {**_rule(), "health": "err", "lastError": "many-to-many\x1b[1m", "alerts": []}

    assert read_rules("main", [broken], 0.0).failing == ("Hot: many-to-many [1m",)


def test_alerts_that_make_no_sense_are_left_out_and_their_numbers_too() -> None:
    odd: list[dict[str, Any]] = [
        _rule(state="inactive"), _rule(activeAt="yesterday"), _rule(activeAt=None), {"alerts": None}, {"alerts": ["x"]},
    ]  # fmt: skip

    assert read_rules("main", odd, 0.0).alerts == ()
    assert read_rules("main", [_rule(value="NaN")], 0.0).alerts[0].value is None
    assert read_rules("main", [{**_rule(), "duration": "long"}], 0.0).alerts[0].for_s == 0.0
