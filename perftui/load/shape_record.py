"""The part of a record that is about the shape: its levels with their figures, and what the shape was meant to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perftui.load.adapting_record import adapted
from perftui.load.job import Adapt, Job, Search, Stretch
from perftui.load.limits import is_behind
from perftui.load.run import Run
from perftui.load.soak import soaked
from perftui.load.spikes import spiked
from perftui.load.stress import searched
from perftui.load.tally import Tally

_MS, _TENTHS = 1e6, 10
# a level is seen to begin a tenth or two after it does
_HELD_S = 0.35


def shape_section(
    run: Run,
    job: Job,
    memory: Sequence[tuple[float, float]] = (),
    memory_of: str = "this machine",
    *,
    is_over: bool = True,
) -> dict[str, Any]:
    """``levels`` in the order of time; ``verdict`` is empty for a shape that looks for nothing.

    ``memory`` are seconds and bytes. A soak that is not over is not judged: a record is made every second.
    """
    levels = _levels(run, job)
    verdict: dict[str, Any] = {}
    if isinstance(job.control, Search):
        verdict = searched(run, job.control, levels)
    elif isinstance(job.control, Adapt):
        verdict = adapted(levels)
    elif job.shape == "spike":
        verdict = spiked(run, levels)
    elif job.shape == "soak" and is_over:
        verdict = soaked(run, memory, memory_of)
    return {"name": job.shape, "note": job.note, "levels": levels, "verdict": verdict}


def _levels(run: Run, job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if job.control is not None:
        for end in run.level_ends:
            found.append(_level(run, end.number, end.kind, end.rate, end.from_s, end.until_s))
            found[-1].update(outcome=end.outcome, limit=end.limit, value=end.value, silent=end.is_silent)
        return found
    begins = _begins(run, job.stretches)
    for number, stretch in enumerate(job.stretches):
        is_over = number + 1 < len(begins) and number + 1 in run.began
        until_s = begins[number + 1] if is_over else min(run.measured_s, begins[number] + stretch.duration_s)
        if until_s - begins[number] <= 1 / _TENTHS:
            break
        found.append(_level(run, number, stretch.kind, stretch.rate, begins[number], until_s))
    return found


def _begins(run: Run, stretches: Sequence[Stretch]) -> list[float]:
    """When planned levels began: as planned, later when the load was held still before."""
    found, at = [], 0.0
    for number, stretch in enumerate(stretches):
        began = run.began.get(number, at)
        at = began if began - at > _HELD_S else at
        found.append(at)
        at += stretch.duration_s
    return found


def _level(run: Run, number: int, kind: str, rate: float, from_s: float, until_s: float) -> dict[str, Any]:
    """``throughput`` are calls that ended in its time, whenever they were meant; all else is of its own calls."""
    tally = run.levels.get(number, Tally())
    # a tenth is told at its end
    first, last = round(from_s * _TENTHS), round(until_s * _TENTHS)
    ended = sum(run.ended.get(tenth, 0) for tenth in range(first + 1, last + 1))
    # who watches asks every second, and most levels are over
    key: tuple[float, ...] = (tally.offered, tally.done, tally.dropped, ended, until_s)
    known = run.levels_told.get(number)
    if known is not None and known[0] == key:
        return dict(known[1])
    response = tally.response()
    found = {
        "number": number, "kind": kind, "rate": round(rate, 3),
        "from_s": round(from_s, 3), "until_s": round(until_s, 3),
        "offered": tally.offered, "done": tally.done, "failed": tally.failed.n, "dropped": tally.dropped,
        "throughput": round(ended * _TENTHS / (last - first), 3) if last > first else None,
        "p50": _ms(response.quantile(0.5)), "p95": _ms(response.quantile(0.95)), "p99": _ms(response.quantile(0.99)),
        "lag_p99": _ms(tally.lag.quantile(0.99)), "behind": is_behind(tally),
        "errors": dict(sorted(tally.errors.items())),
    }  # fmt: skip
    run.levels_told[number] = (key, dict(found))
    return found


def _ms(ns: float | None) -> float | None:
    return None if ns is None else round(ns / _MS, 4)
