"""What completes an expression: metrics and functions, label names inside of braces and groupings, label values."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

_AGGREGATIONS = (
    "sum by (", "sum(", "avg by (", "avg(", "max by (", "max(", "min by (", "min(", "count by (", "count(", "topk(",
    "bottomk(", "quantile(", "stddev(", "count_values(", "group(", "sum without (",
)  # fmt: skip
_FUNCTIONS = (
    "abs(", "absent(", "absent_over_time(", "avg_over_time(", "ceil(", "changes(", "clamp(", "clamp_max(",
    "clamp_min(", "count_over_time(", "day_of_week(", "delta(", "deriv(", "exp(", "floor(", "histogram_quantile(",
    "holt_winters(", "hour(", "idelta(", "increase(", "irate(", "label_join(", "label_replace(", "last_over_time(",
    "ln(", "log10(", "log2(", "max_over_time(", "min_over_time(", "minute(", "predict_linear(",
    "present_over_time(", "quantile_over_time(", "rate(", "resets(", "round(", "scalar(", "sgn(", "sort(",
    "sort_desc(", "sqrt(", "stddev_over_time(", "sum_over_time(", "time()", "timestamp(", "vector(",
)  # fmt: skip
_WORDS = tuple(sorted((*_AGGREGATIONS, *_FUNCTIONS)))
_IN_BRACES = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*\{([^{}]*)\Z")
_LABEL_PART = re.compile(r"(?:^|,)\s*([a-zA-Z0-9_]*)\Z")
_VALUE_PART = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=|!=)\s*\"([^\"]*)\Z")
_IN_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\Z")
_IN_RANGE = re.compile(r"\[[^\]]*\Z")
_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_RANGES = ("$win]", "1m]", "5m]", "15m]", "1h]")

LabelsOf = Callable[[str], Mapping[str, Sequence[str]] | None]


def complete(head: str, metrics: Sequence[str], labels_of: LabelsOf, *, functions: bool = True) -> list[str]:
    """Longer versions of ``head``, the text before the cursor. ``metrics`` are sorted; ``labels_of`` gives the labels
    of a metric, None while they are not known (asking for them is its business).
    """
    braces = _IN_BRACES.search(head)
    if braces is not None:
        labels = labels_of(braces[1] or "")
        return _in_braces(head, braces[2], labels or {})
    grouping = _IN_GROUPING.search(head)
    if grouping is not None:
        names = {name for metric in _known(head, metrics) for name in labels_of(metric) or ()}
        return _label_names(head, grouping[1], names | set(labels_of("") or ()), "")
    if _IN_RANGE.search(head) is not None:
        typed = head[head.rindex("[") + 1 :]
        return [head[: len(head) - len(typed)] + text for text in _RANGES if text.startswith(typed)]
    word = _WORD.search(head)
    if word is None:
        return []
    before, typed = head[: word.start()], word[0]
    words = [text for text in _WORDS if text.startswith(typed)] if functions else []
    return [before + text for text in (*words, *beginning(metrics, typed))]


def beginning(names: Sequence[str], typed: str) -> Sequence[str]:
    """Of sorted names those that begin with what was typed."""
    return names[bisect_left(names, typed) : bisect_left(names, typed + "\U0010ffff")]


def _in_braces(head: str, inner: str, labels: Mapping[str, Sequence[str]]) -> list[str]:
    value = _VALUE_PART.search(inner)
    if value is not None:
        before = head[: len(head) - len(value[2])]
        return [f'{before}{_escaped(text)}"' for text in labels.get(value[1], ()) if text.startswith(value[2])]
    return _label_names(head, inner, labels, '="')


def _label_names(head: str, inner: str, names: Iterable[str], end: str) -> list[str]:
    part = _LABEL_PART.search(inner)
    if part is None:
        return []
    before = head[: len(head) - len(part[1])]
    return [f"{before}{name}{end}" for name in sorted(names) if name.startswith(part[1])]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _known(head: str, metrics: Sequence[str]) -> set[str]:
    """Metrics that the text names already."""
    found = set(_METRIC.findall(head))
    return {name for name in found if (at := bisect_left(metrics, name)) < len(metrics) and metrics[at] == name}
