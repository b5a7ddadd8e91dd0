"""A run as one document: what ``--json`` prints and what history keeps. What is not known is null."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from perftui.load.histogram import Histogram
from perftui.load.job import Job, Model, Search
from perftui.load.kept import kept
from perftui.load.limits import is_behind, is_blocked, is_busy
from perftui.load.run import Run, Second
from perftui.load.shape_record import shape_section
from perftui.load.tally import Tally
from perftui.load.thresholds import parse_threshold

# what a record says while the load runs: whoever was killed can't correct it any more
UNFINISHED = "lost: whoever started it was killed"
_MS = 1e6
_FAILED_SHARE = 0.05
_GOOD_SHARE, _HELD_SHARE = 0.95, 0.8
_QUANTILES = (
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p99_9", 0.999),
    ("p99_99", 0.9999),
)
COMPAT_QUALITY = "compat: the time of httpx is in every figure; at most 100 requests a second"
# two hours; what is longer is told by its end
MOST_SECONDS = 7200
_COUNTS = ("offered", "sent", "done", "dropped", "timed_out", "bytes")
_PHASES = ("connect", "tls", "send", "ttfb", "transfer")


def record(
    run: Run,
    job: Job,
    plan: Mapping[str, Any],
    started_at: float,
    resources: Mapping[str, Any],
    environment: Mapping[str, Any],
    memory: Sequence[tuple[float, float]] = (),
    memory_of: str = "this machine",
    *,
    is_over: bool = True,
) -> dict[str, Any]:
    """``plan`` is what was asked for, in plain words; ``started_at`` seconds since the epoch.

    ``memory`` is what a soak judges: seconds and bytes, of whom ``memory_of`` says. Of a run that is not over the
    histograms are left out: making them would hold up whoever has to stop it.
    """
    tally = run.tally
    thresholds = judged(run, job)
    stopped = run.stopped_by
    failed = any(not threshold["ok"] for threshold in thresholds)
    section = shape_section(run, job, memory, memory_of, is_over=is_over)
    return {
        "run_id": job.run_id,
        "engine": engine_of(run, job),
        "plan": dict(plan),
        "started": datetime.fromtimestamp(started_at, timezone.utc)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "duration_s": round(run.measured_s, 3),
        **_counted(tally),
        **_timed(tally),
        "phases_ms": _phases(tally, job),
        "throughput": throughput(run),
        "resources": dict(resources),
        "endpoints": _endpoints(tally),
        "journeys": journeys(tally, job),
        "thresholds": thresholds,
        "shape": section,
        "seconds": seconds(run),
        "limited_by": limited_by(run, job),
        "percentile_quality": quality_of(run, job),
        "histograms": kept(run) if is_over else None,
        "factors": {},
        "environment": dict(environment),
        "stopped_by": stopped,
        "exit_code": 99 if failed else 0 if stopped in ("duration", "requests", "user") else 4,
    }


def _counted(tally: Tally) -> dict[str, Any]:
    return {
        **{name: getattr(tally, name) for name in _COUNTS},
        "errors": dict(sorted(tally.errors.items())),
        "checks": {text: {"passed": passed, "failed": broken} for text, (passed, broken) in tally.checks.items()},
    }


def _timed(tally: Tally) -> dict[str, Any]:
    return {
        "response_ms": figures(tally.response()),
        "response_ok_ms": figures(tally.ok),
        "service_ms": figures(tally.service),
        "blocked_ms": figures(tally.blocked),
        "lag_ms": figures(tally.lag),
    }


def _endpoints(tally: Tally) -> list[dict[str, Any]]:
    return [
        {"name": name, "done": each.done, "failed": each.failed, "response_ms": figures(each.response)}
        for name, each in tally.endpoints.items()
    ]


def journeys(tally: Tally, job: Job) -> dict[str, int] | None:
    """How journeys ended; ``unfinished`` are those that the end of the run cut off. None for single requests."""
    if job.flow is None or not job.flow.is_journey:
        return None
    started, completed, abandoned = (tally.journeys.get(name, 0) for name in ("started", "completed", "abandoned"))
    return {
        "started": started,
        "completed": completed,
        "abandoned": abandoned,
        "unfinished": started - completed - abandoned,
    }


def quality_of(run: Run, job: Job) -> str:
    """What the percentiles of a run are worth."""
    return run.quality if job.compat is None else COMPAT_QUALITY


def engine_of(run: Run, job: Job) -> str:
    """Who sends it, and on what."""
    if run.engine:
        return run.engine
    name = "perftui" if job.compat is None else "perftui compat"
    return f"{name} ({run.loop})" if run.loop else name


def figures(histogram: Histogram) -> dict[str, Any]:
    """Milliseconds; null where nothing was measured."""
    low, high = (histogram.low, histogram.high) if histogram.n else (None, None)
    return {
        "min": _ms(low), "mean": _ms(histogram.mean()), "sd": _ms(histogram.deviation()),
        **{name: _ms(histogram.quantile(q)) for name, q in _QUANTILES},
        "max": _ms(high), "n": histogram.n,
    }  # fmt: skip


def judged(run: Run, job: Job) -> list[dict[str, Any]]:
    """Every threshold at the end. One that ended the run is broken, whatever its value is by now."""
    if isinstance(job.control, Search):
        return _judged_level(run, job.control)
    ended = {breach.expr for breach in run.breaches if breach.aborts}
    found = []
    for threshold in job.thresholds:
        condition = parse_threshold(threshold.expr)
        value = condition.value(run.tally, run.measured_s)
        ok = condition.holds(value) and threshold.expr not in ended
        found.append({"expr": threshold.expr, "ok": ok, "value": None if value is None else round(value, 6)})
    return found


def seconds(run: Run) -> list[dict[str, Any]]:
    """The measured time second by second, for charts of two runs; one in which nothing happened is left out."""
    newest = max(run.seconds, default=0)
    kept = sorted(run.seconds)[-MOST_SECONDS:]
    for key in kept:
        # a second that is over is told once: a record is made every second, and a soak has many of them
        if key not in run.told or key >= newest - 1:
            run.told[key] = _second(key, run.seconds[key])
    return [run.told[key] for key in kept]


def _second(key: int, second: Second) -> dict[str, Any]:
    response = second.response
    return {
        "t": key, "offered": second.offered, "sent": second.sent, "done": second.done, "failed": second.failed,
        "p50_ms": _ms(response.quantile(0.5)), "p95_ms": _ms(response.quantile(0.95)),
        "p99_ms": _ms(response.quantile(0.99)),
    }  # fmt: skip


def _judged_level(run: Run, search: Search) -> list[dict[str, Any]]:
    """A search's thresholds are those of a level: of the highest one that held, or else of the first."""
    held = [end for end in run.level_ends if end.outcome == "held"]
    end = max(held, key=lambda each: each.rate) if held else next(iter(run.level_ends), None)
    if end is None:
        return [{"expr": expr, "ok": True, "value": None} for expr in search.thresholds]
    found = []
    for expr in search.thresholds:
        value = parse_threshold(expr).value(run.levels.get(end.number, Tally()), end.until_s - end.from_s)
        # it was judged when the level ended, with the calls that were not over then
        found.append({"expr": expr, "ok": bool(held), "value": None if value is None else round(value, 6)})
    return found


