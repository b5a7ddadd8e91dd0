"""What must be true of sources behind HTTP beyond their types: names, URLs, secrets, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from perftui.config.problems import Problems
from perftui.config.schema import AlertmanagerSource, Config, HttpSource, MetricSource, PrometheusSource, ScrapeSource
from perftui.config.values import expanded
from perftui.domain.matchers import parse_matchers
from perftui.domain.queries import is_derived
from perftui.domain.regex import compiled

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MATCHER = r'\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"\s*'
_MATCHERS = re.compile(rf"{_MATCHER}(?:,{_MATCHER})*")
_TAKEN = frozenset(("host", "load", "processes"))
KeyPath = tuple[str, ...]


def check_sources(config: Config, problems: Problems) -> None:
    """Add what is wrong with the sources."""
    kinds: dict[str, Mapping[str, HttpSource]] = {
        "prometheus": config.sources.prometheus,
        "scrape": config.sources.scrape,
        "alertmanager": config.sources.alertmanager,
    }
    taken = set(_TAKEN)
    for kind, sources in kinds.items():
        for name, source in sources.items():
            path = ("sources", kind, name)
            if _NAME.fullmatch(name) is None:
                problems.add(path, "a source's name has small letters, digits, _ and - only")
            elif name in taken:
                problems.add(path, f'"{name}" is the name of another source')
            taken.add(name)
            _http(path, source, problems)
            if isinstance(source, PrometheusSource):
                _prometheus(path, source, problems)
            elif isinstance(source, AlertmanagerSource):
                _alertmanager(path, source, problems)
            elif isinstance(source, ScrapeSource) and not 1 <= source.max_series <= 1_000_000:
                problems.add((*path, "max_series"), "from 1 to 1000000 series")


def url_problem(url: str, *, parameters: bool = True) -> str:
    """Why this is no address that can be asked; empty when it is one. What may hold a password is not repeated."""
    shown = "this" if "@" in url else repr(url)
    bad = f"{shown} is not a URL: expected something like http://localhost:9090"
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return bad
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or re.search(r"\s", url):
        return bad
    if parts.username is not None or parts.password is not None:
        return (
            'a URL holds no user and password: give user = "..." and password = "file:...", "env:..." or "keyring:..."'
        )
    if parts.fragment:
        return "a URL has no # part"
    return "" if parameters or not parts.query else "the address of the server, without parameters"


def _http(path: KeyPath, source: HttpSource, problems: Problems) -> None:
    problem = url_problem(source.url, parameters=isinstance(source, ScrapeSource))
    if problem:
        problems.add((*path, "url"), problem)
    if not 0.1 <= source.interval <= 3600:
        problems.add((*path, "interval"), "an interval is from 100ms to 1h")
    if not 0.1 <= source.timeout <= 300:
        problems.add((*path, "timeout"), "a timeout is from 100ms to 5m")
    if not 1024 <= source.max_body <= 1 << 30:
        problems.add((*path, "max_body"), "from 1024 bytes to 1073741824")
    _secrets(path, source, problems)
    if source.proxy not in ("", "env") and url_problem(source.proxy):
        problems.add((*path, "proxy"), f'{url_problem(source.proxy)}, or "env" for the environment\'s proxies')
    _headers(path, source, problems)
    for name in source.queries if isinstance(source, MetricSource) else ():
        if _METRIC.fullmatch(name) is None or is_derived(name):
            problems.add(
                (*path, "queries", name), "the name of a query is like that of a metric: letters, digits, _ and :"
            )


def _secrets(path: KeyPath, source: HttpSource, problems: Problems) -> None:
    if source.token and (source.user or source.password):
        problems.add((*path, "token"), "either a token, or user and password")
    if source.password and not source.user:
        problems.add((*path, "password"), 'a password needs "user"')
    if bool(source.cert_file) is not bool(source.key_file):
        problems.add((*path, "cert_file"), '"cert_file" and "key_file" belong together')
    for key in ("ca_file", "cert_file", "key_file"):
        name = getattr(source, key)
        if name and not _is_file(expanded(name)):
            problems.add((*path, key), f"{name}: there is no such file")


def _headers(path: KeyPath, source: HttpSource, problems: Problems) -> None:
    for key in ("headers", "secret_headers"):
        for name, value in getattr(source, key).items():
            if _HEADER.fullmatch(name) is None:
                problems.add((*path, key, name), "not the name of a header")
            elif name.lower() == "authorization" and key == "headers":
                problems.add((*path, key, name), "a secret stands in token, password or secret_headers, by reference")
            elif name.lower() == "authorization" and (source.token or source.user):
                problems.add((*path, key, name), "token and user make this header themselves: give one of the three")
            elif not value.isascii() or not value.isprintable():
                problems.add((*path, key, name), "a header has ASCII characters only")


def _prometheus(path: KeyPath, source: PrometheusSource, problems: Problems) -> None:
    if not 1 <= source.workers <= 32:
        problems.add((*path, "workers"), "from 1 to 32 threads")
    if source.scrape_interval and not 0.1 <= source.scrape_interval <= 3600:
        problems.add((*path, "scrape_interval"), "from 100ms to 1h, or 0s to learn it")
    if not 1 <= source.alerts_interval <= 3600:
        problems.add((*path, "alerts_interval"), "from 1s to 1h")
    if source.select and _MATCHERS.fullmatch(source.select) is None:
        problems.add((*path, "select"), 'label matchers as they stand inside of { }, such as job="api",env=~"ci.*"')


def _alertmanager(path: KeyPath, source: AlertmanagerSource, problems: Problems) -> None:
    if 0.1 <= source.interval < 1:
        problems.add((*path, "interval"), "an Alertmanager is asked every 1s to 1h")
    if 0.1 <= source.timeout < 1:
        problems.add((*path, "timeout"), "an Alertmanager with many alerts needs time: 1s to 5m")
    try:
        parse_matchers(source.filter)
    except ValueError as error:
        problems.add((*path, "filter"), str(error))
    try:
        compiled(source.receiver)
    except ValueError as error:
        problems.add((*path, "receiver"), str(error))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
