"""Alerts and findings of a session: the pure rules of analysis, fed from memory once a tick."""

from __future__ import annotations

from perftui.analysis.absence import absent
from perftui.analysis.rules.headroom import headroom
from perftui.analysis.thresholds import Reading, step
from perftui.domain.alerts import AbsenceRule, Alert, AlertState, ThresholdRule
from perftui.domain.findings import Finding
from perftui.domain.series import parse_selector
from perftui.store.memory import MemoryStore

FINDINGS_WINDOW_S = 300.0
_FINDINGS_EVERY_S = 5.0


class Judge:
    """Keeps the alerts from tick to tick."""

    def __init__(
        self, rules: tuple[ThresholdRule, ...], memory: MemoryStore, absences: tuple[AbsenceRule, ...] = ()
    ) -> None:
        self.rules, self.absences = rules, absences
        self._memory = memory
        self._alerts: dict[str, Alert] = {}
        self._absent: dict[str, Alert] = {}
        self._began_at: float | None = None
        self._findings_at: float | None = None
        self.alerts: tuple[Alert, ...] = ()
        self.findings: tuple[Finding, ...] = ()

    def tick(self, now: float) -> None:
        """Evaluate every rule on the newest samples, and the findings every 5 s or when an alert changed its state."""
        before = {key: alert.state for key, alert in self._alerts.items()}
        self._alerts = step([(rule, self._readings(rule)) for rule in self.rules], self._alerts, now)
        self._look_for_absent(now)
        alerts = (*self._alerts.values(), *self._absent.values())
        self.alerts = self.alerts if alerts == self.alerts else alerts
        changed = before != {key: alert.state for key, alert in self._alerts.items()}
        if changed or self._findings_at is None or now - self._findings_at >= _FINDINGS_EVERY_S:
            self._findings_at = now
            self.findings = self._found(now)

    def _look_for_absent(self, now: float) -> None:
        began_at = self._began_at = now if self._began_at is None else self._began_at
        found = {
            rule.id: absent(rule, self._readings(rule).values(), self._absent.get(rule.id), began_at, now)
            for rule in self.absences
        }
        self._absent = {name: alert for name, alert in found.items() if alert is not None}

    def _readings(self, rule: ThresholdRule | AbsenceRule) -> dict[str, Reading]:
        readings: dict[str, Reading] = {}
        for series in self._memory.select(parse_selector(rule.selector)):
            latest = self._memory.latest(series)
            if latest is not None:
                readings[series] = Reading(latest[0], latest[1], self._memory.interval(series))
        return readings

    def _found(self, now: float) -> tuple[Finding, ...]:
        rules = {rule.id: rule for rule in self.rules}
        found = []
        for alert in self.alerts:
            rule = rules.get(alert.rule)
            if rule is None or alert.state is not AlertState.FIRING:
                continue
            # the samples since the condition became true: a calm time before would hide what is needed now
            start = max(now - FINDINGS_WINDOW_S, alert.active_at)
            values = [value for _, value in self._memory.points(alert.series, start, now + 1)]
            finding = headroom(rule, alert, values, now - start)
            if finding is not None:
                found.append(finding)
        return tuple(sorted(found, key=lambda finding: (-finding.score, finding.id)))