def throughput(run: Run) -> dict[str, float | None]:
    """Requests a second that were done, over whole seconds.

    ``optimal`` is the most with 95 % success, ``sustainable`` is reached in 80 % of the seconds, ``variability`` is the
    standard deviation as a share of the mean.
    """
    whole = [run.seconds.get(key) for key in range(int(run.measured_s + 1e-6))]
    done = [float(second.done) if second is not None else 0.0 for second in whole]
    if not done:
        return dict.fromkeys(("average", "max", "optimal", "sustainable", "variability"))
    good = [s.done for s in whole if s is not None and s.done and s.failed <= (1 - _GOOD_SHARE) * s.done]
    mean = statistics.fmean(done)
    return {
        "average": round(run.tally.done / run.measured_s, 3),
        "max": max(done),
        "optimal": float(max(good)) if good else None,
        "sustainable": sorted(done)[int((1 - _HELD_SHARE) * len(done))],
        "variability": round(statistics.pstdev(done) / mean, 4) if mean else None,
    }


def limited_by(run: Run, job: Job) -> str:
    """What kept the run from being what was asked for: ``generator``, ``connections``, ``target`` or ``none``.

    A search goes beyond what can be on purpose: its limit is that of the lowest rate that did not hold. It is
    ``unknown`` where another engine can't say how late it was itself.
    """
    tally = run.tally
    if isinstance(job.control, Search):
        return _limited_search(run)
    if is_behind(tally) or is_busy(run.cpu_s, run.measured_s):
        return "generator"
    if job.model is Model.OPEN and is_blocked(tally):
        return "connections"
    if job.model is Model.CLOSED or tally.failed.n > _FAILED_SHARE * max(1, tally.done):
        return "target"
    return "unknown" if run.engine and tally.done and not tally.lag.n else "none"


def _limited_search(run: Run) -> str:
    broken = [end for end in run.level_ends if end.outcome == "broke"]
    if not broken:
        return "none"
    limit = min(broken, key=lambda end: end.rate).limit.partition(": ")[0]
    return limit if limit in ("generator", "connections") else "target"


def _phases(tally: Tally, job: Job) -> dict[str, Any]:
    """``share`` is of the time that all phases took together."""
    histograms: dict[str, Histogram] = {"dns": Histogram()}
    if job.dns_ns:
        histograms["dns"].record(job.dns_ns)
    histograms.update({name: getattr(tally, name) for name in _PHASES})
    if job.compat is not None:
        # httpx connects within its requests
        histograms.update(connect=Histogram(), tls=Histogram())
    whole = sum(histogram.total for histogram in histograms.values())
    return {
        name: {
            "mean": _ms(histogram.mean()), "p50": _ms(histogram.quantile(0.5)), "p95": _ms(histogram.quantile(0.95)),
            "p99": _ms(histogram.quantile(0.99)), "max": _ms(histogram.high if histogram.n else None),
            "share": round(histogram.total / whole, 4) if whole and histogram.n else None,
        }
        for name, histogram in histograms.items()
    }  # fmt: skip


def _ms(ns: float | None) -> float | None:
    return None if ns is None else round(ns / _MS, 4)


def advice(limit: str, engine: str = "") -> Sequence[str]:
    """What to do about a limit, for a person; ``engine`` is what a record says of it."""
    lines: tuple[str, ...] = {
        "generator": ("This machine was the limit, not the target: lower the rate, or use more than one machine.",),
        "connections": ("Arrivals waited for a connection: raise --connections to see the target without that wait.",),
        "target": ("The target was the limit.",),
        "unknown": ("This engine does not tell how late it was itself, so that it may have been the limit.",),
    }.get(limit, ())
    if engine.endswith("(asyncio)"):
        lines += ("The engine ran on asyncio, not on uvloop: it takes several times the CPU for a request.",)
    return lines
