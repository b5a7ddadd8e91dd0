"""A load in words: a line a second while it runs, and its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perftui.cli.load_shape_text import shape_report
from perftui.domain.text import clean
from perftui.load.frames import Delta
from perftui.load.record import advice
from perftui.load.run import Run

_ROWS = ("response_ms", "response_ok_ms", "service_ms", "blocked_ms", "lag_ms")
_SHOWN = ("p50", "p90", "p95", "p99", "p99_9", "max")


def live_line(run: Run, delta: Delta) -> str:
    """Everything so far, but the rate, and what is under way now."""
    tally = run.tally
    response = tally.response()
    parts = [
        f"{delta.at_s:6.1f} s",
        f"{delta.rate:g}/s" if delta.rate else "",
        f"offered {tally.offered} sent {tally.sent} done {tally.done} dropped {tally.dropped} failed {tally.failed.n}",
        f"in flight {delta.in_flight} waiting {delta.backlog}",
        " ".join(f"{name} {_ms(response.quantile(q))}" for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))),
    ]
    return "  ".join(part for part in parts if part)


def report(found: Mapping[str, Any]) -> list[str]:
    """The record for a person."""
    lines = [
        f"run {found['run_id']}  {found['duration_s']:g} s  {found['engine']}",
        f"offered {found['offered']}  sent {found['sent']}  done {found['done']}  dropped {found['dropped']}  "
        f"timed out {found['timed_out']}  {found['bytes']} bytes",
        f"{'':12}" + "".join(f"{name:>11}" for name in _SHOWN) + "   ms",
    ]
    lines += [
        f"{name.removesuffix('_ms'):12}" + "".join(_cell(found[name][column]) for column in _SHOWN) for name in _ROWS
    ]
    if journeys := found.get("journeys"):
        lines.append("journeys  " + "  ".join(f"{name} {count}" for name, count in journeys.items()))
    lines += [f"error {clean(kind)}: {count}" for kind, count in found["errors"].items()]
    for text, counts in found["checks"].items():
        lines.append(f"check {clean(text)}: {counts['passed']} passed, {counts['failed']} failed")
    for threshold in found["thresholds"]:
        value = "nothing measured" if threshold["value"] is None else f"{threshold['value']:g}"
        lines.append(f"threshold {threshold['expr']}: {'holds' if threshold['ok'] else 'BROKEN'} ({value})")
    if found["percentile_quality"] != "exact":
        lines.append(f"percentiles: {clean(found['percentile_quality'], 200)}")
    lines.append(f"limited by: {found['limited_by']}")
    lines += advice(found["limited_by"], found["engine"])
    lines += shape_report(found.get("shape"))
    return lines


def stopped(by: str) -> str:
    """Why a run ended before its time, as a sentence; empty for one that did not."""
    if by in ("duration", "requests"):
        return ""
    if by == "user":
        return "stopped by hand: the figures are of the time until then"
    kind = by.partition(": ")[0]
    rest = {
        "probe": "the first request was not answered well, so no load was sent",
        "engine": "its process ended without a word; what it had counted until then is kept",
    }.get(kind)
    return f"the run was stopped: {clean(by, 400)}" + (f" ({rest})" if rest else "")


def _cell(value: float | None) -> str:
    return f"{'-':>11}" if value is None else f"{value:11.3f}"


def _ms(ns: float | None) -> str:
    return "-" if ns is None else f"{ns / 1e6:.2f} ms"
