"""Alerts of the made-up system as people handle them: claimed, put off, silenced; when they fired, and objectives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from perftui.domain.alerts import Alert, AlertState
from perftui.domain.triage import (
    AlertCounts,
    AlertRow,
    AlertSpan,
    Burn,
    Doing,
    Matcher,
    NoiseRow,
    Silence,
    SilenceState,
    SloRow,
    Watchdog,
)
from perftui.domain.units import Unit
from perftui.session.triage.rows import counted, row
from tests.tui.snapshots.curves import NOW

DOG = Watchdog(True, "told by am-eu, am-us", NOW - 12)


def rows(alerts: Sequence[Alert]) -> tuple[AlertRow, ...]:
    """The second is claimed, the third put off, one that a silence hides comes behind them."""
    found = [row(alert, ("prometheus", "am-eu"), None, Doing.NOTHING, NOW) for alert in alerts]
    change = msgspec.structs.replace
    if len(found) > 2:
        found[0] = change(found[0], activations_1h=4, activations_24h=7, runbook="https://wiki/slo", expr="p95 > 0.2")
        found[1] = change(
            found[1], acked_by="ann@web-1", acked_at=NOW - 40, note="more agents come", note_by="ann@web-1"
        )
        found[2] = change(found[2], snoozed_by="otto@web-2", snoozed_until=NOW + 1800)
        hidden = change(
            found[0], key="silenced", name="Disk fills", state=AlertState.SUPPRESSED, silenced_by=("775f330d",),
            value=0.91, threshold=0.9, since=NOW - 760, sources=("am-eu", "am-us"), activations_1h=None,
            activations_24h=1, unit=Unit.RATIO, expr="", runbook="",
            summary="/var is full within a day", labels=(("alertname", "Disk fills"), ("mount", "/var")),
        )  # fmt: skip
        found.append(hidden)
    return tuple(found)


def history(_: dict[str, Any]) -> dict[str, Any]:
    """What a session tells of one alert."""
    return {
        "activations_1h": 4, "activations_24h": 7,
        "spans": [[NOW - 1900, NOW - 1700, "firing"], [NOW - 11, None, "firing"]],
        "moved": [["demo/queue_depth", "rose from 3 to 31"], ["host/cpu_busy_ratio", "rose from 41 % to 92 %"]],
    }  # fmt: skip


def counts(alerts: Sequence[Alert], dog: Watchdog = DOG) -> AlertCounts:
    return counted(rows(alerts), dog)


def tables(alerts: Sequence[Alert]) -> dict[str, tuple[Any, ...]]:
    """The tables that the Alerts screen watches."""
    listed = rows(alerts)
    spans = tuple(
        AlertSpan(f"{one.key}{n}", one.key, one.name, one.severity, AlertState.FIRING, NOW - 7200 * n - 900,
                  None if n == 0 else NOW - 7200 * n - 120 * (n + 1), one.labels)
        for one in listed[:12] for n in range(3)
    )  # fmt: skip
    silence = Silence("775f330d", "am-eu", (Matcher("mount", "/var"), Matcher("job", "db|web", regex=True)), NOW - 700,
                      NOW + 5400, "ann@web-1", "the disk is replaced at noon", SilenceState.ACTIVE, 1)  # fmt: skip
    return {
        "alerts": listed, "alert_spans": spans, "silences": (silence,),
        "noise": (NoiseRow("Disk fills", 14, 5200.0, 0.79, 21), NoiseRow("SLO p95", 4, 610.0, 0.5, 7)),
        "slos": (
            SloRow("checkout", "Checkout answers", 0.999, 30 * 86400.0, 0.9994, 0.61,
                   (Burn(3600.0, 15.2), Burn(21600.0, 4.1), Burn(86400.0, 1.4), Burn(259200.0, None)),
                   11_400.0, "5m+1h", 4_200_000.0),
            SloRow("search", "Search answers", 0.99, 1800.0, None, None, (Burn(150.0, 0.0), Burn(450.0, None)),
                   None, "", 12.0, "low traffic: 12 of 100 events in 150s"),
        ),
    }  # fmt: skip
