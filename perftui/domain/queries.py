"""PromQL expressions whose results become series, and what is known of metrics before anybody draws them."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from perftui.domain.units import Unit

_DERIVED = re.compile(r"q_[0-9a-f]{10}")
_ENDINGS = (
    ("_bytes_per_second", Unit.BYTES_PER_SECOND),
    ("_per_second", Unit.PER_SECOND),
    ("_seconds", Unit.SECONDS),
    ("_bytes", Unit.BYTES),
    ("_ratio", Unit.RATIO),
    ("_celsius", Unit.CELSIUS),
    ("_hertz", Unit.HERTZ),
)
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NO_METRIC = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)')
_FUNCTION = re.compile(
    r"histogram_\w+|\w+_over_time|clamp_\w+|label_\w+|sort_\w+|count_values|group_\w+|predict_linear"
)
_RATE = re.compile(r"\bi?rate\s*\(")
_SUFFIXES = ("_total", "_sum", "_bucket", "_created")


# nobody can read more lines in one chart, and a careless {job="x"} must not fill memory, journal and link
MAX_SERIES = 100


class Query(msgspec.Struct, frozen=True):
    """An expression that a source evaluates at every poll; its results are the series ``source/name{labels}``.

    ``name`` is the user's, or made from the expression by ``query_name``, so that equal expressions are asked once.
    ``most`` series of it are kept. A source that has to ask somebody else may ask it only every ``every_s`` seconds.
    """

    name: str
    expr: str
    most: int = MAX_SERIES
    every_s: float = 0.0


class MetricInfo(msgspec.Struct, frozen=True, array_like=True):
    """A metric that a source offers: its PromQL name, its type as Prometheus says it, and its help text.

    ``kind`` is counter, gauge, histogram, summary, info, stateset or unknown.
    """

    name: str
    kind: str
    unit: Unit
    help: str = ""


class Tried(msgspec.Struct, frozen=True, array_like=True):
    """An expression that was asked once: what its value is (vector, scalar), how many series, what was warned of."""

    query: Query
    kind: str
    series: int
    took_s: float
    warnings: tuple[str, ...] = ()


class Exemplar(msgspec.Struct, frozen=True, array_like=True):
    """One observed event behind a histogram: its labels (a trace id, as a rule), value, and time in epoch seconds."""

    series: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    value: float
    at: float


@lru_cache(maxsize=4096)
def query_name(expr: str) -> str:
    """The name of an expression that nobody named: the same for the same text."""
    import hashlib  # takes 4 ms, and most starts ask no expression

    return f"q_{hashlib.blake2b(expr.strip().encode(), digest_size=5).hexdigest()}"


def too_many(series: int, most: int = MAX_SERIES) -> str:
    """What is said where an expression has more series than are kept; empty where it has not."""
    if series <= most:
        return ""
    return f"{series} series, the first {most} are kept: use topk(10, ...) or sum by (...)"


def is_derived(name: str) -> bool:
    """Whether ``query_name`` made this name."""
    return _DERIVED.fullmatch(name) is not None


def unit_of(metric: str) -> Unit:
    """The unit that a metric's name ends in (https://prometheus.io/docs/practices/naming/); buckets are counts."""
    if metric.endswith(("_bucket", "_count")):
        return Unit.NONE
    for suffix in _SUFFIXES:
        metric = metric.removesuffix(suffix)
    return next((unit for ending, unit in _ENDINGS if metric.endswith(ending)), Unit.NONE)


def unit_of_result(name: str, expr: str) -> Unit:
    """The unit of a query's results: what the user's name for it ends in, else what the expression tells."""
    named = Unit.NONE if is_derived(name) else unit_of(name)
    return unit_of_expression(expr) if named is Unit.NONE else named


def unit_of_expression(expr: str) -> Unit:
    """The unit of an expression's values, as far as the name of its one metric and its functions tell."""
    names = set(_NAME.findall(_NO_METRIC.sub("", expr)))
    metrics = [name for name in names if "_" in name and not _FUNCTION.fullmatch(name)]
    if len(metrics) != 1 or "/" in expr or "count" in names:
        return Unit.NONE
    if "histogram_quantile" in names:
        return unit_of(metrics[0].removesuffix("_bucket"))
    unit = unit_of(metrics[0])
    if _RATE.search(expr):
        if unit is Unit.BYTES:
            return Unit.BYTES_PER_SECOND
        return Unit.PER_SECOND if unit is Unit.NONE else Unit.NONE
    return unit
