"""Every expression that a configuration holds, and where it stands in it."""

from __future__ import annotations

from collections.abc import Iterator

from perftui.config.answering import answering_source
from perftui.config.objectives import WINDOW
from perftui.config.problems import Path
from perftui.config.queries import panel_source
from perftui.config.schema import Config, HttpSource, MetricSource
from perftui.config.services import pool_queries


def http_sources(config: Config) -> Iterator[tuple[tuple[str, ...], HttpSource]]:
    """The sources behind HTTP, switched on or not, each with its place in the configuration."""
    yield from metric_sources(config)
    for name, manager in config.sources.alertmanager.items():
        yield ("sources", "alertmanager", name), manager


def metric_sources(config: Config) -> Iterator[tuple[tuple[str, ...], MetricSource]]:
    """The sources that evaluate expressions, switched on or not, each with its place in the configuration."""
    for name, server in config.sources.prometheus.items():
        yield ("sources", "prometheus", name), server
    for name, endpoint in config.sources.scrape.items():
        yield ("sources", "scrape", name), endpoint


def expressions(config: Config) -> Iterator[tuple[Path, str, str]]:
    """Every configured expression: its place, its text, and the name of its source (empty when it has none)."""
    for path, settings in metric_sources(config):
        for name, expr in settings.queries.items():
            yield (*path, "queries", name), expr, path[-1]
    for name, panel in config.panels.items():
        for index, expr in enumerate(panel.promql):
            yield ("panels", name, "promql", index), expr, panel_source(config, panel)
    for name, one in config.slo.items():
        source = answering_source(config, one.source)
        # whatever the window is: the shortest holds four scrapes
        yield ("slo", name, "bad"), WINDOW.sub("[$win]", one.bad), source
        yield ("slo", name, "all"), WINDOW.sub("[$win]", one.all), source
    for name, pool in config.pools.items():
        source, queries = pool_queries(config, pool)
        for figure, query in queries.items():
            yield ("pools", name, figure), query.expr, source


def measured_every(config: Config, source: str) -> float:
    """Seconds between the samples of a source's metrics; 0 where only the source itself knows."""
    if source in config.sources.prometheus:
        return config.sources.prometheus[source].scrape_interval
    scraped = config.sources.scrape.get(source)
    return 0.0 if scraped is None else scraped.interval
