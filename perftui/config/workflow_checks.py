"""What must be true of workflow sources, pools, services and rules beyond their types."""

from __future__ import annotations

import re

from perftui.config.answering import expression_sources
from perftui.config.problems import Path, Problems, nearest
from perftui.config.schema import Config, Service

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MATCHER = r'\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"\s*'
_MATCHERS = re.compile(rf"{_MATCHER}(?:,{_MATCHER})*,?\s*")
_RULE = re.compile(r"[A-Z]{2,4}[0-9]{1,2}")


def check_workflows(config: Config, problems: Problems) -> None:
    """Add what is wrong with them."""
    _sources(config, problems)
    for name, pool in config.pools.items():
        path = ("pools", name)
        _called(path, name, problems)
        if name in config.sources.workflow:
            problems.add(path, f'"{name}" is the name of a workflow source, whose agents are a pool already')
        _asked(path, pool.source, config, problems)
        if _LABEL.fullmatch(pool.by) is None:
            problems.add((*path, "by"), f'"{pool.by}" is not the name of a label')
        if not pool.total and not pool.agent_busy:
            problems.add(path, 'give it "total" or "agent_busy": without them nobody knows how many agents there are')
    for name, service in config.services.items():
        _called(("services", name), name, problems)
        _service(("services", name), service, config, problems)
    _rules(config, problems)


def _sources(config: Config, problems: Problems) -> None:
    others = {
        "host",
        "load",
        "processes",
        *config.sources.prometheus,
        *config.sources.scrape,
        *config.sources.alertmanager,
    }
    for name, source in config.sources.workflow.items():
        path = ("sources", "workflow", name)
        _called(path, name, problems)
        if name in others:
            problems.add(path, f'"{name}" is the name of another source')
        if not source.path or "\0" in source.path:
            problems.add((*path, "path"), "the path of a file of events, or of a folder with such files")
        if not 0.1 <= source.interval <= 3600:
            problems.add((*path, "interval"), "an interval is from 100ms to 1h")
        if not 5 <= source.window <= 3600:
            problems.add((*path, "window"), "the window is from 5s to 1h")
        if source.lost_after < 1:
            problems.add((*path, "lost_after"), "an agent may be silent for at least 1s")
        if not 100 <= source.max_tasks <= 1_000_000:
            problems.add((*path, "max_tasks"), "from 100 to 1000000 tasks")


def _called(path: Path, name: str, problems: Problems) -> None:
    if _NAME.fullmatch(name) is None:
        problems.add(path, "a name has small letters, digits, _ and - only")


def _asked(path: Path, source: str, config: Config, problems: Problems) -> None:
    known = [*config.sources.prometheus, *config.sources.scrape]
    if source and source not in known:
        problems.add((*path, "source"), f'no source "{source}" takes expressions{nearest(source, known)}')
    elif not known:
        problems.add(path, "no source takes expressions: add [sources.prometheus.main] with a url")
    elif not source and len(expression_sources(config)) > 1:
        asked = ", ".join(expression_sources(config))
        problems.add(path, f"which source tells it? Give source = one of {asked}")


def _service(path: Path, service: Service, config: Config, problems: Problems) -> None:
    _asked(path, service.source, config, problems)
    if not service.latency and not service.requests:
        problems.add(path, 'give it "latency" (a histogram), "requests" (a counter), or both')
    for key in ("latency", "requests"):
        metric = getattr(service, key)
        if metric and _METRIC.fullmatch(metric) is None:
            problems.add((*path, key), f'"{metric}" is not the name of a metric')
    if service.latency.endswith("_bucket"):
        problems.add((*path, "latency"), f'the histogram\'s name: "{service.latency.removesuffix("_bucket")}"')
    if service.by and _LABEL.fullmatch(service.by) is None:
        problems.add((*path, "by"), f'"{service.by}" is not the name of a label')
    for key in ("errors", "select"):
        matchers = getattr(service, key)
        if matchers and _MATCHERS.fullmatch(matchers) is None:
            problems.add((*path, key), 'label matchers such as code=~"5..", joined by commas')
    if service.errors and not service.requests:
        problems.add((*path, "errors"), 'matchers of "requests", which is missing')
    if service.slo_p95 is not None and service.slo_p95 <= 0:
        problems.add((*path, "slo_p95"), "a target in seconds, above 0")


def _rules(config: Config, problems: Problems) -> None:
    if not 1 <= config.rules.for_ <= 3600:
        problems.add(("rules", "for"), "from 1s to 1h")
    if not 10 <= config.rules.window <= 3600:
        problems.add(("rules", "window"), "from 10s to 1h")
    for name, limit in config.rules.limits.items():
        if limit < 0:
            problems.add(("rules", "limits", name), "a number from 0 on")
    for index, rule in enumerate(config.rules.off):
        if _RULE.fullmatch(rule) is None:
            problems.add(("rules", "off", index), f'"{rule}" is not the id of a rule, such as POOL1')
