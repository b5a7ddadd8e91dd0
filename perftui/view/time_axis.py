"""Which bucket stands in which column: every panel of one width shares one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.units import format_span

_TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800)
_MARK_CELLS = 12


def columns(
    values: Sequence[float | None], window_start: float, step_s: float, start: float, end: float, count: int
) -> list[float | None]:
    """``count`` columns over ``[start, end]``, each showing the bucket that covers the column's middle, or None."""
    stride = (end - start) / count / step_s
    first = (start - window_start) / step_s + stride / 2
    size = len(values)
    result: list[float | None] = []
    for column in range(count):
        at = first + column * stride
        result.append(values[int(at)] if 0 <= at < size else None)
    return result


def tick_marks(start: float, end: float, width: int) -> list[tuple[int, str]]:
    """Columns and labels such as ``-4m`` for round ages before the right edge, at least 12 cells apart."""
    span = end - start
    every = next((tick for tick in _TICKS_S if span / tick * _MARK_CELLS <= width), None)
    if every is None:
        return []
    marks: list[tuple[int, str]] = []
    age = every
    while age < span:
        column = round(width * (1 - age / span))
        marks.append((column, f"-{format_span(float(age))}"))
        age += every
    return marks[::-1]
