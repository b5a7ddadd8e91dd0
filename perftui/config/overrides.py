"""Sources that are given on the command line by their URL or path alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from perftui.config.schema import Config, PrometheusSource, ScrapeSource, WorkflowSource
from perftui.config.source_checks import url_problem
from perftui.domain.errors import PerftuiError

_Source = TypeVar("_Source", PrometheusSource, ScrapeSource, WorkflowSource)


class Given(NamedTuple):
    """What was given: URLs of servers and endpoints, paths of event files and folders."""

    prometheus: tuple[str, ...] = ()
    scrape: tuple[str, ...] = ()
    workflow: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The same again for another command line."""
        return [f"--{kind}={text}" for kind, texts in self._asdict().items() for text in texts]


def with_given(config: Config, given: Given) -> Config:
    """The configuration with these sources too, as ``prometheus``, ``prometheus2`` and so on.

    Raises PerftuiError for a URL or a path that is none. What is configured already is not added again.
    """
    sources = config.sources
    known = {
        "host",
        "processes",
        *sources.prometheus,
        *sources.scrape,
        *sources.alertmanager,
        *sources.workflow,
        *config.pools,
    }
    servers = [_checked("--prometheus", url, parameters=False) for url in given.prometheus]
    endpoints = [_checked("--scrape", url, parameters=True) for url in given.scrape]
    prometheus = _added(sources.prometheus, "prometheus", servers, lambda url: PrometheusSource(url=url), known)
    scrape = _added(sources.scrape, "scrape", endpoints, lambda url: ScrapeSource(url=url), known)
    events = [_events(path) for path in given.workflow]
    workflow = _added(sources.workflow, "workflow", events, lambda path: WorkflowSource(path=path), known)
    return msgspec.structs.replace(
        config, sources=msgspec.structs.replace(sources, prometheus=prometheus, scrape=scrape, workflow=workflow)
    )


def _added(
    sources: Mapping[str, _Source], kind: str, places: Iterable[str], make: Callable[[str], _Source], known: set[str]
) -> dict[str, _Source]:
    """The sources with one for each place that has none yet, under names that are not ``known``, which they become."""
    found = dict(sources)
    for source in map(make, places):
        if all(_place(one) != _place(source) for one in found.values()):
            name = _free(kind, known)
            known.add(name)
            found[name] = source
    return found


def _place(source: PrometheusSource | ScrapeSource | WorkflowSource) -> str:
    return _absolute(source.path) if isinstance(source, WorkflowSource) else source.url


def _events(text: str) -> str:
    if not text:
        raise PerftuiError("--workflow: the path of a file of events, or of a folder with such files")
    return _absolute(text)


def _checked(option: str, url: str, *, parameters: bool) -> str:
    """``localhost:9090`` is what people type: it means http."""
    full = url if "://" in url else f"http://{url}"
    problem = url_problem(full, parameters=parameters)
    if problem:
        raise PerftuiError(f"{option}: {problem}")
    return full


def _absolute(path: str) -> str:
    """As the source reads it: a ``~`` of nobody stays as it is, where pathlib raises."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 (and resolve() follows links)


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"
