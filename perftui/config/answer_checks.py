"""Whether there is a source for everything that panels and alert rules ask, and whether it can ever answer."""

from __future__ import annotations

from perftui.config.answering import expression_sources
from perftui.config.expressions import expressions, measured_every
from perftui.config.problems import Path, Problems, nearest
from perftui.config.schema import Config, Panel
from perftui.domain.queries import is_derived
from perftui.domain.series import parse_selector

_LOCAL = "host"
# what is there without being configured: this machine, and the loads that a session sends
_OWN = (_LOCAL, "load")


def check_answers(config: Config, problems: Problems) -> None:
    """Add what nobody could answer. A source that is switched off is a source: its panels wait for it."""
    for name, panel in config.panels.items():
        path = ("panels", name)
        _asked(path, panel, config, problems)
        for key in ("series", "figures"):
            for index, selector in enumerate(getattr(panel, key)):
                _series((*path, key, index), selector, config, problems)
    for name, rule in config.alerts.items():
        _series(("alerts", name, "series"), rule.series, config, problems)
    asked = tuple(expressions(config))
    if asked:
        from perftui.config.promql_warnings import hopeless_window  # reads expressions: most starts have none
    for place, expr, source in asked:
        every = measured_every(config, source)
        hopeless = hopeless_window(expr, every) if every else ""
        if hopeless:
            problems.add(place, hopeless)


def _asked(path: Path, panel: Panel, config: Config, problems: Problems) -> None:
    known = [*config.sources.prometheus, *config.sources.scrape]
    asked = expression_sources(config)
    if panel.source and panel.source not in known:
        problems.add((*path, "source"), f'no source "{panel.source}" takes expressions{nearest(panel.source, known)}')
    elif panel.promql and not known:
        problems.add((*path, "promql"), "no source takes expressions: add [sources.prometheus.main] with a url")
    elif panel.promql and not panel.source and len(asked) > 1:
        problems.add((*path, "promql"), f"which source answers it? Give source = one of {', '.join(asked)}")


def _series(path: Path, text: str, config: Config, problems: Problems) -> None:
    """Series of a Prometheus server are the results of its queries; scraped ones have the names of metrics."""
    selector = parse_selector(text)
    known = (*_OWN, *config.sources.prometheus, *config.sources.scrape, *config.sources.workflow, *config.pools)
    if selector.source not in known:
        problems.add(path, f'no source is called "{selector.source}"{nearest(selector.source, known)}')
        return
    server = config.sources.prometheus.get(selector.source) if selector.source not in _OWN else None
    if server is not None and selector.name not in server.queries and not is_derived(selector.name):
        table = f"[sources.prometheus.{selector.source}.queries]"
        hint = nearest(selector.name, server.queries) if server.queries else ""
        problems.add(path, f'{table} has no "{selector.name}"{hint}: series are the results of queries with a name')
