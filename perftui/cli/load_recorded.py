"""A plan whose rate a Prometheus has recorded: it is asked before anything is judged or sent."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import msgspec

from perftui.config.values import parse_span
from perftui.domain.errors import PerftuiError, QueryError
from perftui.domain.text import clean
from perftui.load.log_times import moment
from perftui.load.shapes import Shape

if TYPE_CHECKING:
    from perftui.load.plan import Plan


def asked(plan: Plan) -> Plan:
    """The plan with the points in it; as it is when it needs none. Raises PerftuiError."""
    told = plan.recorded
    if plan.shape is not Shape.RECORDED or not told.prometheus or told.points:
        return plan
    from perftui.sources.prometheus.recorded_rates import recorded_rates

    if not told.expr:
        raise PerftuiError("recorded.expr: which rate? such as 'sum(rate(http_requests_total[1m]))'")
    now = time.time()
    start, end = _time(told.start, now), _time(told.end, now)
    try:
        step_s = parse_span(told.step) if told.step else 0.0
        points = asyncio.run(recorded_rates(told.prometheus, told.expr, start, end, step_s, os.environ))
    except (QueryError, ValueError) as error:
        raise PerftuiError(f"recorded: {clean(str(error), 300)}") from None
    note = f"{told.expr}: {len(points)} points from Prometheus"
    return msgspec.structs.replace(plan, recorded=msgspec.structs.replace(told, points=tuple(points), note=note))


def _time(text: str, now: float) -> float:
    """``now``, ``-1h``, epoch seconds or RFC 3339."""
    text = text.strip()
    try:
        if text == "now":
            return now
        if text.startswith("-"):
            return now - parse_span(text[1:])
    except ValueError as error:
        raise PerftuiError(f"recorded: {error}") from None
    at = moment(text)
    if at is None:
        raise PerftuiError(f"recorded: {clean(text, 60)!r} is no time such as now, -1h or 2026-01-31T12:00:00Z")
    return at
