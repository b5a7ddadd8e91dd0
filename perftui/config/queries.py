"""Which expressions a configuration wants from its sources, and under which names their results are series."""

from __future__ import annotations

from functools import lru_cache

from perftui.config.answering import answering_source
from perftui.config.schema import Config, Panel
from perftui.config.services import derived_queries
from perftui.domain.queries import Query, query_name


def panel_source(config: Config, panel: Panel) -> str:
    """The source of a panel's expressions: the one it names, else the first there is; empty when there is none."""
    return answering_source(config, panel.source)


def drawn_selectors(config: Config, panel: Panel) -> tuple[str, ...]:
    """Selectors of what a panel draws: its series, then the results of its expressions."""
    return panel.series + _results(panel_source(config, panel), panel.promql)


@lru_cache(maxsize=1024)
def _results(source: str, promql: tuple[str, ...]) -> tuple[str, ...]:
    """The series of a source's expressions; none without a source."""
    return tuple(f"{source}/{query_name(expr)}" for expr in promql if source)


def panel_selectors(config: Config, panel: Panel) -> tuple[str, ...]:
    """Everything that a panel watches."""
    return drawn_selectors(config, panel) + panel.figures


def configured_queries(config: Config, source: str) -> tuple[Query, ...]:
    """The expressions that a source has to evaluate, each once.

    Those it is given by name come first, then those of panels, services and pools.
    """
    settings = config.sources.prometheus.get(source) or config.sources.scrape.get(source)
    found = {} if settings is None else {name: Query(name, expr) for name, expr in settings.queries.items()}
    for panel in config.panels.values():
        if panel.promql and panel_source(config, panel) == source:
            found.update((name, Query(name, expr)) for expr in panel.promql if (name := query_name(expr)))
    found.update((query.name, query) for query in derived_queries(config, source))
    return tuple(found.values())
