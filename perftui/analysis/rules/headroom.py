"""What a firing threshold alert needs: how far its metric must move to come back within the limit.

This is a need, not a promise: it is computed from the window's own samples, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.quantiles import percentile
from perftui.domain.alerts import Alert, Severity, ThresholdRule
from perftui.domain.findings import HOURS, Effort, Evidence, Finding, Impact
from perftui.domain.series import parse_series
from perftui.domain.units import format_span, format_value

MIN_SAMPLES = 10
FULL_SAMPLES = 60
_PRIOR_CONFIDENCE = 0.8
_URGENCY = {Severity.CRITICAL: 2.0, Severity.WARNING: 1.0, Severity.INFO: 1.0}


def headroom(rule: ThresholdRule, alert: Alert, values: Sequence[float], window_s: float) -> Finding | None:
    """The finding for one firing alert from the samples of its window; None with too few samples or without advice.

    low, mid and high are the 10th, 50th and 90th percentile of how far the samples lie beyond the clear value, with
    the sign of the change that is needed.
    """
    clear = rule.critical_clear if rule.warning_clear is None else rule.warning_clear
    if len(values) < MIN_SAMPLES or clear is None or not rule.advice:
        return None
    gaps = sorted(max(0.0, value - clear if rule.above else clear - value) for value in values)
    sign = -1.0 if rule.above else 1.0
    low, mid, high = (percentile(gaps, part) for part in (0.1, 0.5, 0.9))
    typical = percentile(sorted(abs(value) for value in values), 0.5)
    gain = min(1.0, low / typical) if typical > 0 else 0.0
    effort = Effort(rule.effort)
    hours = rule.hours or HOURS[effort]
    confidence = _PRIOR_CONFIDENCE * min(1.0, len(values) / FULL_SAMPLES)
    median = percentile(sorted(values), 0.5)
    text = (
        f"median {format_value(median, rule.unit)} of {len(values)} samples in {format_span(round(window_s))}, "
        f"limit {format_value(alert.threshold, rule.unit)}"
    )
    return Finding(
        id=f"headroom:{alert.fingerprint}",
        rule=rule.id,
        title=rule.advice,
        effort=effort,
        hours=hours,
        impact=Impact(_plain(alert.series), rule.unit, sign * low, sign * mid, sign * high, "needed, not promised"),
        confidence=confidence,
        score=100 * gain * confidence * _URGENCY[alert.severity] / hours,
        evidence=(Evidence(alert.series, text, median, rule.unit, len(values), window_s),),
        steps=rule.steps,
    )


def _plain(series: str) -> str:
    ref = parse_series(series)
    name = ref.name
    for ending in ("_bytes_per_second", "_per_second", "_ratio", "_bytes", "_seconds"):
        name = name.removesuffix(ending)
    return " ".join((name.replace("_", " "), *(_label(*pair) for pair in ref.labels)))


def _label(name: str, value: str) -> str:
    """``0.95`` alone says nothing: a quantile is called as people call it."""
    try:
        return f"p{100 * float(value):g}" if name == "quantile" else value
    except ValueError:
        return value
