"""Which bucket stands in which column, and where the clock is written: panels of one width share one time axis."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

from perftui.domain.units import format_span

TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800)
_GAP_CELLS = 6
_NOW = "now"
# buckets of a column up to which it is quicker to compare them one by one
_FEW = 4
# in buckets
_AT_TURN = 1e-6
_Picks = Callable[[Sequence[float | None]], tuple[float | None, ...]]


def columns(
    values: Sequence[float | None],
    window_start: float,
    step_s: float,
    start: float,
    end: float,
    count: int,
    *,
    above: bool = True,
) -> list[float | None]:
    """``count`` columns over ``[start, end]``, each with the bucket that covers its middle, or None.

    Where several buckets fall into one column, the one on the bad side (the highest when ``above``) is shown: a peak
    is never sampled away. What is not a number counts as a gap.
    """
    if count < 1 or end <= start or step_s <= 0:
        return [None] * max(0, count)
    stride = (end - start) / count / step_s
    first = _steady((start - window_start) / step_s, stride, count)
    # a value unequal to itself is not a number
    numbers = values if _finite(values) else [value if value == value else None for value in values]
    if stride > _FEW:
        return _by_groups(numbers, _spans(first, stride, count, len(values)), above)
    heads, others = _picks(first, stride, count, len(values))
    # what lies outside of the window is picked behind its end
    picked = list(heads([*numbers, None]))
    picked.pop()
    for column, bucket in others:
        value, held = numbers[bucket], picked[column]
        if value is not None and (held is None or (value > held if above else value < held)):
            picked[column] = value
    return picked


def _finite(values: Sequence[float | None]) -> bool:
    """Whether nothing is infinite or not a number; gaps may be among them. A sum that is too large says no."""
    return math.isfinite(sum(filter(None, values)))


def _by_groups(values: Sequence[float | None], spans: Sequence[tuple[int, int]], above: bool) -> list[float | None]:
    """The highest or the lowest value of each span of buckets, None where it has none."""
    pick = max if above else min
    groups = [[value for value in values[begin:stop] if value is not None] for begin, stop in spans]
    return [pick(group) if group else None for group in groups]


# an axis that ends now begins elsewhere each second, but hardly ever so that it matters


def _steady(first: float, stride: float, count: int) -> float:
    """The same number for all beginnings that give each column the same buckets: what follows is found in caches."""
    whole, turns = math.floor(first), _turns(stride, count)
    place = bisect_left(turns, first - whole)
    low, high = whole + turns[place - 1], whole + turns[place]
    # rounding decides what stands at a turn, so that it is left as it is
    return (low + high) / 2 if low + _AT_TURN < first < high - _AT_TURN else first


@lru_cache(maxsize=64)
def _turns(stride: float, count: int) -> tuple[float, ...]:
    """Where in a bucket an axis can begin, in order: between two of these each column keeps its buckets.

    One more on each side belongs to the buckets before and after.
    """
    middle = -stride / 2 if stride <= 1 else 0.5
    turns = sorted({(middle - column * stride) % 1.0 for column in range(count + 1)})
    return (turns[-1] - 1, *turns, turns[0] + 1)


@lru_cache(maxsize=64)
def _spans(first: float, stride: float, count: int, size: int) -> tuple[tuple[int, int], ...]:
    """The buckets of each column: bucket i belongs to the one that its middle, i + 0.5, falls into."""
    edges = [math.ceil(first - 0.5 + column * stride) for column in range(count + 1)]
    if edges[0] < 0 or edges[-1] > size:
        edges = [min(size, max(0, edge)) for edge in edges]
    return tuple(pairwise(edges))


@lru_cache(maxsize=64)
def _picks(first: float, stride: float, count: int, size: int) -> tuple[_Picks, tuple[tuple[int, int], ...]]:
    """What picks a bucket for each column, number ``size`` where there is none; then columns with buckets more.

    Where buckets are wider than columns, it is the one that covers the middle of the column.
    """
    others: list[tuple[int, int]] = []
    if stride <= 1:
        middle = first + stride / 2
        middles = [math.floor(middle + column * stride) for column in range(count)]
        heads = [index if 0 <= index < size else size for index in middles]
    else:
        spans = _spans(first, stride, count, size)
        heads = [begin if begin < stop else size for begin, stop in spans]
        others = [(column, bucket) for column, (begin, stop) in enumerate(spans) for bucket in range(begin + 1, stop)]
    # one more is picked, as of a single one there would be no sequence
    return itemgetter(*heads, size), tuple(others)


def cell_of(at: float, start: float, end: float, width: int) -> int | None:
    """The column that stands for a time; the end itself is the last one, None outside of ``[start, end]``."""
    if not start <= at <= end or end <= start or width < 1:
        return None
    return min(width - 1, math.floor((at - start) / (end - start) * width))


def tick_marks(
    start: float, end: float, width: int, clock_text: Callable[[float], str] | None = None
) -> tuple[tuple[int, str], ...]:
    """Columns and labels from left to right.

    Without ``clock_text``: ages before the right edge such as ``-4m``, then ``now``. With it: round times as it
    writes them, seconds left out where all of them are ``:00``.
    """
    if end <= start or width < 1:
        return ()
    if clock_text is None:
        return _ages(end - start, width)
    return _times(start, end, width, clock_text)


def _every(span_s: float, width: int, label_cells: int) -> int | None:
    return next((tick for tick in TICKS_S if width * tick >= span_s * (label_cells + _GAP_CELLS)), None)


@lru_cache(maxsize=64)
def _ages(span_s: float, width: int) -> tuple[tuple[int, str], ...]:
    every = _every(span_s, width, 4)
    marks = [(width - 1, _NOW)]
    if every is not None:
        ages = range(every, math.floor(span_s) + 1, every)
        marks.extend((round(width * (1 - age / span_s)), f"-{_age(age)}") for age in ages)
    return tuple(marks[::-1])


def _age(age: int) -> str:
    """``4m30s`` rather than ``270s``."""
    minutes, seconds = divmod(age, 60)
    hours, rest = divmod(minutes, 60)
    if minutes and seconds:
        return f"{minutes}m{seconds}s"
    return f"{hours}h{rest}m" if hours and rest else format_span(float(age))


def _times(start: float, end: float, width: int, clock_text: Callable[[float], str]) -> tuple[tuple[int, str], ...]:
    every = _every(end - start, width, len(clock_text(end)))
    if every is None:
        return ()
    marks: list[tuple[int, str]] = []
    for index in range(math.ceil(start / every), math.floor(end / every) + 1):
        label = clock_text(float(index * every))
        if every >= 60 and label.count(":") == 2 and label.endswith(":00"):
            label = label[:-3]
        marks.append((math.floor((index * every - start) / (end - start) * width), label))
    return tuple(marks)


def time_labels(start: float, end: float, width: int, clock_text: Callable[[float], str] | None = None) -> str:
    """The labels of a time axis in exactly ``width`` cells, each under its column; those without room are left out."""
    return _age_labels(end - start, width) if clock_text is None else _labels(start, end, width, clock_text)


@lru_cache(maxsize=64)
def _age_labels(span_s: float, width: int) -> str:
    """Ages are the same at any time."""
    return _labels(0.0, span_s, width, None)


def _labels(start: float, end: float, width: int, clock_text: Callable[[float], str] | None) -> str:
    row = [" "] * max(0, width)
    free_to = width
    for column, label in reversed(tick_marks(start, end, width, clock_text)):
        begin = min(column - len(label) // 2, width - len(label))
        # the label of the left edge stands right of it
        begin = max(0, begin) if column < len(label) else begin
        if begin >= 0 and begin + len(label) <= free_to:
            row[begin : begin + len(label)] = label
            free_to = begin - 2
    return "".join(row)
