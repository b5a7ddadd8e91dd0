"""Which source evaluates an expression."""

from __future__ import annotations

from collections.abc import Iterator

from perftui.config.schema import Config


def expression_sources(config: Config) -> tuple[str, ...]:
    """Names of the enabled sources that evaluate expressions, Prometheus servers first."""
    return tuple(_enabled(config))


def answering_source(config: Config, named: str) -> str:
    """The source that is named, else the first there is; empty when there is none."""
    return named or next(_enabled(config), "")


def _enabled(config: Config) -> Iterator[str]:
    for group in (config.sources.prometheus, config.sources.scrape):
        for name, source in group.items():
            if source.enabled:
                yield name
