"""What an expression says that is allowed and almost never meant: figures that look right and are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perftui.config.promql_shape import Kind, Node, shape

_RATES = frozenset(("rate", "irate", "increase"))
_NEED_TWO = _RATES | {"delta", "idelta", "deriv"}
_OVER_RANGES = _NEED_TWO | {"resets", "changes"}
_SHORT_S = 60.0
_SPAN = re.compile(r"(\d+)(ms|s|m|h|d|w|y)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_PERCENTILE = re.compile(
    r"(?:^|[_:])(?:p\d{2,3}|\d{2}(?:th|percentile)|percentiles?(?:_\d+)?|quantiles?|median)(?:$|[_:])"
)
_GAUGE = re.compile(
    r"(?:_(?:ratio|celsius|percent|percentage|usage|used|free|available|avail|current|limit|max|fds|threads|goroutines"
    r"|load(?:1|5|15)|connections|queue_length|size_bytes|memory_bytes|heap_bytes|timestamp_seconds|info)|^up)$"
)
_COUNTER = re.compile(r"_(?:total|bucket)$")
# what may be asked of a counter as it stands
_FINE_FOR_COUNTERS = frozenset(
    ("count", "absent", "group", "timestamp", "count_values", "present_over_time", "count_over_time")
)


def warnings(expr: str, scrape_s: float = 0.0) -> tuple[str, ...]:
    """What is doubtful, a sentence each; ``scrape_s`` is how often its metrics are measured, 0 when that is unknown."""
    try:
        root = shape(expr)
    except ValueError:
        return ()
    return tuple(dict.fromkeys((*_whole(root), *_walk(root, ()), *_windows(root, scrape_s))))


def _whole(root: Node) -> Iterator[str]:
    if len(root.parts) == 1 and root.parts[0].window:
        yield f"a panel draws one value at a time, not the samples of [{root.parts[0].window}]: take a function of them"


def hopeless_window(expr: str, scrape_s: float) -> str:
    """Why a rate of it is empty for ever: fewer than two samples fit into its window; empty when all windows do."""
    try:
        windows = tuple(_rate_windows(shape(expr)))
    except ValueError:
        return ""
    return next((_too_short(text, scrape_s) for text, seconds in windows if seconds < 2 * scrape_s), "")


def _too_short(text: str, scrape_s: float) -> str:
    return f"[{text}] holds fewer than two samples, measured every {scrape_s:g} s: [$win] always fits"


def _walk(node: Node, around: tuple[str, ...]) -> Iterator[str]:
    """``around`` are the calls that it stands in, the nearest first."""
    if node.kind is Kind.CALL:
        yield from _call(node)
        around = (node.name, *around)
    elif node.kind is Kind.SELECTOR:
        yield from _selector(node, around)
    names = {part.name for part in node.parts if part.kind is Kind.OPERATOR}
    if node.kind is Kind.SEQUENCE and "-" in names:
        around = ("-", *around)  # the distance of two counters is a figure of its own
    for part in node.parts:
        yield from _walk(part, around)


def _call(node: Node) -> Iterator[str]:
    if node.name in _RATES:
        yield from _rate(node)
    if node.name in ("avg", "sum", "avg_over_time", "sum_over_time"):
        yield from _averaged(node)
    if node.name == "histogram_quantile":
        yield from _quantile(node)


def _rate(node: Node) -> Iterator[str]:
    inner = next((one for part in node.parts for one in part.inside() if one.is_aggregation), None)
    if inner is not None:
        yield (
            f"{node.name}({inner.name}(...)): a counter that starts again makes a jump of the whole {inner.name}; "
            f"take the {node.name} of each counter first: {inner.name}({node.name}(...))"
        )
    for part in node.parts:
        for one in part.inside():
            if one.kind is Kind.SELECTOR and _GAUGE.search(one.name):
                yield f"{node.name}() is for counters and {one.name} looks like a gauge: delta() or deriv() fit those"


def _averaged(node: Node) -> Iterator[str]:
    word = "mean" if node.name.startswith("avg") else "sum"
    if node.by and "quantile" in node.labels:
        yield f"{node.name} by (quantile): the {word} of percentiles is no percentile; max by (quantile) is honest"
        return
    for part in node.parts:
        for one in part.inside():
            if one.kind is Kind.CALL and one.name in ("histogram_quantile", "quantile", "quantile_over_time"):
                yield (
                    f"{node.name}({one.name}(...)): the {word} of percentiles is no percentile; "
                    "add the buckets first: histogram_quantile(0.95, sum by (le) (rate(..._bucket[$win])))"
                )
            elif one.kind is Kind.SELECTOR and ("quantile" in one.labels or _PERCENTILE.search(one.name)):
                what = one.name or "a quantile"
                yield f"{node.name}() of {what}: the {word} of percentiles is no percentile; max() is honest"


def _quantile(node: Node) -> Iterator[str]:
    if len(node.parts) != 2:
        return
    (first, second) = node.parts
    if len(first.parts) == 1 and re.fullmatch(r"\d+(\.\d+)?", first.parts[0].name) and float(first.parts[0].name) > 1:
        yield f"histogram_quantile({first.parts[0].name}, ...): a quantile is from 0 to 1"
    nodes = list(second.inside())
    buckets = [one for one in nodes if one.kind is Kind.SELECTOR and one.name.endswith("_bucket")]
    if not buckets:
        return
    outer = next((one for one in nodes if one.is_aggregation), None)
    if outer is not None and outer.name == "sum" and ("le" in outer.labels) is not outer.by:
        yield 'histogram_quantile() needs the label "le" of the buckets: sum by (le) (...)'
    if not any(one.window for one in buckets):
        yield "histogram_quantile() of plain buckets tells of all time since they began: take their rate(...[$win])"


def _selector(node: Node, around: tuple[str, ...]) -> Iterator[str]:
    bare = not node.window and ":" not in node.name and _COUNTER.search(node.name)
    if not bare or "-" in around or _FINE_FOR_COUNTERS & set(around):
        return
    if _OVER_RANGES & set(around) or "histogram_quantile" in around:
        return  # a subquery; and buckets are looked at by their quantile
    yield f"{node.name} counts since its program began: rate({node.name}[$win]) tells what happens now"


def _windows(root: Node, scrape_s: float) -> Iterator[str]:
    for text, seconds in _rate_windows(root):
        if scrape_s and seconds < 2 * scrape_s:
            yield _too_short(text, scrape_s)
        elif scrape_s and seconds < 4 * scrape_s:
            yield f"[{text}] is less than 4 times {scrape_s:g} s, the time between samples: one lost sample makes a gap"
        elif not scrape_s and seconds < _SHORT_S:
            yield f"[{text}] may be too short for the time between samples: [$win] always fits"


def _rate_windows(root: Node) -> Iterator[tuple[str, float]]:
    """Windows that need two samples in them, with their seconds; placeholders and subqueries are left out."""
    for call in root.inside():
        if call.kind is not Kind.CALL or call.name not in _NEED_TWO:
            continue
        for part in call.parts:
            for one in part.parts:
                seconds = _seconds(one.window)
                if one.kind is Kind.SELECTOR and seconds is not None:
                    yield one.window, seconds


def _seconds(window: str) -> float | None:
    """None for what is not written as a span is."""
    parts = _SPAN.findall(window)
    if not parts or _SPAN.sub("", window):
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)
