"""Rules of the network: segments that have to be sent again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.metrics import all_latency, p99_name
from perftui.analysis.quantiles import Buckets, bucket_percentile
from perftui.analysis.rules.estimates import from_pairs, from_values, less, limit, mean, windows_of
from perftui.analysis.rules.signals import ServiceSignals, Signals
from perftui.analysis.rules.stalls import FULL_SAMPLES, RECENT_S, recent
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence, Gain, Impact
from perftui.domain.units import Unit

LIMITS = {
    "net2_ratio": 0.01,
    "net2_timeout": 0.2,  # seconds after which a lost segment is sent again (TCP_RTO_MIN of Linux)
}
_RATIO = "host/tcp_retransmits_ratio"


class _Effect(NamedTuple):
    """What retransmissions do to a service: its p99 now, and what it loses without them."""

    impact: Impact
    gain: Gain
    confidence: float


def _net2(signals: Signals) -> Sequence[Verdict]:
    ratios = recent(signals, _RATIO)
    if not ratios:
        return (Blind("host", "needs TCP retransmissions of this machine"),)
    most = limit(signals, LIMITS, "net2_ratio")
    text = f"{mean(ratios):.1%} of the segments are sent again, limit {most:.0%}"
    if mean(ratios) <= most:
        return (Quiet("host", text),)
    return (_found(signals, ratios, text),)


def _found(signals: Signals, ratios: Sequence[float], text: str) -> Found:
    timeout = limit(signals, LIMITS, "net2_timeout")
    effects = [effect for service in signals.services if (effect := _effect(service, timeout)) is not None]
    effect = max(effects, key=lambda one: one.gain.mid, default=None)
    spread = from_values(ratios, mean(ratios))
    needed = less("TCP segments sent again", Unit.RATIO, 1.0, spread.gain, "needed, not promised")
    return Found(
        target="host",
        title="Find where TCP segments are lost",
        effort=Effort.MEDIUM,
        impact=needed if effect is None else effect.impact,
        gain=None if effect is None else effect.gain,
        n=len(ratios),
        n_min=FULL_SAMPLES,
        evidence=(Evidence(_RATIO, text, mean(ratios), Unit.RATIO, len(ratios), min(RECENT_S, signals.window_s)),),
        steps=("Look for errors and drops by interface (Host screen)", "Look for a full link or queue on the way"),
        text=text,
        confidence=spread.confidence if effect is None else effect.confidence,
        assumptions=(f"requests of more than {timeout:g} s waited for a segment that was lost",) if effect else (),
    )


def _effect(service: ServiceSignals, timeout: float) -> _Effect | None:
    """E5: p99 without the requests that took longer than a retransmission; None when p99 is below that."""
    everything = all_latency(service.windows)
    now, then = bucket_percentile(everything, 0.99), bucket_percentile(_quick(everything, timeout), 0.99)
    if now is None or then is None or now <= timeout:
        return None
    cuts = [all_latency(cut) for cut in windows_of(service.windows)]
    before = [bucket_percentile(cut, 0.99) or 0.0 for cut in cuts]
    after = [bucket_percentile(_quick(cut, timeout), 0.99) or 0.0 for cut in cuts]
    estimate = from_pairs(before, after, 1 - then / now)
    method = f"p99 without requests of more than {timeout:g} s"
    impact = less(p99_name(service.name), Unit.SECONDS, now, estimate.gain, method)
    return _Effect(impact, estimate.gain, estimate.confidence)


def _quick(buckets: Buckets, timeout: float) -> Buckets:
    """Without the buckets that begin beyond the timeout."""
    lowers = [-math.inf, *(bound for bound, _ in buckets)]
    return [bucket for bucket, lower in zip(buckets, lowers, strict=False) if lower < timeout]


RULES = (Rule("NET2", "TCP retransmissions", (_RATIO,), LIMITS, _net2),)
