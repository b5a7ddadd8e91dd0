"""Time axes that stand still, as on an ECG: the newest value walks from left to right and begins again at the left.

A chart that scrolls changes nearly all of its cells each tick; on a slow link that is most of what is sent. Swept,
only the newest column and the gap before the oldest one change. A turn begins at every whole multiple of the span
since 1970, so that charts of one span turn together and a value keeps its column.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from perftui.view.time_axis import cell_of, columns, tick_marks, time_labels

NOW = "↑"
# at least one whole cell of two columns stays empty
_LEAST_GAP, _GAP_SHARE = 3, 32


class Scrolling:
    """The usual axis: the newest value at the right edge."""

    columns = staticmethod(columns)
    cell_of = staticmethod(cell_of)
    labels = staticmethod(time_labels)

    @staticmethod
    def scan(start: float, end: float, width: int) -> int | None:
        """The column right of the newest one, where a line parts it from the oldest; None where there is none."""
        return None


class Sweeping(Scrolling):
    """``start`` and ``end`` are those of the usual axis: what is shown is the same time, put on other columns."""

    @staticmethod
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
        """As ``time_axis.columns``; of this turn up to the newest, a gap, and the rest of the turn before."""
        span = end - start
        if count < 1 or span <= 0:
            return columns(values, window_start, step_s, start, end, count, above=above)
        turn, head = _turn(start, end), _head(start, end, count)
        ring = _ring(values, window_start, step_s, turn, span, count, head)
        if ring is not None:
            shown = columns(ring, turn, step_s, turn, turn + span, count, above=above)
        else:
            newest = columns(values, window_start, step_s, turn, turn + span, count, above=above)
            before = columns(values, window_start, step_s, turn - span, turn, count, above=above)
            shown = [*newest[: head + 1], *before[head + 1 :]]
        gap = min(max(_LEAST_GAP, math.ceil(count / _GAP_SHARE)), count - head - 1)
        shown[head + 1 : head + 1 + gap] = [None] * gap
        return shown

    @staticmethod
    def cell_of(at: float, start: float, end: float, width: int) -> int | None:
        """The column of a time; None outside of what is shown, and where the gap is."""
        if not start <= at <= end or end <= start or width < 1:
            return None
        head, cell = _head(start, end, width), _column(at - _turn(start, end), end - start, width)
        hidden = at < _turn(start, end) and head <= cell <= head + max(1, math.ceil(width / _GAP_SHARE))
        return None if hidden else cell

    @staticmethod
    def scan(start: float, end: float, width: int) -> int | None:
        """In the gap; None when the newest column is the last one."""
        head = _head(start, end, width) if end > start and width > 1 else width
        return head + 1 if head + 1 < width else None

    @staticmethod
    def labels(start: float, end: float, width: int, clock_text: Callable[[float], str] | None = None) -> str:
        """Times of day, of this turn up to the newest column and of the turn before behind it; an arrow marks now.

        Without ``clock_text`` the arrow alone: ages would have to move with every tick.
        """
        if end <= start or width < 1:
            return " " * max(0, width)
        return _labels(_turn(start, end), end - start, width, _head(start, end, width), clock_text)


SCROLL, SWEEP = Scrolling(), Sweeping()


def _turn(start: float, end: float) -> float:
    """When the turn that ``end`` belongs to began."""
    return math.floor(end / (end - start)) * (end - start)


def _head(start: float, end: float, width: int) -> int:
    return _column(end - _turn(start, end), end - start, width)


def _column(after_s: float, span_s: float, width: int) -> int:
    """The column of what is so long after the turn began, or before it."""
    return min(width - 1, math.floor(after_s % span_s / span_s * width))


def _ring(
    values: Sequence[float | None],
    window_start: float,
    step_s: float,
    turn: float,
    span_s: float,
    count: int,
    head: int,
) -> list[float | None] | None:
    """One span of buckets from ``turn`` on, those to come taken from the turn before: half of the work of two spans.

    None where a bucket may be wider than a column, or buckets and turns do not begin together.
    """
    size, first = round(span_s / step_s), round((turn - window_start) / step_s)
    if abs(size * step_s - span_s) > step_s / 1000 or abs(window_start + first * step_s - turn) > step_s / 1000:
        return None
    if size < count or first < 0:
        return None
    ring = list(values[first : first + size])
    # what stands in the newest column and is yet to come is not taken from the turn before
    ring += [None] * (math.ceil((head + 1) * size / count) - len(ring))
    older = first - size + len(ring)
    tail = list(values[max(0, older) : first])
    return [*ring, *[None] * (size - len(ring) - len(tail)), *tail]


@lru_cache(maxsize=128)
def _labels(turn: float, span_s: float, width: int, head: int, clock_text: Callable[[float], str] | None) -> str:
    """They change only when the newest column does."""
    marks: list[tuple[int, str]] = []
    if clock_text is not None:
        old = tick_marks(turn - span_s, turn, width, clock_text)
        marks += [mark for mark in old if head < mark[0] < width]
        marks += [mark for mark in tick_marks(turn, turn + span_s, width, clock_text) if mark[0] <= head]
    row = [" "] * width
    row[head] = NOW
    for column, label in sorted(marks, reverse=True):
        begin = max(0, min(column - len(label) // 2, width - len(label)))
        if begin + len(label) <= width and not "".join(row[max(0, begin - 1) : begin + len(label) + 1]).strip():
            row[begin : begin + len(label)] = label
    return "".join(row)
