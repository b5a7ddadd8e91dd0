"""Two loads beside each other: their figures, and which differences are more than chance.

A difference stands out when it is larger than what the stretches of each run differ by among themselves. That is said
of these two runs: how much two runs of the same thing differ from day to day, two runs can't tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perftui.domain.text import clean
from perftui.load.kept import read_kept
from perftui.load.sureness import Interval, difference, quantile_interval

Record = Mapping[str, Any]
CONFIDENCE = 0.95
_MS = 1e6
# what a bucket of a histogram can hide
_RESOLUTION = 0.02
_QUANTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
_TIMES = ("p50", "p90", "p95", "p99", "p99_9", "mean", "max")
_PLANNED = ("shape", "rate", "connections", "duration", "arrivals", "transport")


def compare(a: Record, b: Record) -> dict[str, Any]:
    """``a`` is what was before. Differences are b minus a, ``share`` is of a; null where something was not measured.

    ``reasons`` say why the two are not comparable, ``notes`` what else is not the same.
    """
    reasons, notes = _reasons(a, b), _notes(a, b)
    figures = [_time(a, b, name) for name in _TIMES] + [_service(a, b)] + _others(a, b)
    _judge(figures, a, b, is_comparable=not reasons)
    return {
        "a": _head(a),
        "b": _head(b),
        "comparable": not reasons,
        "reasons": reasons,
        "notes": notes,
        "confidence": CONFIDENCE,
        "figures": figures,
        "verdict": _verdict(figures, reasons),
    }


def _head(record: Record) -> dict[str, Any]:
    return {
        "run_id": record["run_id"], "started": record["started"], "target": record["plan"].get("url", ""),
        "limited_by": record["limited_by"], "stopped_by": record["stopped_by"],
    }  # fmt: skip


def _reasons(a: Record, b: Record) -> list[str]:
    """What makes figures of different things of them."""
    found = []
    for name, word, default in (("url", "target", ""), ("model", "model", "open")):
        values = [clean(str(each["plan"].get(name, default)), 200) for each in (a, b)]
        if values[0] != values[1]:
            found.append(f"another {word}: {values[0]} and {values[1]}")
    for each, letter in ((a, "A"), (b, "B")):
        if each["limited_by"] == "generator":
            found.append(f"{letter} was limited by the machine that sent it: its times are not the target's")
        if not each["response_ms"]["n"]:
            found.append(f"{letter} has measured nothing")
    qualities = [_quality(each) for each in (a, b)]
    if qualities[0] != qualities[1]:
        found.append(f"percentiles of A are {qualities[0]}, those of B {qualities[1]}")
    return found


def _notes(a: Record, b: Record) -> list[str]:
    found = []
    for name in _PLANNED:
        before, after = a["plan"].get(name), b["plan"].get(name)
        if before != after and before is not None and after is not None:
            found.append(f"{name} was {before}, and is {after}")
    for each, letter in ((a, "A"), (b, "B")):
        if each["stopped_by"] not in ("duration", "requests"):
            found.append(f"{letter} ended early: {clean(each['stopped_by'], 200)}")
        if each["limited_by"] == "connections":
            found.append(f"arrivals of {letter} waited for a connection")
    if _quality(a) == _quality(b) != "exact":
        found.append(f"percentiles are {_quality(a)}")
    host = [each.get("environment", {}).get("host") for each in (a, b)]
    if host[0] != host[1]:
        found.append(f"they were sent from different machines: {host[0]} and {host[1]}")
    return found


def _quality(record: Record) -> str:
    return clean(str(record.get("percentile_quality", "exact")), 200)


def _figure(name: str, unit: str, before: float | None, after: float | None) -> dict[str, Any]:
    known = before is not None and after is not None
    change = after - before if before is not None and after is not None else None
    return {
        "name": name, "unit": unit, "a": before, "b": after,
        "difference": round(change, 6) if change is not None else None,
        "share": round(change / before, 4) if known and change is not None and before else None,
        "interval": None, "stands_out": None,
    }  # fmt: skip


def _time(a: Record, b: Record, name: str) -> dict[str, Any]:
    return _figure(f"response {name}", "ms", a["response_ms"].get(name), b["response_ms"].get(name))


def _service(a: Record, b: Record) -> dict[str, Any]:
    return _figure("service p95", "ms", a["service_ms"].get("p95"), b["service_ms"].get("p95"))


def _others(a: Record, b: Record) -> list[dict[str, Any]]:
    failed = [sum(each["errors"].values()) / each["done"] if each["done"] else None for each in (a, b)]
    return [
        _figure("throughput", "per second", a["throughput"]["average"], b["throughput"]["average"]),
        _figure("failed", "share", *failed),
        _figure("dropped", "count", a["dropped"], b["dropped"]),
    ]


def _judge(figures: list[dict[str, Any]], a: Record, b: Record, *, is_comparable: bool) -> None:
    """Intervals for the percentiles that are judged, at a confidence that all of them share (Bonferroni)."""
    kept = read_kept(a), read_kept(b)
    if kept[0] is None or kept[1] is None:
        return
    confidence = 1 - (1 - CONFIDENCE) / len(_QUANTILES)
    for name, q in _QUANTILES:
        before = quantile_interval(kept[0].stretches, q, confidence)
        after = quantile_interval(kept[1].stretches, q, confidence)
        if before is None or after is None:
            continue
        figure = next(each for each in figures if each["name"] == f"response {name}")
        found = difference(before, after)
        figure["interval"] = [round(found.low / _MS, 6), round(found.high / _MS, 6)]
        figure["stands_out"] = _stands_out(found, before) if is_comparable else None


def _stands_out(found: Interval, before: Interval) -> bool:
    return (found.low > 0 or found.high < 0) and abs(found.value) > _RESOLUTION * before.value


def _verdict(figures: list[dict[str, Any]], reasons: list[str]) -> str:
    if reasons:
        return "not comparable: " + "; ".join(reasons)
    judged = [each for each in figures if each["stands_out"] is not None]
    if not judged:
        return "too short to tell, or kept without histograms: no difference was judged"
    out = [each for each in judged if each["stands_out"]]
    if not out:
        return f"no difference that stands out ({', '.join(each['name'] for each in judged)})"
    return ", ".join(
        f"{each['name']} is {abs(each['difference']):.2f} ms {'slower' if each['difference'] > 0 else 'faster'}"
        for each in out
    )
