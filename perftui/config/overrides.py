"""Sources that are given on the command line by their URL alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from perftui.config.schema import Config, PrometheusSource, ScrapeSource
from perftui.config.source_checks import url_problem
from perftui.domain.errors import PerftuiError


def with_urls(config: Config, prometheus: Sequence[str], scrape: Sequence[str]) -> Config:
    """The configuration with these sources too, as ``prometheus``, ``prometheus2`` and so on.

    Raises PerftuiError for a URL that is none. One that is configured already is not added again.
    """
    sources = config.sources
    known = {"host", "processes", *sources.prometheus, *sources.scrape}
    servers, endpoints = dict(sources.prometheus), dict(sources.scrape)
    for url in prometheus:
        full = _checked("--prometheus", url, parameters=False)
        if all(source.url != full for source in servers.values()):
            name = _free("prometheus", known)
            known.add(name)
            servers[name] = PrometheusSource(url=full)
    for url in scrape:
        full = _checked("--scrape", url, parameters=True)
        if all(source.url != full for source in endpoints.values()):
            name = _free("scrape", known)
            known.add(name)
            endpoints[name] = ScrapeSource(url=full)
    return msgspec.structs.replace(
        config, sources=msgspec.structs.replace(sources, prometheus=servers, scrape=endpoints)
    )


def _checked(option: str, url: str, *, parameters: bool) -> str:
    """``localhost:9090`` is what people type: it means http."""
    full = url if "://" in url else f"http://{url}"
    problem = url_problem(full, parameters=parameters)
    if problem:
        raise PerftuiError(f"{option}: {problem}")
    return full


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"
