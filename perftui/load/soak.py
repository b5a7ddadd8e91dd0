"""What a soak is for: does anything creep? The latency of good answers, and memory, over the seconds of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perftui.analysis.drift import LEAST_S, Drift, drift
from perftui.load.run import Run

_HOUR, _MS, _MB = 3600.0, 1e6, 1e6


def soaked(run: Run, memory: Sequence[tuple[float, float]], of: str) -> dict[str, Any]:
    """``memory`` are seconds and bytes, ``of`` whose they are."""
    latency = [
        (float(second), p95 / _MS)
        for second, each in sorted(run.seconds.items())
        if (p95 := each.response.quantile(0.95)) is not None
    ]
    megabytes = [(at, value / _MB) for at, value in memory]
    found = {"latency": _told(drift(latency), "ms"), "memory": {"of": of, **_told(drift(megabytes), "MB")}}
    text = [_line("p95 of the response time", found["latency"]), _line(f"memory of {of}", found["memory"])]
    return {**found, "text": text}


def _told(found: Drift, unit: str) -> dict[str, Any]:
    """Slopes are an hour, in ``unit``."""
    slope, low, high = (
        None if each is None else round(each * _HOUR, 4) for each in (found.slope, found.low, found.high)
    )
    change = None if found.change is None else round(found.change, 4)
    return {
        "verdict": found.word, "unit": f"{unit}/h", "slope": slope, "low": low, "high": high, "change": change
    }  # fmt: skip


def _line(name: str, found: dict[str, Any]) -> str:
    if found["slope"] is None:
        return f"{name}: too short to tell, a drift needs {LEAST_S:g} s of figures"
    interval = f"{found['slope']:+.4g} {found['unit']} (95 % interval {found['low']:+.4g} to {found['high']:+.4g})"
    if found["verdict"] == "drift":
        return f"{name} drifts: {interval}, {found['change']:+.1%} over the run"
    if found["verdict"] == "unsure":
        return f"{name}: can't tell, too noisy for so short a run: {interval}"
    return f"{name}: no drift, {interval}"
