"""A row of the alert list: what is told of an alert, with what people said of it."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.config.promql_comparison import comparison
from perftui.domain.alerts import Alert, AlertState
from perftui.domain.triage import AlertCounts, AlertRow, Doing, Watchdog
from perftui.session.triage.merging import Labels
from perftui.store.claims import Claim

_RUNBOOKS = ("runbook_url", "runbook")
_SIDES = {">": True, ">=": True, "<": False, "<=": False}
_STATE_ORDER = {AlertState.FIRING: 0, AlertState.PENDING: 1, AlertState.SUPPRESSED: 2, AlertState.RESOLVED: 3}
_NOTHING = Claim()


def row(alert: Alert, sources: tuple[str, ...], claim: Claim | None, doing: Doing, now: float) -> AlertRow:
    """``doing`` is what was asked for and is not seen yet."""
    said = _NOTHING if claim is None else claim
    acked, noted = said.acked(alert.active_at), said.noted(alert.active_at)
    snoozed = said.snoozed(alert.active_at, alert.severity, now)
    threshold, above = alert.threshold, alert.above
    found = comparison(alert.expr) if alert.expr else None
    if threshold is None and found is not None and found.limit is not None and found.operator in _SIDES:
        threshold, above = found.limit, _SIDES[found.operator]
    return AlertRow(
        key=alert.fingerprint,
        name=alert.name,
        severity=alert.severity,
        state=alert.state,
        since=alert.since,
        active_at=alert.active_at,
        fired_at=None if alert.state is AlertState.PENDING else alert.since,
        sources=sources,
        labels=alert.all_labels or _own_labels(alert),
        annotations=alert.annotations,
        summary=alert.summary,
        runbook=runbook(alert.annotations),
        value=alert.value,
        threshold=threshold,
        above=above,
        unit=alert.unit,
        for_s=alert.for_s,
        expr=alert.expr,
        rule=alert.rule,
        series=alert.series,
        graph=alert.expr if found is None else found.left,
        graph_source=alert.source if alert.expr else "",
        silenced_by=alert.silenced_by,
        inhibited_by=alert.inhibited_by,
        acked_by=said.acked_by if acked else "",
        acked_at=said.acked_at if acked else None,
        snoozed_until=said.snoozed_until if snoozed else None,
        snoozed_by=said.snoozed_by if snoozed else "",
        note=said.note if noted else "",
        note_by=said.note_by if noted else "",
        doing=doing,
    )


def runbook(annotations: Labels) -> str:
    """Where to read what to do; only addresses of the web, whatever else stands there."""
    known = dict(annotations)
    found = next((known[name] for name in _RUNBOOKS if name in known), "").strip()
    return found if found.startswith(("https://", "http://")) and " " not in found else ""


def _own_labels(alert: Alert) -> Labels:
    own = {"alertname": alert.rule, "severity": alert.severity.value}
    return tuple(sorted({**own, **dict(alert.labels)}.items()))


def urgency(one: AlertRow) -> tuple[int, bool, int, float, str]:
    """What is worst comes first: what fires, what nobody put off or claimed, by severity, the oldest."""
    handled = one.snoozed_until is not None or bool(one.acked_by)
    return _STATE_ORDER[one.state], handled, one.severity.rank, one.since, one.name


def counted(rows: Iterable[AlertRow], dog: Watchdog) -> AlertCounts:
    """Firing ones by severity; put off is not firing, claimed is."""
    firing, pending, suppressed, snoozed, acked = [0, 0, 0], 0, 0, 0, 0
    for one in rows:
        if one.state is AlertState.PENDING:
            pending += 1
        elif one.state is AlertState.SUPPRESSED:
            suppressed += 1
        elif one.state is AlertState.FIRING:
            if one.snoozed_until is not None:
                snoozed += 1
            else:
                firing[one.severity.rank] += 1
                acked += bool(one.acked_by)
    critical, warning, info = firing
    return AlertCounts(critical, warning, info, pending, suppressed, snoozed, acked, dog)
