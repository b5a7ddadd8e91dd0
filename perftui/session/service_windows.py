"""Cuts the counters of services into windows, the way rules look at them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from perftui.analysis.rules.signals import Buckets, ServiceSignals, ServiceWindow
from perftui.config.schema import Config, Service
from perftui.config.services import MOST_BUCKETS, ServiceQueries, service_queries
from perftui.domain.queries import Query
from perftui.domain.series import Selector, parse_series
from perftui.store.memory import MemoryStore

MOST_WINDOWS = 24
# counters are read about once a second: shorter windows would often hold nothing
_SHORTEST_S = 1.0
Span = tuple[float, float]


def services(config: Config, memory: MemoryStore, now: float, healthy: Span | None) -> tuple[ServiceSignals, ...]:
    """Every configured service over the rules' window, and over the healthy time when there is one."""
    return tuple(_service(config, name, one, memory, now, healthy) for name, one in config.services.items())


def services_within(config: Config, memory: MemoryStore, start: float, end: float) -> tuple[ServiceSignals, ...]:
    """Every configured service with what it did from ``start`` to ``end`` in one window."""
    found = []
    for name, service in config.services.items() if end > start else ():
        (window,) = cut(service_queries(config, service), service.by, memory, [(start, end)])
        found.append(ServiceSignals(name, service.by, service.slo_p95, (window,), None))
    return tuple(found)


def _service(
    config: Config, name: str, service: Service, memory: MemoryStore, now: float, healthy: Span | None
) -> ServiceSignals:
    queries = service_queries(config, service)
    parts = min(MOST_WINDOWS, max(1, int(config.rules.window / _SHORTEST_S)))
    step = config.rules.window / parts
    spans = [(now - step * (parts - place), now - step * (parts - 1 - place)) for place in range(parts)]
    windows = [window for window in cut(queries, service.by, memory, spans) if _has_data(window)]
    before = cut(queries, service.by, memory, [healthy])[0] if healthy is not None else None
    if before is not None and not _has_data(before):
        before = None
    return ServiceSignals(name, service.by, service.slo_p95, tuple(windows), before)


def _has_data(window: ServiceWindow) -> bool:
    return any(window.requests.values()) or any(count for found in window.latency.values() for _, count in found)


def cut(queries: ServiceQueries, by: str, memory: MemoryStore, spans: Sequence[Span]) -> list[ServiceWindow]:
    """What was counted in each of the spans, which are in order and do not overlap."""
    latency = _latency(queries, by, memory, spans)
    requests = _by_class(queries.source, queries.requests, by, memory, spans)
    errors = _by_class(queries.source, queries.errors, by, memory, spans)
    return [
        ServiceWindow(start, end, latency[place], requests[place], errors[place])
        for place, (start, end) in enumerate(spans)
    ]


def _latency(queries: ServiceQueries, by: str, memory: MemoryStore, spans: Sequence[Span]) -> list[dict[str, Buckets]]:
    """Buckets by class; of a service with more classes than are kept only the sum of all, as the class ``""``."""
    picked = _series(queries.source, queries.classes, memory)
    if not picked or len(picked) >= MOST_BUCKETS:
        picked, by = _series(queries.source, queries.latency, memory), ""
    bounds: dict[str, dict[float, list[float]]] = {}
    for series in picked:
        ref = parse_series(series)
        try:
            bound = float(ref.label("le").replace("Inf", "inf"))
        except ValueError:
            continue
        bounds.setdefault(ref.label(by) if by else "", {})[bound] = increases(_points(memory, series, spans), spans)
    return [
        {name: _apart([(bound, counts[place]) for bound, counts in sorted(found.items())])
         for name, found in bounds.items()}
        for place in range(len(spans))
    ]  # fmt: skip


def _apart(cumulative: Sequence[tuple[float, float]]) -> Buckets:
    """From "at most this long" to "between the bound before and this one"; a scrape's buckets may disagree a little."""
    below = 0.0
    found = []
    for bound, count in cumulative:
        found.append((bound, max(0.0, count - below)))
        below = max(below, count)
    return tuple(found)


def _by_class(
    source: str, query: Query | None, by: str, memory: MemoryStore, spans: Sequence[Span]
) -> list[dict[str, float]]:
    found = {
        parse_series(series).label(by) if by else "": increases(_points(memory, series, spans), spans)
        for series in _series(source, query, memory)
    }
    return [{name: counts[place] for name, counts in found.items()} for place in range(len(spans))]


def _series(source: str, query: Query | None, memory: MemoryStore) -> tuple[str, ...]:
    return () if query is None else memory.select(Selector(source, query.name))


def _points(memory: MemoryStore, series: str, spans: Sequence[Span]) -> Iterable[tuple[float, float]]:
    # the sample before the first span is where its increase begins
    early = spans[0][0] - 3 * memory.interval(series)
    return memory.points(series, early, spans[-1][1])


def increases(points: Iterable[tuple[float, float]], spans: Sequence[Span]) -> list[float]:
    """How much a counter grew in each span; one that became smaller began anew at zero (as Prometheus reads it)."""
    grown = [0.0] * len(spans)
    place = 0
    before = math.nan
    for at, value in points:
        while place < len(spans) and at >= spans[place][1]:
            place += 1
        if place == len(spans):
            break
        if not math.isnan(before) and at >= spans[place][0]:
            grown[place] += value - before if value >= before else value
        before = value
    return grown
