"""Past loads as rows of a table: of a record, of whatever version, the figures that people choose by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from perftui.domain.load import LoadRunRow
from perftui.domain.text import clean

_TEXT = 120


class _Times(msgspec.Struct, frozen=True):
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    n: int = 0


class _Plan(msgspec.Struct, frozen=True):
    url: str = ""
    shape: str = ""
    model: str = ""
    rate: float | None = None


class _Threshold(msgspec.Struct, frozen=True):
    ok: bool = True


class _Record(msgspec.Struct, frozen=True):
    """What is read of a record; the rest of it is large and not looked at."""

    run_id: str
    engine: str = ""
    plan: _Plan = _Plan()
    duration_s: float = 0.0
    done: int = 0
    response_ms: _Times = _Times()
    response_ok_ms: _Times = _Times()
    thresholds: tuple[_Threshold, ...] = ()
    limited_by: str = ""
    stopped_by: str = ""


_json = msgspec.json.Decoder(_Record)


def row_of(started_at: float, summary: str | Mapping[str, Any]) -> LoadRunRow | None:
    """None for what is no record of a load."""
    try:
        record = _json.decode(summary) if isinstance(summary, str) else msgspec.convert(summary, _Record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    plan, response = record.plan, record.response_ms
    return LoadRunRow(
        key=clean(record.run_id, _TEXT),
        started_at=started_at,
        duration_s=record.duration_s,
        target=clean(plan.url, _TEXT),
        shape=clean(plan.shape, _TEXT),
        model=clean(plan.model, _TEXT),
        engine=clean(record.engine, _TEXT),
        rate=plan.rate if plan.model == "open" and plan.shape == "constant" else None,
        done=record.done,
        failed=max(0, response.n - record.response_ok_ms.n),
        p50_ms=response.p50,
        p95_ms=response.p95,
        p99_ms=response.p99,
        ok=all(one.ok for one in record.thresholds),
        limited_by=clean(record.limited_by, _TEXT),
        stopped_by=clean(record.stopped_by, _TEXT),
    )
