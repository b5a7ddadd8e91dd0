"""Alerts on what is not there: a service that stopped telling its metrics breaks no threshold."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.analysis.thresholds import SOURCE, Reading, is_fresh, over
from perftui.domain.alerts import AbsenceRule, Alert, AlertState, fingerprint
from perftui.domain.units import Unit


def absent(
    rule: AbsenceRule, readings: Iterable[Reading], known: Alert | None, began_at: float, now: float
) -> Alert | None:
    """The alert after this tick; None when there is none. ``readings`` are the newest of every series it picks.

    What was never measured is missing since ``began_at``, when perftui began to look.
    """
    last = list(readings)
    if any(is_fresh(reading, now) for reading in last):
        return over(known, now)
    since = max((reading.at for reading in last), default=began_at)
    firing = now - since >= rule.for_s
    if known is not None and known.state is AlertState.FIRING:
        return known
    state = AlertState.FIRING if firing else AlertState.PENDING
    return Alert(
        fingerprint({"alertname": rule.id, "absent": rule.selector}), rule.title, rule.id, rule.severity, state,
        now if firing else since, since, SOURCE, "", None, None, True, Unit.NONE, rule.for_s,
        rule.summary or f"nothing is measured: {rule.selector}", (), f"absent({rule.selector})",
    )  # fmt: skip
