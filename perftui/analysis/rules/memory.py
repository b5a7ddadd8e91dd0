"""Rules of memory: work that stands still for want of it, and use that only grows."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.metrics import all_latency
from perftui.analysis.quantiles import bucket_percentile, percentile
from perftui.analysis.rules.estimates import MIN_WINDOWS, Estimate, from_pairs, limit
from perftui.analysis.rules.signals import ServiceSignals, ServiceWindow, Signals
from perftui.analysis.rules.stalls import Advice, pressure, removed
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.analysis.trend import Trend, theil_sen
from perftui.domain.findings import Effort, Evidence, Impact
from perftui.domain.units import Unit, format_duration, format_value

MEM1_LIMITS = {"mem1_pressure": 0.01}
MEM3_LIMITS = {
    "mem3_growth": 0.3,  # more than that share of the baseline within the window
    "mem3_rate": 1e6,  # or bytes a second
    "mem3_span": 600.0,  # seconds of samples that are needed, at most nine tenths of the window
    "mem3_horizon": 3600.0,  # full within so many seconds is urgent
}
_FULL = "host/pressure_memory_full_ratio"
# what is used, and what it may grow to; the first that is there counts
_USES = (
    ("host/cgroup_memory_used_bytes", "host/cgroup_memory_limit_bytes"),
    ("host/memory_used_bytes", "host/memory_total_bytes"),
)
_FULL_SAMPLES = 120
_WORTH = 0.05


def _mem1(signals: Signals) -> Sequence[Verdict]:
    stall = pressure(signals, _FULL, "PSI memory full")
    if stall is None:
        return (Blind("host", "needs memory pressure (PSI)"),)
    most = limit(signals, MEM1_LIMITS, "mem1_pressure")
    text = f"{stall.words} {stall.share:.1%} of {most:.0%}"
    if stall.share <= most:
        return (Quiet("host", text),)
    advice = Advice(
        "host",
        "Give the workload more memory, or let it use less",
        Effort.MEDIUM,
        "time stalled for memory",
        ("See which processes hold memory (Host screen)", "Make caches smaller, or the machine larger"),
        (),
    )
    return (removed(signals, stall, advice, text),)


def _mem3(signals: Signals) -> Sequence[Verdict]:
    for used, most in _USES:
        points = signals.series.get(used, ())
        if points:
            return (_leak(signals, used, most),)
    return (Blind("host", "needs memory use of this machine"),)


def _leak(signals: Signals, used: str, most: str) -> Verdict:
    points = signals.series[used]
    span = points[-1][0] - points[0][0]
    needed = min(limit(signals, MEM3_LIMITS, "mem3_span"), 0.9 * signals.window_s)
    trend = theil_sen(points) if span >= needed else None
    if trend is None:
        return Blind("host", f"needs {needed:.0f} s of memory use: {span:.0f} s")
    known = signals.baseline.series.get(used, ()) or points[: max(1, len(points) // 4)]
    base = percentile(sorted(value for _, value in known), 0.5)
    growth = trend.slope * span / base if base > 0 else 0.0
    share, rate = limit(signals, MEM3_LIMITS, "mem3_growth"), limit(signals, MEM3_LIMITS, "mem3_rate")
    fast, most_fast = format_value(trend.slope, Unit.BYTES_PER_SECOND), format_value(rate, Unit.BYTES_PER_SECOND)
    text = (
        f"memory grows by {fast} of {most_fast}, {growth:.0%} of the baseline in {format_duration(span)} of {share:.0%}"
    )
    if trend.low <= 0 or (growth <= share and trend.slope <= rate):
        return Quiet("host", text)
    return _grows(signals, used, most, trend, text)


def _grows(signals: Signals, used: str, most: str, trend: Trend, text: str) -> Found:
    limits = [value for _, value in signals.series.get(most, ()) if value > 0]
    left = max(0.0, limits[-1] - trend.value) if limits else None
    soonest, until, latest = (None if left is None else left / slope for slope in (trend.high, trend.slope, trend.low))
    when = "its limit is not known"
    if until is not None:
        when = f"full in {format_duration(until)} ({format_duration(soonest)} to {format_duration(latest)})"
    slower = max((_slower(service) for service in signals.services), key=lambda one: one.gain.mid, default=None)
    worth = slower is not None and slower.gain.mid >= _WORTH
    n = len(signals.series[used])
    span = trend.at - signals.series[used][0][0]
    return Found(
        target="host",
        title=f"Find what keeps memory: {when}",
        effort=Effort.HIGH,
        impact=Impact(
            "growth of memory", Unit.BYTES_PER_SECOND, -trend.low, -trend.slope, -trend.high, f"Theil-Sen slope; {when}"
        ),
        gain=slower.gain if slower is not None and worth else None,
        n=n,
        n_min=_FULL_SAMPLES,
        evidence=(Evidence(used, text, trend.slope, Unit.BYTES_PER_SECOND, n, span),),
        steps=("See whose memory grows (Host screen)", "Compare two heap dumps", "Restart it before it is full"),
        text=f"{text}; {when}",
        confidence=slower.confidence if slower is not None and worth else 1.0,
        urgency=1.5 if until is not None and until < limit(signals, MEM3_LIMITS, "mem3_horizon") else 1.0,
        assumptions=("memory grows on as it did within the window",)
        + (("the slower answers are due to the memory that was lost",) if worth else ()),
    )


def _slower(service: ServiceSignals) -> Estimate:
    """p95 of the newest quarter of the windows against the first: what was lost while memory grew."""
    quarter = max(1, len(service.windows) // 4)
    first, last = service.windows[:quarter], service.windows[-quarter:]
    before, now = _p95(first), _p95(last)
    olds = [value for window in first if (value := _p95([window])) is not None]
    news = [value for window in last if (value := _p95([window])) is not None]
    pooled = 1 - before / now if before is not None and now else 0.0
    return from_pairs(news if len(olds) >= MIN_WINDOWS else (), olds, pooled)


def _p95(windows: Sequence[ServiceWindow]) -> float | None:
    return bucket_percentile(all_latency(windows), 0.95)


RULES = (
    Rule("MEM1", "Memory pressure", (_FULL,), MEM1_LIMITS, _mem1),
    Rule("MEM3", "Memory leak", tuple(series for pair in _USES for series in pair), MEM3_LIMITS, _mem3),
)
