"""What consoles are told of a load: a pure function of its run and its job, bounded whatever the run counted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from perftui.domain.load import Endpoint, Level, LoadPhase, LoadState, Times, Verdict
from perftui.domain.text import clean
from perftui.load.histogram import Histogram, middle
from perftui.load.job import Job, Model
from perftui.load.record import advice, engine_of, judged, limited_by, quality_of
from perftui.load.run import Run
from perftui.load.shape_record import shape_section
from perftui.load.tally import Tally

MOST_BUCKETS, MOST_ENDPOINTS, MOST_KINDS, MOST_LEVELS = 60, 50, 24, 60
_NS_OF_MS = 1e6
_PHASES = ("connect", "tls", "send", "ttfb", "transfer")
_NOW = {
    "ramp": LoadPhase.RAMP, "warm-up": LoadPhase.WARM_UP, "measure": LoadPhase.MEASURE, "paused": LoadPhase.PAUSED,
    "drain": LoadPhase.DRAIN,
}  # fmt: skip
# how a run ends that did what was asked
_DONE = ("duration", "requests")
# buckets a power of two, finest first
_PARTS = (16.0, 8.0, 4.0, 2.0, 1.0)
_TEXT, _VERDICT = 120, 600
# the shape that looks for drift, and how levels ended that were too much
_DRIFT, _BAD = "soak", ("broke", "down", "not recovered")


class About(NamedTuple):
    """What neither the run nor its job knows; ``target`` is free of passwords, ``is_over`` once the engine ended."""

    target: str
    shape: str
    started_at: float
    owner: str
    factor: float = 1.0
    is_leased: bool = True
    is_over: bool = False


def load_state(run: Run, job: Job, about: About, section: Mapping[str, Any] | None = None) -> LoadState:
    """The load as it stands now; ``section`` is what its record says of its shape, when there is one."""
    tally, delta = run.tally, run.delta
    # what is under way is nothing any more once it is over
    now = None if about.is_over else delta
    response = tally.response()
    limit = limited_by(run, job) if tally.done else "none"
    before_s = -job.ramp_s - job.warm_up_s
    # while so many requests warm it up, nobody knows when the measured time begins
    at_s = before_s if delta is None else max(before_s, delta.measured_s)
    levels, verdict = _shape(run, job, section)
    return LoadState(
        run_id=job.run_id,
        target=clean(about.target, _TEXT),
        shape=about.shape,
        model=job.model.value,
        engine=clean(engine_of(run, job), _TEXT),
        phase=phase_of(run, job, is_over=about.is_over),
        started_at=about.started_at,
        at_s=run.measured_s if about.is_over else at_s,
        planned_s=job.length_s,
        rate=0.0 if now is None or job.model is Model.CLOSED else now.rate,
        factor=about.factor,
        connections=0 if now is None else now.connections,
        max_connections=job.connections,
        offered=tally.offered, sent=tally.sent, done=tally.done, dropped=tally.dropped, timed_out=tally.timed_out,
        in_flight=0 if now is None else now.in_flight,
        backlog=0 if now is None else now.backlog,
        bytes=tally.bytes,
        errors=_most(tally.errors),
        response=times(response), service=times(tally.service), blocked=times(tally.blocked), lag=times(tally.lag),
        phases=shares(tally),
        buckets=buckets(response),
        thresholds=_verdicts(run, job),
        endpoints=_endpoints(tally),
        checks={clean(text, _TEXT): counts for text, counts in list(tally.checks.items())[:MOST_ENDPOINTS]},
        levels=levels,
        verdict=verdict,
        cpu_share=run.cpu_s / run.measured_s if run.measured_s > 0 else None,
        late_share=tally.late / tally.offered if tally.offered else None,
        limited_by=limit,
        advice=tuple(advice(limit, engine_of(run, job))),
        percentile_quality=clean(quality_of(run, job), _TEXT),
        stopped_by=clean(run.stopped_by, _TEXT) if about.is_over else "",
        owner=clean(about.owner, _TEXT),
        leased=about.is_leased,
    )  # fmt: skip


def phase_of(run: Run, job: Job, *, is_over: bool) -> LoadPhase:
    """What it does, or how it ended: a target that did not answer the first request was never loaded."""
    if not is_over:
        phase = _NOW.get(run.phase, LoadPhase.STARTING)
        warms = phase is LoadPhase.RAMP and run.delta is not None and run.delta.at_s > job.ramp_s
        return LoadPhase.WARM_UP if warms and (job.warm_up_s or job.warm_up_requests) else phase
    if run.stopped_by in _DONE:
        return LoadPhase.DONE
    if run.stopped_by.startswith("probe"):
        return LoadPhase.REFUSED
    return LoadPhase.LOST if run.stopped_by.startswith("engine") else LoadPhase.STOPPED


def times(histogram: Histogram) -> Times:
    """Percentiles in milliseconds."""
    if not histogram.n:
        return Times()
    p50, p90, p95, p99, p99_9 = (_ms(histogram, q) for q in (0.5, 0.9, 0.95, 0.99, 0.999))
    return Times(histogram.n, p50, p90, p95, p99, p99_9, histogram.high / _NS_OF_MS)


def _ms(histogram: Histogram, q: float) -> float | None:
    ns = histogram.quantile(q)
    return None if ns is None else ns / _NS_OF_MS


def buckets(histogram: Histogram) -> tuple[tuple[float, int], ...]:
    """Counts below bounds in milliseconds that grow by a factor, from the lowest value to the highest, no gaps."""
    if not histogram.n:
        return ()
    low, high = math.log2(max(1, histogram.low)), math.log2(max(1, histogram.high))
    parts: float = next(
        (parts for parts in _PARTS if math.floor(high * parts) - math.floor(low * parts) < MOST_BUCKETS), 0.5
    )
    first = math.floor(low * parts)
    counts = [0] * (math.floor(high * parts) - first + 1)
    for index, count in histogram.counts.items():
        # the middle of a bucket may lie beyond the values that are in it
        place = math.floor(math.log2(max(1.0, middle(index))) * parts) - first
        counts[min(len(counts) - 1, max(0, place))] += count
    return tuple((2 ** ((first + place + 1) / parts) / _NS_OF_MS, count) for place, count in enumerate(counts))


def shares(tally: Tally) -> dict[str, float]:
    """The share of each phase in the time that all took together; those that took none are left out."""
    totals = {name: getattr(tally, name).total for name in _PHASES}
    whole = sum(totals.values())
    return {name: total / whole for name, total in totals.items() if total} if whole else {}


def _shape(run: Run, job: Job, section: Mapping[str, Any] | None) -> tuple[tuple[Level, ...], str]:
    """The newest levels; what the shape has found is told when it is over, as until then it is looking."""
    if section is None and job.shape == _DRIFT:
        return (), ""  # all seconds are compared with all others: not every second
    found = shape_section(run, job) if section is None else section
    levels = tuple(
        Level(
            one["rate"], one["throughput"] or 0.0, one["p50"], one["p95"], one["p99"],
            one["failed"] / one["done"] if one["done"] else 0.0, one.get("outcome") not in _BAD,
        )
        for one in found["levels"][-MOST_LEVELS:]
    )  # fmt: skip
    text = () if section is None else section["verdict"].get("text", ())
    return levels, clean("; ".join(text), _VERDICT)


def _verdicts(run: Run, job: Job) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(clean(one["expr"], _TEXT), one["ok"], one["value"], run.broken_at.get(one["expr"]))
        for one in judged(run, job)
    )


def _endpoints(tally: Tally) -> tuple[Endpoint, ...]:
    """The busiest, in the order in which they came."""
    found = tally.endpoints
    if len(found) > MOST_ENDPOINTS:
        least = sorted((one.done for one in found.values()), reverse=True)[MOST_ENDPOINTS - 1]
        found = dict([(name, one) for name, one in found.items() if one.done >= least][:MOST_ENDPOINTS])
    return tuple(Endpoint(clean(name, _TEXT), one.done, one.failed, times(one.response)) for name, one in found.items())


def _most(errors: Mapping[str, int]) -> dict[str, int]:
    """The most frequent kinds first, the rest of them as one."""
    ordered = sorted(errors.items(), key=lambda one: (-one[1], one[0]))
    kept = {clean(kind, _TEXT): count for kind, count in ordered[: MOST_KINDS - 1]}
    rest = sum(count for _, count in ordered[MOST_KINDS - 1 :])
    return {**kept, "other": kept.get("other", 0) + rest} if rest else kept
