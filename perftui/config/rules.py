"""The configured alert rules as the alert engine takes them."""

from __future__ import annotations

from perftui.config.schema import AlertRule, Config
from perftui.domain.alerts import ThresholdRule
from perftui.domain.findings import HOURS, Effort


def threshold_rules(config: Config) -> tuple[ThresholdRule, ...]:
    """The rules that are enabled, in the order of their ids."""
    return tuple(_rule(name, rule) for name, rule in sorted(config.alerts.items()) if rule.enabled)


def _rule(name: str, rule: AlertRule) -> ThresholdRule:
    effort = Effort(rule.effort)
    return ThresholdRule(
        id=name,
        title=rule.title,
        selector=rule.series,
        unit=rule.unit,
        above=rule.above,
        warning=rule.warning,
        critical=rule.critical,
        warning_clear=_clear(rule, rule.warning),
        critical_clear=_clear(rule, rule.critical),
        for_s=rule.for_,
        summary=rule.summary,
        advice=rule.advice,
        effort=effort.value,
        hours=HOURS[effort],
        steps=rule.steps,
    )


def _clear(rule: AlertRule, limit: float | None) -> float | None:
    """The value at which a level ends: ``clear`` is a share of the limit, towards the good side."""
    if limit is None:
        return None
    way_back = abs(limit) * rule.clear
    return limit - way_back if rule.above else limit + way_back
