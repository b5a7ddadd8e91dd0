"""Whether and when a target was well again after each spike.

The band is that of the base: p95 at most 1.5 times its p95 (5 ms above it at least: less is noise), and at most 1 %
more of the calls failed. The moment of recovery is the beginning of the first second from which every second until the
next spike lies within the band; a second in which something was offered and nothing ended does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from perftui.load.recent import Moment
from perftui.load.run import Run
from perftui.load.search import BAND, BAND_NS

_MORE_FAILED = 0.01
_TENTHS, _WINDOW_S, _MS = 10, 1.0, 1e6


class _Band(NamedTuple):
    p95_ns: float
    failed: float

    def holds(self, moment: Moment) -> bool:
        if not moment.ended:
            return not moment.offered
        is_quick = moment.p95_ns is not None and moment.p95_ns <= self.p95_ns
        return is_quick and moment.failed <= self.failed * moment.ended


def spiked(run: Run, levels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``recovery_s`` is since the spike ended; null when it was not well again before the next spike, or the end."""
    base = next((level for level in levels if level["kind"] == "base"), None)
    if base is None or base["p95"] is None:
        return {"band_ms": None, "spikes": [], "text": ["the base was not measured: nothing to compare a spike with"]}
    p95 = base["p95"] * _MS
    band = _Band(max(BAND * p95, p95 + BAND_NS), base["failed"] / max(1, base["done"]) + _MORE_FAILED)
    spikes = []
    for spike, rest in zip(levels, [*levels[1:], None], strict=True):
        if spike["kind"] == "spike":
            spikes.append(_spike(run, band, spike, rest, base["rate"]))
    text = [_line(each) for each in spikes] or ["the run ended before a spike came"]
    if base["failed"]:
        text.append(f"{base['failed']} calls had failed in the base already")
    return {"band_ms": round(band.p95_ns / _MS, 4), "spikes": spikes, "text": text}


def _spike(
    run: Run, band: _Band, spike: Mapping[str, Any], rest: Mapping[str, Any] | None, base_rate: float
) -> dict[str, Any]:
    recovery = None if rest is None else _recovery(run, band, rest["from_s"], rest["until_s"])
    watched = 0.0 if rest is None else rest["until_s"] - rest["from_s"]
    return {
        "factor": round(spike["rate"] / base_rate, 3) if base_rate else None, "rate": spike["rate"],
        "p95": spike["p95"], "failed": spike["failed"], "dropped": spike["dropped"], "done": spike["done"],
        "errors": spike["errors"], "behind": spike["behind"], "watched_s": round(watched, 3),
        "recovered": recovery is not None, "recovery_s": recovery,
    }  # fmt: skip


def _recovery(run: Run, band: _Band, from_s: float, until_s: float) -> float | None:
    """Seconds; None when the last second was not within the band, or nothing is known of it."""
    # a tenth is told a little after it has ended: the last one has some of the next spike in it
    first, last = round(from_s * _TENTHS) + 1, round(until_s * _TENTHS) - 1
    seen = [tenth for tenth in range(first, last + 1) if tenth in run.moments]
    if not seen:
        return None
    outside = [tenth for tenth in seen if not band.holds(run.moments[tenth])]
    if outside and outside[-1] == seen[-1]:
        return None
    since = outside[-1] + 1 if outside else first
    return round(max(0.0, since / _TENTHS - _WINDOW_S - from_s), 1)


def _line(spike: Mapping[str, Any]) -> str:
    failed = f", {spike['failed']} of {spike['done']} failed" if spike["failed"] else ""
    dropped = f", {spike['dropped']} dropped" if spike["dropped"] else ""
    p95 = "nothing measured" if spike["p95"] is None else f"p95 {spike['p95']:.4g} ms"
    what = f"x{spike['factor']:g} ({spike['rate']:g}/s): {p95}{failed}{dropped}; "
    if not spike["watched_s"]:
        return f"{what}the run ended with it"
    if not spike["recovered"]:
        return f"{what}not recovered within {spike['watched_s']:g} s"
    behind = "; this machine was behind in it" if spike["behind"] else ""
    when = f"{spike['recovery_s']:g} s after it" if spike["recovery_s"] else "at once"
    return f"{what}well again {when}{behind}"
