"""Services that answer requests, as table rows."""

from __future__ import annotations

import msgspec


class ServiceRow(msgspec.Struct, frozen=True, array_like=True):
    """What a configured service did in the last ``window_s`` seconds; ``key`` is its name.

    Latencies in seconds are read from a histogram's buckets: ``n`` requests were counted. What is not known is None.
    """

    key: str
    n: int
    window_s: float
    p50_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    requests_per_s: float | None = None
    error_ratio: float | None = None
    slo_p95_s: float | None = None
