"""Whether something drifts over a long run, how fast, and how sure that is: or that the run was too short to tell."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.trend import Z95, theil_sen

LEAST_S = 60.0
# the first and the last value of a minute lie this much less apart
_EDGE_S = 3.0
_LEAST_POINTS = 30
# what changes by less over the whole run is nothing that anybody would act on; who can't leave out more than the
# second of them knows nothing
_MATTERS, _UNSURE = 0.05, 0.2


class Drift(NamedTuple):
    """``word``: ``drift``, ``none``, ``unsure`` or ``too short``. A slope a second with its 95 % interval.

    ``change`` is what it makes over the run, as a share of the median.
    """

    word: str
    slope: float | None = None
    low: float | None = None
    high: float | None = None
    change: float | None = None


def drift(points: Sequence[tuple[float, float]]) -> Drift:
    """``points`` are seconds and values.

    Drift is a slope whose interval leaves 0 out and that makes 5 % over the run; unsure is an interval that holds 0 and
    reaches to 20 %.
    """
    span = max((at for at, _ in points), default=0.0) - min((at for at, _ in points), default=0.0)
    if len(points) < _LEAST_POINTS or span < LEAST_S - _EDGE_S:
        return Drift("too short")
    trend = theil_sen(points, Z95)
    if trend is None:
        return Drift("too short")
    middle = statistics.median(value for _, value in points)
    change = trend.slope * span / middle if middle else 0.0
    if trend.low > 0 or trend.high < 0:
        word = "drift" if abs(change) >= _MATTERS else "none"
    else:
        most = max(-trend.low, trend.high) * span
        word = "unsure" if most > _UNSURE * abs(middle) else "none"
    return Drift(word, trend.slope, trend.low, trend.high, change)
