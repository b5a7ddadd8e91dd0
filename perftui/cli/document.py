"""The JSON snapshot: one document of everything that is known now; what is missing is null, never 0."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from perftui import __version__
from perftui.cli.work_document import agents, latency, workflows
from perftui.config.queries import drawn_selectors
from perftui.config.schema import Config, Panel
from perftui.domain.alerts import Alert
from perftui.domain.findings import Finding
from perftui.domain.health import SourceHealth
from perftui.domain.samples import SeriesWindow
from perftui.domain.series import parse_selector, parse_series
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.sources.host.catalogue import SERIES
from perftui.view.legend import limits_of
from perftui.view.panels import watch_name

_STALE_S = 5.0


def utc(at: float | None) -> str | None:
    """RFC 3339 with ``Z``; None for None."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def document(mirror: Mirror, config: Config, now: float) -> str:
    """The document as text, two blanks deep."""
    return json.dumps(content(mirror, config, now), indent=2, allow_nan=False)


def content(mirror: Mirror, config: Config, now: float) -> dict[str, Any]:
    """The document as what JSON is made of."""
    return {
        "version": __version__,
        "at": utc(now),
        "sources": [_source(source, now) for source in mirror.sources],
        "host": host(mirror),
        "workflows": workflows(mirror, now),
        "agents": agents(mirror),
        "latency": latency(mirror),
        "panels": [
            _panel(mirror, config, name, panel, now)
            for name, panel in config.panels.items()
            if drawn_selectors(config, panel)
        ],
        "alerts": [alert_fields(alert) for alert in mirror.alerts],
        "recommendations": [finding_fields(finding) for finding in mirror.findings],
    }


def host(mirror: Mirror) -> dict[str, Any]:
    """Every figure of the host by name, with its unit in it; labelled ones as a table by label."""
    newest = _newest(mirror)
    result: dict[str, Any] = {}
    for name, (unit, _) in SERIES.items():
        field, factor = _field(name, unit)
        plain = newest.get(f"host/{name}")
        labelled = {
            ref.labels[0][1]: value * factor
            for series, value in newest.items()
            if (ref := parse_series(series)).name == name and ref.labels
        }
        result[field] = labelled or (None if plain is None else plain * factor)
    result["cpu_percent"] = result.pop("cpu_busy_percent")
    result["memory_percent"] = result.pop("memory_used_percent")
    return {name: result[name] for name in ("cpu_percent", "memory_percent", "load1")} | result


def _newest(mirror: Mirror) -> dict[str, float]:
    return {one.series: one.last for window in mirror.windows.values() for one in window.series if one.last is not None}


def _field(name: str, unit: Unit) -> tuple[str, float]:
    """Ratios are given in percent, as the brief's field names say."""
    return (name.removesuffix("_ratio") + "_percent", 100.0) if unit is Unit.RATIO else (name, 1.0)


def _source(source: SourceHealth, now: float) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "state": source.state.value,
        "age_s": None if source.last_ok_at is None else round(max(0.0, now - source.last_ok_at), 3),
        "error": None if source.error is None else {"kind": source.error.kind.value, "message": source.error.message},
    }


def _panel(mirror: Mirror, config: Config, name: str, panel: Panel, now: float) -> dict[str, Any]:
    window = mirror.windows.get(watch_name(name))
    first = _first(drawn_selectors(config, panel), window.series) if window is not None else None
    info = None if first is None else mirror.catalogue.get(first.series)
    value = None if first is None or first.last is None else first.last * panel.scale
    return {
        "id": name,
        "title": panel.title or name,
        "unit": (info.unit if info is not None else panel.unit).value,
        "value": value,
        "state": _state(config, panel, first, now),
    }


def _first(wanted: Sequence[str], series: tuple[SeriesWindow, ...]) -> SeriesWindow | None:
    for text in wanted:
        for one in series:
            if parse_selector(text).matches(one.series):
                return one
    return None


def _state(config: Config, panel: Panel, series: SeriesWindow | None, now: float) -> str:
    """``ok``, ``watch``, ``bad``, ``stale``, or ``no data``."""
    if series is None or series.last is None or series.last_at is None:
        return "no data"
    if now - series.last_at > 3 * _STALE_S:
        return "stale"
    limits = limits_of(config, panel, series.series)
    return limits.word(series.last * panel.scale)


def alert_fields(alert: Alert) -> dict[str, Any]:
    """An alert as the document tells it."""
    return {
        "name": alert.name,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "since": utc(alert.since),
        "source": alert.source,
        "series": alert.series,
        "unit": alert.unit.value,
        "value": alert.value,
        "threshold": alert.threshold,
    }


def finding_fields(finding: Finding) -> dict[str, Any]:
    """A recommendation as the document tells it."""
    impact = finding.impact
    return {
        "id": finding.id,
        "rule": finding.rule,
        "title": finding.title,
        "effort": finding.effort.value,
        "hours": finding.hours,
        "impact": {
            "metric": impact.metric, "unit": impact.unit.value, "low": impact.low, "mid": impact.mid,
            "high": impact.high, "method": impact.method,
        },
        "target": finding.target or None,
        "gain": None
        if finding.gain is None
        else {"low": finding.gain.low, "mid": finding.gain.mid, "high": finding.gain.high},
        "confidence": finding.confidence,
        "score": finding.score,
        "evidence": [
            {"series": one.series, "text": one.text, "value": one.value, "unit": one.unit.value, "n": one.n,
             "window_s": one.window_s}
            for one in finding.evidence
        ],
    }  # fmt: skip
