"""What the figures of workflows and agents mean: every definition once, from times and sums to ratios."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from perftui.analysis.quantiles import percentile

# while it runs, nothing is complete
_ALMOST = 0.99


class Times(NamedTuple):
    """Mean and percentiles of durations in seconds."""

    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


def times(ordered: Sequence[float]) -> Times:
    """Of durations in ascending order; all None without any."""
    if not ordered:
        return Times()
    return Times(sum(ordered) / len(ordered), *(percentile(ordered, part) for part in (0.5, 0.95, 0.99)))


def middle(ordered: Sequence[float]) -> float | None:
    """The median of values in ascending order, None without any."""
    return percentile(ordered, 0.5) if ordered else None


def expected_s(estimate_s: float | None, earlier: Sequence[float]) -> float | None:
    """How long something should take: as estimated, else the median of how long it took before (ascending)."""
    return middle(earlier) if estimate_s is None else estimate_s


def phase_efficiency(expected: float | None, elapsed_s: float, busy_ratio: float | None) -> float | None:
    """min(1, expected / elapsed) times the share of agent time that was worked (SPEC W3); of runs likewise.

    None while one of them is not known.
    """
    if expected is None or busy_ratio is None or elapsed_s <= 0:
        return None
    return min(1.0, expected / elapsed_s) * busy_ratio


def utilisation(busy_s: float, there_s: float) -> float | None:
    """The share of the slots' time that was worked; None when no slot was there."""
    return min(1.0, busy_s / there_s) if there_s > 0 else None


def balance(busy: Iterable[float]) -> float | None:
    """How evenly work was spread: (nJ - 1) / (n - 1) of Jain's index J = (sum x)^2 / (n sum x^2).

    1 when all did the same, 0 when one did everything; None for fewer than two, or when nobody did anything.
    """
    values = list(busy)
    squares = sum(value * value for value in values)
    if len(values) < 2 or squares <= 0:
        return None
    jain_n = sum(values) ** 2 / squares
    return min(1.0, max(0.0, (jain_n - 1) / (len(values) - 1)))


def progress(over: int, known: int, elapsed_s: float | None, expected: float | None, *, ended: bool) -> float | None:
    """Tasks that are over of those known, or elapsed of expected, whichever is less: tasks may still be to come."""
    if ended:
        return 1.0
    parts = [over / known] if known else []
    if elapsed_s is not None and expected:
        parts.append(elapsed_s / expected)
    return min(_ALMOST, max(0.0, min(parts))) if parts else None


def share(part: int, whole: int) -> float | None:
    """A ratio of counts, None of nothing."""
    return part / whole if whole else None


def overlap_s(start: float, end: float, since: float, until: float) -> float:
    """For how long two spans were at the same time."""
    first = start if start > since else since
    last = end if end < until else until
    return last - first if last > first else 0.0


class Worked(NamedTuple):
    """A span of time and the agent time that was worked for it."""

    start: float
    end: float
    busy_s: float


class Piled:
    """Spans (from, until, how much a second) on top of each other: how much there was between two moments, without a
    look at each of them.
    """

    def __init__(self, spans: Iterable[tuple[float, float, float]]) -> None:
        steps: dict[float, float] = {}
        for start, end, rate in spans:
            if end > start:
                steps[start] = steps.get(start, 0.0) + rate
                steps[end] = steps.get(end, 0.0) - rate
        self._times = sorted(steps)
        self._sums: list[float] = []
        self._rates: list[float] = []
        total = rate = before = 0.0
        for at in self._times:
            total, rate, before = total + rate * (at - before), rate + steps[at], at
            self._sums.append(total)
            self._rates.append(rate)

    def between(self, start: float, end: float) -> float:
        return max(0.0, self._until(end) - self._until(start)) if end > start else 0.0

    def _until(self, at: float) -> float:
        place = bisect_right(self._times, at) - 1
        return self._sums[place] + self._rates[place] * (at - self._times[place]) if place >= 0 else 0.0


def piled(spans: Iterable[Worked]) -> Piled:
    """What was worked for each, spread evenly over its time."""
    return Piled((one.start, one.end, one.busy_s / (one.end - one.start)) for one in spans if one.end > one.start)


def agents_busy_s(span: Worked, everything: Piled) -> float:
    """Agent time that was worked during a span: for it, and for others that ran at the same time.

    ``everything`` is all that was worked, this span's work as well: agents that share their time are not idle.
    """
    return everything.between(span.start, span.end) if span.end > span.start else span.busy_s
