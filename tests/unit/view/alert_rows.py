"""Alerts, silences and objectives as tests need them, and a mirror that is filled with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config
from perftui.domain.alerts import AlertState, Severity
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.triage import (
    AlertCounts,
    AlertRow,
    AlertSpan,
    Burn,
    Matcher,
    NoiseRow,
    Silence,
    SilenceState,
    SloRow,
    Watchdog,
)
from perftui.domain.units import Unit
from perftui.link.messages import SessionInfo
from perftui.link.mirror import Mirror, Table
from perftui.view.alerts import alerts_picture
from perftui.view.alerts_triage import Triage
from perftui.view.glyphs import UTF8, GlyphSet
from perftui.view.scene import Scene
from perftui.view.text import plain

NOW = 1_800_000_000.0
HOSTILE = "a\x1b[31mb\x00\u202ec[red]中文\n"
SERIES = "host/http_p95_seconds"


def alert(
    key: str, name: str = "Busy", severity: Severity = Severity.WARNING, state: AlertState = AlertState.FIRING,
    **more: Any,
) -> AlertRow:  # fmt: skip
    """One that became true 120 s ago and fires since 91 s."""
    labels = {"alertname": name, "severity": severity.value, **more.pop("labels", {})}
    fired = None if state is AlertState.PENDING else NOW - 91
    given: dict[str, Any] = {
        "since": NOW - 91, "active_at": NOW - 120, "fired_at": fired, "sources": ("prometheus",),
        "summary": "p95 over 200 ms", "value": 0.238, "threshold": 0.2, "unit": Unit.SECONDS,
    }  # fmt: skip
    return AlertRow(key, name, severity, state, labels=tuple(sorted(labels.items())), **{**given, **more})


def some() -> tuple[AlertRow, ...]:
    """As in the picture of the screen: three of the checkout, and others."""
    checkout = {"service": "checkout", "instance": "10.0.0.1:80"}
    return (
        alert("a1", "SLOLatencyFastBurn", Severity.CRITICAL, labels=checkout, activations_24h=2, activations_1h=1,
              expr='histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket{job="checkout"}[5m]))) > 0.2',
              for_s=60.0, runbook="https://runbooks.example/slo", series=SERIES, fixes=("more-agents",),
              annotations=(("summary", "p95 over 200 ms"), ("description", "Half of the users wait."))),
        alert("a2", "PoolSaturated", labels=checkout, since=NOW - 58, value=1.0, threshold=0.9, unit=Unit.RATIO,
              summary="utilisation over 90 %", acked_by="me@box", acked_at=NOW - 40, sources=("perftui",)),
        alert("a3", "DiskFillsIn24h", labels={"service": "checkout", "mountpoint": "/var"}, since=NOW - 760, value=0.91,
              threshold=0.9, unit=Unit.RATIO, summary="/var full by 03:10", snoozed_until=NOW + 3000,
              snoozed_by="anna", activations_24h=7, activations_1h=4, acked_by="anna", acked_at=NOW - 700,
              sources=("am-eu", "am-us")),
        alert("b1", "TargetDown", Severity.CRITICAL, AlertState.PENDING, labels={"service": "search"}, for_s=300.0,
              since=NOW - 120, value=None, threshold=None, summary="", expr="up == 0"),
        alert("b2", "TooManyErrors", state=AlertState.SUPPRESSED, labels={"service": "search"}, silenced_by=("s1",),
              sources=("am-eu",)),
    )  # fmt: skip


def silence(number: int = 1, **more: Any) -> Silence:
    given: dict[str, Any] = {
        "matchers": (Matcher("service", "search"), Matcher("severity", "warn.*", regex=True)), "starts_at": NOW - 600,
        "ends_at": NOW + 3000, "author": "anna@hub", "comment": "index is rebuilt", "state": SilenceState.ACTIVE,
        "matched": 1,
    }  # fmt: skip
    return Silence(f"s{number}", "am-eu", **{**given, **more})


def span(key: str, start: float, end: float | None, name: str = "Busy", **more: Any) -> AlertSpan:
    given: dict[str, Any] = {"severity": Severity.WARNING, "state": AlertState.FIRING}
    return AlertSpan(f"{key}@{start:.0f}", key, name, start=start, end=end, **{**given, **more})


def slo(key: str = "checkout", **more: Any) -> SloRow:
    given: dict[str, Any] = {
        "sli": 0.9981, "left": 0.61, "exhausted_in_s": 11_400.0, "fires": "1h and 5m",
        "burns": (Burn(300, 16.2), Burn(3600, 14.6), Burn(21_600, 3.1), Burn(259_200, None)),
    }  # fmt: skip
    return SloRow(key, "Checkout answers in 200 ms", 0.999, 2_592_000.0, **{**given, **more})


def noise(key: str = "DiskFillsIn24h", **more: Any) -> NoiseRow:
    return NoiseRow(key, **{"firings": 7, "firing_s": 4000.0, "short": 0.71, "activations": 9, **more})


def mirrored(alerts: Iterable[AlertRow] = (), **tables: Iterable[Any]) -> Mirror:
    """A mirror of these tables, of a session of me@box, whose watchdog was seen 12 s ago."""
    mirror = Mirror()
    mirror.version, mirror.at = 1, NOW
    mirror.session = SessionInfo("box", "me", 1, "test", NOW - 1000)
    mirror.alert_counts = AlertCounts(watchdog=Watchdog(True, "main, am-eu", NOW - 12))
    fill(mirror, alerts=alerts, **tables)
    return mirror


def fill(mirror: Mirror, **tables: Iterable[Any]) -> None:
    for name, rows in tables.items():
        table = mirror.tables.setdefault(name, Table())
        table.rows = {row.key: row for row in rows}
        table.at, table.version = NOW, table.version + 1


def counted(mirror: Mirror) -> Mirror:
    """With counts as the session makes them."""
    rows = mirror.tables["alerts"].rows.values()
    firing = [row.severity for row in rows if row.state is AlertState.FIRING]
    mirror.alert_counts = AlertCounts(
        firing.count(Severity.CRITICAL), firing.count(Severity.WARNING), firing.count(Severity.INFO),
        sum(row.state is AlertState.PENDING for row in rows), sum(row.state is AlertState.SUPPRESSED for row in rows),
        sum(row.snoozed_until is not None for row in rows), watchdog=mirror.alert_counts.watchdog,
    )  # fmt: skip
    return mirror


def graph(values: Iterable[float], name: str = SERIES) -> Window:
    """A window that ends now, a bucket every 5 s."""
    column = tuple(values)
    series = SeriesWindow(name, column, column, column, column[-1], NOW - 1)
    return Window(NOW - 5 * len(column), 5.0, len(column), (series,))


def scene_of(mirror: Mirror, config: Config = DEFAULTS, glyphs: GlyphSet = UTF8) -> Scene:
    return Scene(mirror, config, glyphs, NOW, NOW, 300.0, lambda at: f"t{at - NOW:+.0f}")


def triage_of(mirror: Mirror) -> Triage:
    triage = Triage()
    while triage.update(mirror):
        pass
    return triage


def shown(mirror: Mirror, triage: Triage | None = None, width: int = 120, height: int = 38, **more: Any) -> str:
    looked = triage or triage_of(mirror)
    return "\n".join(plain(line) for line in alerts_picture(scene_of(mirror, **more), looked, width, height))
