"""A rate as a Prometheus has recorded it: one series of a range, for a load that is to follow it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from perftui.config.schema import PrometheusSource
from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.prometheus.direct import Direct
from perftui.sources.prometheus.steps import MAX_POINTS, nice_step

_LEAST_STEP_S, _POINTS = 1.0, 600


async def recorded_rates(
    url: str, expr: str, start: float, end: float, step_s: float, environ: Mapping[str, str]
) -> list[tuple[float, float]]:
    """Epoch seconds and values; ``step_s`` 0 is about 600 of them. Raises QueryError, also for several series."""
    step_s = step_s or max(_LEAST_STEP_S, nice_step((end - start) / _POINTS))
    if end <= start or (end - start) / step_s > MAX_POINTS:
        raise QueryError(ErrorKind.BAD_QUERY, f"{end - start:g} s in steps of {step_s:g} s are no range")
    direct = Direct(PrometheusSource(url=url), environ)
    try:
        found = await direct.query_range(expr, start, end, step_s)
    finally:
        await direct.close()
    if len(found) != 1:
        raise QueryError(ErrorKind.BAD_QUERY, f"{len(found)} series where one rate is needed: sum(rate(...)) gives one")
    try:
        points = [(float(at), float(value)) for at, value in found[0]["values"]]
    except (KeyError, TypeError, ValueError):
        raise QueryError(ErrorKind.BAD_DATA, "an answer that is no series") from None
    return [(at, value) for at, value in points if math.isfinite(value)]
