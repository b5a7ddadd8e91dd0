"""Alerts as sources tell them, for the tests of triage."""

from __future__ import annotations

from perftui.domain.alerts import Alert, AlertState, Severity, fingerprint
from perftui.domain.samples import Batch
from perftui.domain.units import Unit

NOW = 1_000_000.0


def alert(
    name: str = "Slow",
    *,
    source: str = "prom",
    state: AlertState = AlertState.FIRING,
    severity: Severity = Severity.WARNING,
    active_at: float = NOW - 120.0,
    since: float = NOW - 60.0,
    silenced_by: tuple[str, ...] = (),
    value: float | None = None,
    expr: str = "",
    annotations: tuple[tuple[str, str], ...] = (),
    **labels: str,
) -> Alert:
    """By default it became true two minutes ago and has fired for one."""
    named = {"alertname": name, "severity": severity.value, **labels}
    return Alert(
        fingerprint(named), name, name, severity, state, since, active_at, source, "", value, None, True, Unit.NONE,
        labels=tuple(sorted(labels.items())), expr=expr, annotations=annotations,
        all_labels=tuple(sorted(named.items())), silenced_by=silenced_by,
    )  # fmt: skip


def told(source: str, *alerts: Alert) -> Batch:
    return Batch(source, NOW, 0.0, alerts=alerts)
