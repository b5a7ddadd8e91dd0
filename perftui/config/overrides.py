"""Sources that are given on the command line by their URL or path alone."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

import msgspec

from perftui.config.schema import Config, PrometheusSource, ScrapeSource, WorkflowSource
from perftui.config.source_checks import url_problem
from perftui.domain.errors import PerftuiError


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
    known = {"host", "processes", *sources.prometheus, *sources.scrape, *sources.workflow, *config.pools}
    servers, endpoints, events = dict(sources.prometheus), dict(sources.scrape), dict(sources.workflow)
    for url in given.prometheus:
        full = _checked("--prometheus", url, parameters=False)
        if all(source.url != full for source in servers.values()):
            name = _free("prometheus", known)
            known.add(name)
            servers[name] = PrometheusSource(url=full)
    for url in given.scrape:
        full = _checked("--scrape", url, parameters=True)
        if all(source.url != full for source in endpoints.values()):
            name = _free("scrape", known)
            known.add(name)
            endpoints[name] = ScrapeSource(url=full)
    for text in given.workflow:
        if not text:
            raise PerftuiError("--workflow: the path of a file of events, or of a folder with such files")
        path = _absolute(text)
        if all(_absolute(source.path) != path for source in events.values()):
            name = _free("workflow", known)
            known.add(name)
            events[name] = WorkflowSource(path=path)
    return msgspec.structs.replace(
        config, sources=msgspec.structs.replace(sources, prometheus=servers, scrape=endpoints, workflow=events)
    )


def _checked(option: str, url: str, *, parameters: bool) -> str:
    """``localhost:9090`` is what people type: it means http."""
    full = url if "://" in url else f"http://{url}"
    problem = url_problem(full, parameters=parameters)
    if problem:
        raise PerftuiError(f"{option}: {problem}")
    return full


def _absolute(path: str) -> str:
    """As the source reads it: a ``~`` of nobody stays as it is."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"
