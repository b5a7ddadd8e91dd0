"""What the intervals of an adaptive load say about the target."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

_GOOD, _HELD = 0.95, 0.8


def adapted(levels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Throughputs a second: ``optimal`` is the highest with 95 % success, ``sustainable`` what 80 % of them reached.

    ``variability`` is the standard deviation of the intervals' throughput as a share of its mean.
    """
    seen = [level for level in levels if level["throughput"] is not None]
    if not seen:
        return {"text": ["no interval was finished"]}
    rates = [float(level["throughput"]) for level in seen]
    good = [rate for rate, level in zip(rates, seen, strict=True) if (level["value"] or 0.0) >= _GOOD]
    mean = statistics.fmean(rates)
    found = {
        "intervals": len(seen),
        "average": round(mean, 3),
        "maximum": max(rates),
        "optimal": max(good) if good else None,
        "sustainable": sorted(rates, reverse=True)[_needed(len(rates)) - 1],
        "success": round(statistics.fmean(level["value"] or 0.0 for level in seen), 4),
        "variability": round(statistics.pstdev(rates) / mean, 4) if mean else None,
        "last_rate": seen[-1]["rate"],
    }
    optimal = f"{max(good):.4g}/s is the most with 95 % success" if good else "no interval had 95 % success"
    text = [
        f"{len(seen)} intervals: {mean:.4g}/s on average, {max(rates):.4g}/s at most; {optimal}; 80 % of them reached "
        f"{found['sustainable']:.4g}/s",
        f"{found['success']:.1%} success on average; the last interval ran at {found['last_rate']:g}/s",
    ]
    behind = [level for level in seen if level["behind"]]
    if behind:
        text.append(f"this machine was behind in {len(behind)} of them: they say less about the target")
    return {**found, "text": text}


def _needed(count: int) -> int:
    """The smallest number of intervals that is 80 % of them."""
    return max(1, math.ceil(_HELD * count - 1e-9))
