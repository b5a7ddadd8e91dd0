"""Which expressions the rules of services and the pools that are told by metrics need, and of whom they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from perftui.config.answering import answering_source
from perftui.config.schema import Config, Pool, Service
from perftui.domain.queries import MAX_SERIES, Query, query_name

_POOL_WORDS = ("source", "by")
# nobody draws them: classes times buckets of a service are many, and each is a number a second
MOST_BUCKETS = 1000


class ServiceQueries(NamedTuple):
    """Counters of a service, raw: the rules cut them into windows. Those that are not configured are None.

    ``latency`` are the buckets of all requests, ``classes`` the same by class.
    """

    source: str
    latency: Query | None
    classes: Query | None
    requests: Query | None
    errors: Query | None

    def all(self) -> tuple[Query, ...]:
        return tuple(query for query in self[1:] if query is not None)


def service_queries(config: Config, service: Service) -> ServiceQueries:
    """What has to be asked for a service."""
    select = service.select.strip()
    by = service.by.strip()
    buckets = f"{service.latency}_bucket{{{select}}}"
    grouped = f"sum by ({by})" if by else "sum"
    failed = ", ".join(filter(None, (service.errors.strip(), select)))
    return ServiceQueries(
        answering_source(config, service.source),
        _query(f"sum by (le) ({buckets})", MOST_BUCKETS) if service.latency else None,
        _query(f"sum by (le, {by}) ({buckets})", MOST_BUCKETS) if service.latency and by else None,
        _query(f"{grouped} ({service.requests}{{{select}}})") if service.requests else None,
        _query(f"{grouped} ({service.requests}{{{failed}}})") if service.requests and service.errors else None,
    )


def pool_queries(config: Config, pool: Pool) -> tuple[str, dict[str, Query]]:
    """The source of a pool's figures, and their expressions by the name of the figure."""
    texts = {field: getattr(pool, field) for field in pool_figures()}
    return answering_source(config, pool.source), {field: _query(text) for field, text in texts.items() if text}


def pool_figures() -> tuple[str, ...]:
    """The keys of a pool that are expressions."""
    return tuple(field.name for field in msgspec.structs.fields(Pool) if field.name not in _POOL_WORDS)


def derived_queries(config: Config, source: str) -> Iterator[Query]:
    """What services and pools ask of a source."""
    for service in config.services.values():
        asked = service_queries(config, service)
        if asked.source == source:
            yield from asked.all()
    for pool in config.pools.values():
        owner, queries = pool_queries(config, pool)
        if owner == source:
            yield from queries.values()


def _query(expr: str, most: int = MAX_SERIES) -> Query:
    return Query(query_name(expr), expr, most)
