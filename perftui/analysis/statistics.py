"""Figures of samples: defined once, for rules, alerts and workflows alike."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(ordered: Sequence[float], part: float) -> float:
    """Linear interpolation between the closest ranks (Hyndman and Fan's type 7) of values in ascending order.

    ``part`` is from 0 to 1. Raises IndexError when there are no values.
    """
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(ordered: Sequence[float]) -> float | None:
    """Of values in ascending order, None without any."""
    return percentile(ordered, 0.5) if ordered else None
