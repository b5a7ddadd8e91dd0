"""The configured alert rules as the alert engine takes them."""

from __future__ import annotations

from perftui.config.schema import AlertKind, AlertRule, Config
from perftui.domain.alerts import AbsenceRule, ThresholdRule
from perftui.domain.findings import HOURS, Effort
from perftui.domain.units import Unit


def threshold_rules(config: Config) -> tuple[ThresholdRule, ...]:
    """The rules that are enabled, in the order of their ids, then those that come with every source of workflows."""
    own = [
        _rule(name, rule)
        for name, rule in sorted(config.alerts.items())
        if rule.enabled and rule.kind is AlertKind.THRESHOLD
    ]
    enabled = [name for name, source in config.sources.workflow.items() if source.enabled]
    return (*own, *(rule for name in enabled for rule in _of_workflows(name)))


def absence_rules(config: Config) -> tuple[AbsenceRule, ...]:
    """The rules of kind absence that are enabled, in the order of their ids."""
    return tuple(
        AbsenceRule(name, rule.title, rule.series, rule.severity, rule.for_, rule.summary)
        for name, rule in sorted(config.alerts.items())
        if rule.enabled and rule.kind is AlertKind.ABSENCE
    )


def _of_workflows(source: str) -> tuple[ThresholdRule, ...]:
    efficiency = AlertRule(
        title="Workflow efficiency is low", series=f"{source}/workflow_efficiency_ratio", unit=Unit.RATIO, above=False,
        warning=0.75, critical=0.65, summary="phases take longer than planned, or agents idle",
    )  # fmt: skip
    response = AlertRule(
        title="Agents respond slowly", series=f'{source}/task_response_seconds{{quantile="0.95"}}', unit=Unit.SECONDS,
        warning=3.0, critical=8.0, summary="p95 from the start of a task to its end",
    )  # fmt: skip
    return _rule(f"efficiency-{source}", efficiency), _rule(f"response-{source}", response)


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
