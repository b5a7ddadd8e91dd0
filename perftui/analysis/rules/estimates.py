"""Low, middle and high of an estimate, from windows of the data: the only place where rules make an interval.

A gain compares two times, and both vary: so every window's "before" is paired with every window's "after", and the
10th, 50th and 90th percentile of the pairs are the interval. Windows overlap, so that each holds enough to be worth
anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from perftui.analysis.quantiles import percentile
from perftui.analysis.rules.signals import Signals
from perftui.domain.findings import Gain, Impact
from perftui.domain.units import Unit

MIN_WINDOWS = 10
_MOST_WINDOWS = 24
_SPREAD = 0.5
_MOST_GAIN = 0.99

T = TypeVar("T")


class Estimate(NamedTuple):
    """A gain with its interval; ``confidence`` is 0.5 when there were too few windows for one, else 1."""

    gain: Gain
    confidence: float


def limit(signals: Signals, defaults: dict[str, float], name: str) -> float:
    """A rule's threshold: as configured, else its default."""
    return signals.limits.get(name, defaults[name])


def windows_of(items: Sequence[T], least: int = 1, parts: int = 4) -> list[Sequence[T]]:
    """Overlapping windows of one of ``parts`` of the items each, around the end to the beginning, all of equal weight.

    Empty when there are fewer than ``MIN_WINDOWS`` items, or a window has fewer than ``least``.
    """
    n = len(items)
    size = -(-n // parts)
    if n < MIN_WINDOWS or size < least:
        return []
    ring = [*items, *items[:size]]
    places = min(n, _MOST_WINDOWS)
    return [ring[place * n // places : place * n // places + size] for place in range(places)]


def from_pairs(before: Sequence[float], after: Sequence[float], pooled: float) -> Estimate:
    """The interval of ``1 - after / before`` over all pairs of windows; ``pooled`` is the gain over all the data."""
    return from_values(
        [1 - then / now for now in before if now > 0 for then in after] if _enough(before) else (), pooled
    )


def from_values(values: Sequence[float], pooled: float) -> Estimate:
    """The interval of gains that were estimated window by window; +-50 % around ``pooled`` with too few of them."""
    if not _enough(values):
        low, high = pooled * (1 - _SPREAD), pooled * (1 + _SPREAD)
        return Estimate(Gain(_kept(low), _kept(pooled), _kept(high)), 0.5)
    ordered = sorted(values)
    low, mid, high = (_kept(percentile(ordered, part)) for part in (0.1, 0.5, 0.9))
    return Estimate(Gain(low, mid, high), 1.0)


def less(metric: str, unit: Unit, now: float, gain: Gain, method: str) -> Impact:
    """The impact of a gain on a metric that should fall and is ``now``."""
    return Impact(metric, unit, -now * gain.low, -now * gain.mid, -now * gain.high, method)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; raises ZeroDivisionError without values."""
    return sum(values) / len(values)


def _enough(values: Sequence[float]) -> bool:
    return len(values) >= MIN_WINDOWS


def _kept(gain: float) -> float:
    return min(_MOST_GAIN, max(0.0, gain))
