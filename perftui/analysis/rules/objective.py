"""The rule of a missed objective: p95 above what was promised, in several windows, of a service or of a load."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.metrics import all_latency
from perftui.analysis.quantiles import bucket_percentile, count
from perftui.analysis.rules.estimates import less, limit
from perftui.analysis.rules.signals import ServiceSignals, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence, Gain
from perftui.domain.units import Unit, format_value

LIMITS = {
    "lat2_windows": 3.0,  # with a p95 above the objective,
    "lat2_requests": 20.0,  # of so many requests at least in each
}
_FULL_REQUESTS = 3000


def _lat2(signals: Signals) -> Sequence[Verdict]:
    asked = [service for service in signals.answering if service.slo_s is not None]
    if not asked:
        return (Blind("", "needs a service with slo_p95, or a load with a threshold such as p(95)<200"),)
    return [_missed(signals, service, service.slo_s or 0.0) for service in asked]


def _missed(signals: Signals, service: ServiceSignals, slo: float) -> Verdict:
    least, most = limit(signals, LIMITS, "lat2_requests"), limit(signals, LIMITS, "lat2_windows")
    judged = [its for window in service.windows if count(its := all_latency([window])) >= least]
    if not judged:
        return Blind(service.name, f"needs windows of {least:.0f} requests")
    above = [its for its in judged if (bucket_percentile(its, 0.95) or 0.0) > slo]
    p95 = bucket_percentile(all_latency(service.windows), 0.95) or 0.0
    told, promised = format_value(p95, Unit.SECONDS), format_value(slo, Unit.SECONDS)
    text = f"p95 above {promised} in {len(above)} of {len(judged)} windows, {told} over all"
    if len(above) < most or p95 <= slo:
        return Quiet(service.name, f"{text}, limit {most:.0f}")
    gap = 1 - slo / p95
    n = count(all_latency(service.windows))
    span = service.windows[-1].end - service.windows[0].start
    return Found(
        target=service.name,
        title=f"Make {service.name} answer within {promised}: its p95 is {told}",
        effort=Effort.MEDIUM,
        impact=less(f"p95 of service {service.name}", Unit.SECONDS, p95, Gain(gap, gap, gap), "needed, not promised"),
        gain=None,
        n=round(n),
        n_min=_FULL_REQUESTS,
        evidence=(Evidence("", text, p95, Unit.SECONDS, round(n), span),),
        steps=(
            "See which class of requests is slow (LAT1)",
            "Compare response and service time of a load: the rest is waiting",
            "See what was saturated meanwhile (CPU, disk, pool)",
        ),
        text=text,
        urgency=2.0,
    )


RULES = (Rule("LAT2", "Missed latency objective", (), LIMITS, _lat2),)
