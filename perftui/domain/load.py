"""Loads as a session tells of them: the one that runs, and those that are over, in a person's words.

Milliseconds where a name ends in ``_ms``, seconds in ``_s``; what was not measured is None, never 0.
"""

from __future__ import annotations

from enum import Enum

import msgspec


class LoadPhase(str, Enum):
    """What a load does now. ``LOST``: its engine ended without a word; what it had counted is kept."""

    STARTING = "starting"
    RAMP = "ramp"
    WARM_UP = "warm_up"
    MEASURE = "measure"
    PAUSED = "paused"
    DRAIN = "drain"
    DONE = "done"
    STOPPED = "stopped"
    LOST = "lost"
    REFUSED = "refused"

    @property
    def is_over(self) -> bool:
        return self in (LoadPhase.DONE, LoadPhase.STOPPED, LoadPhase.LOST, LoadPhase.REFUSED)


class Times(msgspec.Struct, frozen=True, array_like=True):
    """Percentiles of ``n`` measured times, in milliseconds."""

    n: int = 0
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    p99_9: float | None = None
    max: float | None = None


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """A threshold: ``value`` in the unit of its expression, ``broken_at_s`` since the measured time began."""

    expr: str
    ok: bool
    value: float | None = None
    broken_at_s: float | None = None


class Endpoint(msgspec.Struct, frozen=True, array_like=True):
    """One target, or one step of a journey."""

    name: str
    done: int
    failed: int
    response: Times


class Level(msgspec.Struct, frozen=True, array_like=True):
    """One rate that was held for a while: offered and done a second, and how long answers took."""

    rate: float
    throughput: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    failed_share: float
    ok: bool


class LoadState(msgspec.Struct, frozen=True):
    """The load that runs, or the last one that did. Never holds a header's value, a body or a password.

    ``buckets`` are the response times as (upper bound in ms, count), at most 60 of them, in order; ``phases`` the share
    of time by name (connect, tls, send, ttfb, transfer). ``cpu_share`` is of one core, of the engine. ``limited_by``
    and ``advice`` are as the record's; ``owner`` is who started it; ``leased`` whether it ends with its console.
    ``planned_s`` is the measured time that was asked for, ``at_s`` how much of it is over (negative before it).
    ``factor`` is what the planned rate is multiplied with by hand; ``verdict`` what the shape found (a breaking point,
    a recovery time, a drift), as a sentence.
    """

    run_id: str
    target: str
    shape: str
    model: str
    engine: str
    phase: LoadPhase
    started_at: float
    at_s: float
    planned_s: float
    rate: float
    factor: float
    connections: int
    max_connections: int
    offered: int
    sent: int
    done: int
    dropped: int
    timed_out: int
    in_flight: int
    backlog: int
    bytes: int
    errors: dict[str, int]
    response: Times
    service: Times
    blocked: Times
    lag: Times
    phases: dict[str, float]
    buckets: tuple[tuple[float, int], ...]
    thresholds: tuple[Verdict, ...]
    endpoints: tuple[Endpoint, ...]
    levels: tuple[Level, ...] = ()
    checks: dict[str, tuple[int, int]] = {}
    cpu_share: float | None = None
    late_share: float | None = None
    limited_by: str = "none"
    advice: tuple[str, ...] = ()
    percentile_quality: str = "exact"
    verdict: str = ""
    stopped_by: str = ""
    owner: str = ""
    leased: bool = False


class LoadRunRow(msgspec.Struct, frozen=True, array_like=True):
    """A past run, as a row of the table ``load_runs``; ``key`` is its id. ``ok``: no threshold was broken."""

    key: str
    started_at: float
    duration_s: float
    target: str
    shape: str
    model: str
    engine: str
    rate: float | None
    done: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    ok: bool
    limited_by: str
    stopped_by: str
