"""Rules of latency: a tail that is far from the middle, and which class of requests makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.metrics import all_latency, p99_name
from perftui.analysis.quantiles import bucket_percentile, count, merged, scaled
from perftui.analysis.rules.estimates import Estimate, from_pairs, less, limit, windows_of
from perftui.analysis.rules.signals import Buckets, ServiceSignals, ServiceWindow, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence
from perftui.domain.text import clean
from perftui.domain.units import Unit, format_value

LIMITS = {
    "lat1_ratio": 10.0,  # p99 is that many times p50
    "lat1_requests": 1000.0,  # of that many requests at least
    "lat1_explained": 0.2,  # a class explains the tail when p99 without its fault is so much lower
}
_LEAST_OF_A_CLASS = 100  # observations, for its distribution to stand for anything
_LEAST_OF_A_WINDOW = 200  # requests, for a p99 of it
_FULL_REQUESTS = 3000


class _Cause(NamedTuple):
    """A class with the distribution that it would have without its fault, and where that is from."""

    name: str
    healthy: Buckets
    of: str


def _lat1(signals: Signals) -> Sequence[Verdict]:
    if not signals.answering:
        return (Blind("", "needs a service with a latency histogram, or a load"),)
    return [_tail(signals, service) for service in signals.answering]


def _tail(signals: Signals, service: ServiceSignals) -> Verdict:
    everything = all_latency(service.windows)
    p50, p99 = bucket_percentile(everything, 0.5), bucket_percentile(everything, 0.99)
    n, least = count(everything), limit(signals, LIMITS, "lat1_requests")
    if p50 is None or p99 is None:
        return Blind(service.name, "needs a latency histogram with requests")
    if n < least:
        return Blind(service.name, f"needs {least:.0f} requests: {n:.0f}")
    ratio, most = (p99 / p50 if p50 > 0 else 0.0), limit(signals, LIMITS, "lat1_ratio")
    said = f"p99 {format_value(p99, Unit.SECONDS)} is {ratio:.1f} times p50 {format_value(p50, Unit.SECONDS)}"
    if ratio <= most:
        return Quiet(service.name, f"{said}, limit {most:g}")
    # what was before the tail came says nothing of what it costs
    since = service._replace(windows=[window for window in service.windows if _has_tail(window, most)])
    if not since.windows:
        since = service
    cause = _cause(since, p99, limit(signals, LIMITS, "lat1_explained"))
    return _found(
        since, cause, bucket_percentile(all_latency(since.windows), 0.99) or p99, n, f"{said} over {n:.0f} requests"
    )


def _has_tail(window: ServiceWindow, most: float) -> bool:
    its = all_latency([window])
    p50, p99 = bucket_percentile(its, 0.5), bucket_percentile(its, 0.99)
    return p50 is not None and p99 is not None and p99 > most * p50


def _found(service: ServiceSignals, cause: _Cause | None, p99: float, n: float, text: str) -> Found:
    estimate = _estimate(service, cause, p99)
    metric = p99_name(service.name)
    span = service.windows[-1].end - service.windows[0].start
    evidence = [Evidence("", text, p99, Unit.SECONDS, round(n), span)]
    if cause is None:
        title = f"Find what makes the slowest 1 % of {service.name} slow"
        method = f"upper bound: p99 down to p95; {_unexplained(service)}"
        steps: tuple[str, ...] = (
            "Count latencies by a label that tells kinds of requests apart",
            "Trace slow requests",
        )
        assumptions: tuple[str, ...] = ("no more than the slowest 4 % of all requests can be mended",)
    else:
        name = clean(cause.name, 80)
        title = f"Mend the slow requests of {name} in {service.name}"
        method = f"p99 of all requests, with {name} as {cause.of}"
        steps = (
            f"Profile what {name} waits for",
            "Compare with the other classes",
            "Cache, limit or move what is slow",
        )
        assumptions = (f"{name} can be as {cause.of}",)
        evidence.append(_share(service, cause.name, span))
    breach = (
        service.slo_s is not None and (bucket_percentile(all_latency(service.windows), 0.95) or 0.0) > service.slo_s
    )
    return Found(
        target=service.name,
        title=title,
        effort=Effort.MEDIUM,
        impact=less(metric, Unit.SECONDS, p99, estimate.gain, method),
        gain=estimate.gain,
        n=round(n),
        n_min=_FULL_REQUESTS,
        evidence=tuple(evidence),
        steps=steps,
        text=text,
        confidence=estimate.confidence * (1.0 if cause else 0.7),
        urgency=2.0 if breach else 1.0,
        assumptions=assumptions,
    )


def _unexplained(service: ServiceSignals) -> str:
    """Why no class is blamed."""
    if any(name for window in service.windows for name in window.latency):
        return "no class of requests explains the tail"
    by = clean(service.by, 40)
    return f"too many series to tell classes apart by {by}" if by else "classes of requests are not told apart"


def _share(service: ServiceSignals, name: str, span: float) -> Evidence:
    its, n = merged(window.latency.get(name, ()) for window in service.windows), count(all_latency(service.windows))
    p99 = bucket_percentile(its, 0.99)
    text = f"{clean(name, 80)}: {count(its) / n:.1%} of the requests, its p99 {format_value(p99, Unit.SECONDS)}"
    return Evidence("", text, count(its) / n, Unit.RATIO, round(count(its)), span)


def _cause(service: ServiceSignals, p99: float, explained: float) -> _Cause | None:
    """The class without whose fault p99 would be lowest, when that is low enough to explain the tail."""
    best, best_p99 = None, p99 * (1 - explained)
    for name in {name for window in service.windows for name in window.latency}:
        cause = _healthy(service, name)
        after = None if cause is None else bucket_percentile(_without(service.windows, cause), 0.99)
        if after is not None and (after, name) < (best_p99, best.name if best else "\U0010ffff"):
            best, best_p99 = cause, after
    return best


def _healthy(service: ServiceSignals, name: str) -> _Cause | None:
    own: Buckets = service.baseline.latency.get(name, ()) if service.baseline is not None else ()
    if count(own) >= _LEAST_OF_A_CLASS:
        return _Cause(name, own, "it was in the baseline")
    return _as_peers(service, name)


def _as_peers(service: ServiceSignals, name: str) -> _Cause | None:
    peers = merged(its for window in service.windows for other, its in window.latency.items() if other != name)
    return _Cause(name, peers, "the others are") if count(peers) >= _LEAST_OF_A_CLASS else None


def _without(windows: Sequence[ServiceWindow], cause: _Cause) -> Buckets:
    """All requests, with those of the cause distributed as they would be without its fault."""
    others = [its for window in windows for name, its in window.latency.items() if name != cause.name]
    its = sum(count(window.latency.get(cause.name, ())) for window in windows)
    return merged([*others, scaled(cause.healthy, its)])


def _estimate(service: ServiceSignals, cause: _Cause | None, p99: float) -> Estimate:
    """1 - p99' / p99 by pairs of windows, over every way to tell p99': by the cause, by its peers, by the baseline."""
    cuts = windows_of(service.windows, parts=8)
    if min((count(all_latency(cut)) for cut in cuts), default=0.0) < _LEAST_OF_A_WINDOW:
        cuts = windows_of(service.windows)
    now = [bucket_percentile(all_latency(cut), 0.99) or 0.0 for cut in cuts]
    if cause is None:
        ends = [bucket_percentile(all_latency(cut), 0.95) or 0.0 for cut in cuts]
        return from_pairs(now, ends, 1 - (bucket_percentile(all_latency(service.windows), 0.95) or 0.0) / p99)
    ways = [one for one in {cause.of: cause, "peers": _as_peers(service, cause.name)}.values() if one is not None]
    after = [bucket_percentile(_without(cut, way), 0.99) or 0.0 for cut in cuts for way in ways]
    if service.baseline is not None and count(all_latency([service.baseline])) >= _LEAST_OF_A_WINDOW:
        after += [bucket_percentile(all_latency([service.baseline]), 0.99) or 0.0] * len(cuts)
    return from_pairs(now, after, 1 - (bucket_percentile(_without(service.windows, cause), 0.99) or 0.0) / p99)


RULES = (Rule("LAT1", "Long tail of latency", (), LIMITS, _lat1),)
