"""Which source evaluates an expression."""

from __future__ import annotations

from perftui.config.schema import Config


def expression_sources(config: Config) -> tuple[str, ...]:
    """Names of the enabled sources that evaluate expressions, Prometheus servers first."""
    groups = (config.sources.prometheus, config.sources.scrape)
    return tuple(name for group in groups for name, source in group.items() if source.enabled)


def answering_source(config: Config, named: str) -> str:
    """The source that is named, else the first there is; empty when there is none."""
    return named or next(iter(expression_sources(config)), "")
