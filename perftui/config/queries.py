"""Which expressions a configuration wants from its sources, and under which names their results are series."""

from __future__ import annotations

from perftui.config.schema import Config, Panel
from perftui.domain.queries import Query, query_name


def expression_sources(config: Config) -> tuple[str, ...]:
    """Names of the enabled sources that evaluate expressions, Prometheus servers first."""
    groups = (config.sources.prometheus, config.sources.scrape)
    return tuple(name for group in groups for name, source in group.items() if source.enabled)


def panel_source(config: Config, panel: Panel) -> str:
    """The source of a panel's expressions: the one it names, else the first there is; empty when there is none."""
    return panel.source or next(iter(expression_sources(config)), "")


def drawn_selectors(config: Config, panel: Panel) -> tuple[str, ...]:
    """Selectors of what a panel draws: its series, then the results of its expressions."""
    source = panel_source(config, panel)
    return panel.series + tuple(f"{source}/{query_name(expr)}" for expr in panel.promql if source)


def panel_selectors(config: Config, panel: Panel) -> tuple[str, ...]:
    """Everything that a panel watches."""
    return drawn_selectors(config, panel) + panel.figures


def configured_queries(config: Config, source: str) -> tuple[Query, ...]:
    """The expressions that a source has to evaluate, each once: those it is given by name, then those of panels."""
    settings = config.sources.prometheus.get(source) or config.sources.scrape.get(source)
    found = {} if settings is None else {name: Query(name, expr) for name, expr in settings.queries.items()}
    for panel in config.panels.values():
        if panel.promql and panel_source(config, panel) == source:
            found.update((name, Query(name, expr)) for expr in panel.promql if (name := query_name(expr)))
    return tuple(found.values())
