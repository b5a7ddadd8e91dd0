"""A kept record of a load, read so that a picture can be drawn of it as of one that runs.

A record may be of an older perftui, or of another engine: whatever is missing or is no number is not known, and the
rest is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from perftui.domain.load import Endpoint, Level, LoadPhase, LoadState, Times, Verdict
from perftui.domain.samples import SeriesWindow, Window
from perftui.view.load_figures import said

_MOST = 200
_SECONDS = 7200
_PAUSES = ("recover", "rest")


class Past(NamedTuple):
    """``seconds`` hold each second of the measured time: ``t``, ``offered``, ``sent``, ``done``, ``failed``, and
    percentiles in milliseconds; None where a second measured none.
    """

    state: LoadState
    seconds: tuple[dict[str, float | None], ...]
    reason: str = ""
    name: str = ""


def read_record(record: Any) -> Past:
    """Never raises for what a record holds."""
    given: Mapping[str, Any] = record if isinstance(record, dict) else {}
    plan = _map(given.get("plan"))
    limited = _text(given.get("limited_by")) or "none"
    stopped = _text(given.get("stopped_by"))
    duration = _number(given.get("duration_s")) or 0.0
    state = LoadState(
        run_id=_text(given.get("run_id")), target=_target(plan), shape=_text(plan.get("shape")),
        model=_text(plan.get("model")), engine=_text(given.get("engine")), phase=_ended(stopped), started_at=0.0,
        at_s=duration, planned_s=duration, rate=_number(plan.get("rate")) or 0.0, factor=1.0,
        connections=_count(plan.get("connections")), max_connections=0, offered=_count(given.get("offered")),
        sent=_count(given.get("sent")), done=_count(given.get("done")), dropped=_count(given.get("dropped")),
        timed_out=_count(given.get("timed_out")), in_flight=0, backlog=0, bytes=_count(given.get("bytes")),
        errors={_text(kind): _count(number) for kind, number in _map(given.get("errors")).items()},
        response=_times(given.get("response_ms")), service=_times(given.get("service_ms")),
        blocked=_times(given.get("blocked_ms")), lag=_times(given.get("lag_ms")),
        phases=_shares(given.get("phases_ms")), buckets=_buckets(given.get("buckets")),
        thresholds=tuple(_verdict(one) for one in _list(given.get("thresholds"))),
        endpoints=tuple(_endpoint(one) for one in _list(given.get("endpoints"))),
        levels=tuple(filter(None, (_level(one) for one in _list(_map(given.get("shape")).get("levels"))))),
        checks={
            _text(name): (_count(_map(one).get("passed")), _count(_map(one).get("failed")))
            for name, one in list(_map(given.get("checks")).items())[:_MOST]
        },
        limited_by=limited,
        advice=_advice(given.get("advice")), percentile_quality=_text(given.get("percentile_quality")) or "exact",
        verdict=_sentence(_map(given.get("shape")).get("verdict")), stopped_by=stopped,
    )  # fmt: skip
    return Past(state, _seconds(given.get("seconds")), _text(given.get("reason")), _text(given.get("name")))


def _ended(stopped: str) -> LoadPhase:
    """A target that did not answer the first request was never loaded."""
    if stopped in ("", "duration", "count"):
        return LoadPhase.DONE
    starts = {"probe": LoadPhase.REFUSED, "engine": LoadPhase.LOST, "session": LoadPhase.LOST}
    return next((phase for word, phase in starts.items() if stopped.startswith(word)), LoadPhase.STOPPED)


def window_of(seconds: Sequence[Mapping[str, float | None]], names: Sequence[str], factors: Sequence[float]) -> Window:
    """Seconds as a chart takes them, from 0 on: one bucket each, gaps where nothing was measured."""
    last = max((int(one["t"] or 0) for one in seconds), default=-1)
    series = []
    for name, factor in zip(names, factors, strict=True):
        values: list[float | None] = [None] * (last + 1)
        for one in seconds:
            value = one.get(name)
            values[int(one["t"] or 0)] = None if value is None else value * factor
        column = tuple(values)
        newest = next((value for value in reversed(column) if value is not None), None)
        series.append(SeriesWindow(f"load/{name}", column, column, column, newest, float(last)))
    return Window(0.0, 1.0, last + 1, tuple(series))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return list(value)[:_MOST] if isinstance(value, list | tuple) else []


def _text(value: Any) -> str:
    return said(value, 400) if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None


def _count(value: Any) -> int:
    return int(_number(value) or 0)


def _times(value: Any) -> Times:
    given = _map(value)
    names = ("p50", "p90", "p95", "p99", "p99_9", "max")
    return Times(_count(given.get("n")), *(_number(given.get(name)) for name in names))


def _verdict(value: Any) -> Verdict:
    given = _map(value)
    return Verdict(
        _text(given.get("expr")),
        given.get("ok") is True,
        _number(given.get("value")),
        _number(given.get("broken_at_s")),
    )


def _endpoint(value: Any) -> Endpoint:
    given = _map(value)
    return Endpoint(
        _text(given.get("name")),
        _count(given.get("done")),
        _count(given.get("failed")),
        _times(given.get("response_ms")),
    )


def _level(value: Any) -> Level | None:
    """A rate that was held; the pauses between levels are none."""
    given = _map(value)
    rate, throughput, done = _number(given.get("rate")), _number(given.get("throughput")), _count(given.get("done"))
    if rate is None or throughput is None or given.get("kind") in _PAUSES:
        return None
    failed = _count(given.get("failed")) / done if done else 0.0
    times = (_number(given.get("p50")), _number(given.get("p95")), _number(given.get("p99")))
    return Level(rate, throughput, *times, failed, given.get("outcome") != "broke")


def _sentence(value: Any) -> str:
    """What the shape found, in words."""
    told = _map(value).get("text")
    return _text(told) if isinstance(told, str) else "; ".join(filter(None, map(_text, _list(told))))


def _shares(value: Any) -> dict[str, float]:
    found = {_text(name): _number(_map(one).get("share")) for name, one in _map(value).items()}
    return {name: share for name, share in found.items() if share is not None}


def _buckets(value: Any) -> tuple[tuple[float, int], ...]:
    pairs = [one for one in _list(value) if isinstance(one, list | tuple) and len(one) == 2]
    return tuple((_number(upper) or 0.0, _count(number)) for upper, number in pairs)


def _advice(value: Any) -> tuple[str, ...]:
    return (_text(value),) if isinstance(value, str) and value else tuple(map(_text, _list(value)))


def _target(plan: Mapping[str, Any]) -> str:
    """``GET http://127.0.0.1:8080/``; of several targets how many there are."""
    targets, url = _list(plan.get("targets")), _text(plan.get("url"))
    if len(targets) > 1:
        return f"{len(targets)} targets of {url}"
    method = _text(_map(targets[0]).get("method")) if targets else ""
    return f"{method or 'GET'} {url}" if url else ""


def _seconds(value: Any) -> tuple[dict[str, float | None], ...]:
    """In their order; one whose moment is no number, or too late to be one of a load, is left out."""
    rows = value[:_SECONDS] if isinstance(value, list | tuple) else ()
    found = {}
    for row in rows:
        at = _number(_map(row).get("t"))
        if at is not None and 0 <= at < _SECONDS:
            found[int(at)] = {str(name): _number(one) for name, one in _map(row).items()} | {"t": float(int(at))}
    return tuple(found[at] for at in sorted(found))
