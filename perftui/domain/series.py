"""Names of time series: ``source/name{label="value"}``, and the selectors that pick them.

A series id is a plain string so that it can be a dictionary key everywhere; it is canonical (labels sorted,
values escaped as in the Prometheus text format), so equal series have equal ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SOURCE = r"[a-z0-9][a-z0-9_-]*"
_HEAD = re.compile(rf"\s*(?P<source>{_SOURCE})/(?P<name>{_NAME})\s*(?P<labels>\{{.*\}})?\s*\Z", re.S)
_PAIR = re.compile(
    r'\s*(?P<label>[a-zA-Z_][a-zA-Z0-9_]*)\s*(?P<op>=~|!~|!=|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*(?P<end>,|\Z)', re.S
)
_UNESCAPE = {"n": "\n", "\\": "\\", '"': '"'}


class SeriesRef(msgspec.Struct, frozen=True):
    """The parts of a series id."""

    source: str
    name: str
    labels: tuple[tuple[str, str], ...] = ()

    def label(self, name: str) -> str:
        """The value of a label; ``""`` when absent (as in Prometheus)."""
        return dict(self.labels).get(name, "")


class Matcher(msgspec.Struct, frozen=True):
    """One label matcher; regular expressions are anchored at both ends, as in Prometheus."""

    label: str
    op: str
    value: str

    def matches(self, actual: str) -> bool:
        if self.op == "=":
            return actual == self.value
        if self.op == "!=":
            return actual != self.value
        found = _pattern(self.value).fullmatch(actual) is not None
        return found if self.op == "=~" else not found


class Selector(msgspec.Struct, frozen=True):
    """Picks series of one source and name by label matchers."""

    source: str
    name: str
    matchers: tuple[Matcher, ...] = ()

    def matches(self, series: str) -> bool:
        """Whether the series id is picked. Raises ValueError for a malformed id."""
        ref = parse_series(series)
        if ref.source != self.source or ref.name != self.name:
            return False
        labels = dict(ref.labels)
        return all(matcher.matches(labels.get(matcher.label, "")) for matcher in self.matchers)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def series_id(source: str, name: str, labels: Mapping[str, str] | None = None) -> str:
    """The canonical id of a series; labels with an empty value are left out."""
    pairs = ",".join(f'{key}="{_escape(value)}"' for key, value in sorted((labels or {}).items()) if value)
    return f"{source}/{name}{{{pairs}}}" if pairs else f"{source}/{name}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _unescape(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: _UNESCAPE.get(match[1], match[0]), value, flags=re.S)


@lru_cache(maxsize=16384)
def parse_series(series: str) -> SeriesRef:
    """The parts of a series id. Raises ValueError when it is not one."""
    selector = parse_selector(series)
    if any(matcher.op != "=" for matcher in selector.matchers):
        raise ValueError(f"not a series id, it has matchers: {series!r}")
    return SeriesRef(selector.source, selector.name, tuple((m.label, m.value) for m in selector.matchers))


@lru_cache(maxsize=4096)
def parse_selector(text: str) -> Selector:
    """Parse ``source/name{label="value",other=~"regex"}``. Raises ValueError with what is wrong."""
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f'not a series: {text!r} (expected source/name or source/name{{label="value"}})')
    matchers: list[Matcher] = []
    inner = (head["labels"] or "{}")[1:-1]
    position = 0
    while inner[position:].strip():
        pair = _PAIR.match(inner, position)
        if pair is None:
            raise ValueError(f'bad label matcher at {inner[position:][:30]!r} (expected label="value")')
        matcher = Matcher(pair["label"], pair["op"], _unescape(pair["value"]))
        if matcher.op in ("=~", "!~"):
            try:
                _pattern(matcher.value)
            except re.error as error:
                raise ValueError(f"bad regular expression {matcher.value!r}: {error}") from None
        matchers.append(matcher)
        position = pair.end()
    return Selector(head["source"], head["name"], tuple(matchers))


@lru_cache(maxsize=16384)
def picks(selector: str, series: str) -> bool:
    """``Selector.matches`` by texts: panels ask it of the same series every second. Raises ValueError for either."""
    return parse_selector(selector).matches(series)
