"""Rules of the load generator: are the figures of a load those of its target? They mark it, and promise no gain.

What they say is of everything that was counted, so that it does not flicker: they need not hold for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from perftui.analysis.metrics import all_latency
from perftui.analysis.quantiles import bucket_percentile, count
from perftui.analysis.rules.estimates import limit
from perftui.analysis.rules.signals import LoadSignals, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence, Impact
from perftui.domain.units import Unit, format_duration, format_value

GEN1_LIMITS = {"gen1_cpu": 0.8}  # of one core: the engine has one
GEN2_LIMITS = {
    "gen2_lag": 0.001,  # lag p99 in seconds,
    "gen2_share": 0.1,  # and as a share of the response p99
    "gen2_late": 0.05,  # share of the arrivals that our loop handled late
}
GEN3_LIMITS = {
    "gen3_share": 0.1,  # p99 of waiting for a connection, as a share of the response p99
    "gen3_wait": 0.005,  # and in seconds
}
GEN5_LIMITS = {
    "gen5_seconds": 30.0,  # measured for less is short
    "gen5_cold": 1.5,  # p95 of the first part is that many times the highest of the others
}
_FULL_REQUESTS = 1000
_PARTS, _LEAST_OF_A_PART = 6, 30


def _gen1(load: LoadSignals, signals: Signals) -> Verdict:
    most = limit(signals, GEN1_LIMITS, "gen1_cpu")
    if load.cpu_share is None:
        return Blind(load.name, "needs a load that measures")
    text = f"the generator used {load.cpu_share:.0%} of a core, limit {most:.0%}"
    if load.cpu_share <= most:
        return Quiet(load.name, text)
    return _found(
        load,
        "Lower the rate of the load, or send it from more machines: its generator was busy",
        _needed("CPU of the generator", Unit.RATIO, most - load.cpu_share),
        text,
    )


def _gen2(load: LoadSignals, signals: Signals) -> Verdict:
    lag, response, late = load.lag_p99_s, load.response_p99_s, load.late_share
    if not load.is_open:
        return Quiet(load.name, "users of the closed model have no schedule")
    if lag is None or response is None or late is None:
        return Blind(load.name, "needs a load that measures")
    least, share = (limit(signals, GEN2_LIMITS, name) for name in ("gen2_lag", "gen2_share"))
    most_late, most_busy = limit(signals, GEN2_LIMITS, "gen2_late"), limit(signals, GEN1_LIMITS, "gen1_cpu")
    most = max(least, share * response)
    text = (
        f"lag p99 {format_value(lag, Unit.SECONDS)} of {format_value(most, Unit.SECONDS)}, "
        f"{late:.1%} of the arrivals late of {most_late:.0%}, {load.cpu_share or 0.0:.0%} of a core of {most_busy:.0%}"
    )
    if lag <= most and late <= most_late and (load.cpu_share or 0.0) <= most_busy:
        return Quiet(load.name, text)
    return _found(
        load,
        "Don't trust these times: this machine, not the target, was the limit of the load",
        _needed("p99 of the generator's lag", Unit.SECONDS, min(0.0, most - lag)),
        text,
    )


def _gen3(load: LoadSignals, signals: Signals) -> Verdict:
    blocked, response = load.blocked_p99_s, load.response_p99_s
    if not load.is_open:
        return Quiet(load.name, "users of the closed model wait for nobody")
    if blocked is None or response is None:
        return Blind(load.name, "needs a load that measures")
    share, wait = (limit(signals, GEN3_LIMITS, name) for name in ("gen3_share", "gen3_wait"))
    most = max(wait, share * response)
    text = f"waited for a connection, p99 {format_value(blocked, Unit.SECONDS)} of {format_value(most, Unit.SECONDS)}"
    if load.dropped:
        text = f"{load.dropped} arrivals found no place, {text}"
    if not load.dropped and (blocked <= most or not load.at_cap):
        return Quiet(load.name, text)
    return _found(
        load,
        f"Raise the connections of the load: {load.connections} were not enough",
        _needed("waiting for a connection, p99", Unit.SECONDS, min(0.0, most - blocked)),
        text,
    )


def _gen5(load: LoadSignals, signals: Signals) -> Verdict:
    least, cold = limit(signals, GEN5_LIMITS, "gen5_seconds"), limit(signals, GEN5_LIMITS, "gen5_cold")
    length = load.measured_s if load.is_over else load.planned_s
    if length < least:
        return _found(
            load,
            "Send the load for longer: it is too short to tell a percentile",
            _needed("measured time", Unit.SECONDS, least - length),
            f"measured for {format_duration(length)} of {format_duration(least)}",
        )
    first, *others = _parts(load)
    text = f"measured for {format_duration(length)}"
    if first is None or not others or None in others:
        return Quiet(load.name, f"{text}; too few requests to tell its first part from the others")
    highest = max(one for one in others if one is not None)
    text = (
        f"p95 of the first part {format_value(first, Unit.SECONDS)}, of the others up to "
        f"{format_value(highest, Unit.SECONDS)}, limit {cold:g} times"
    )
    if first <= cold * highest:
        return Quiet(load.name, text)
    return _found(
        load,
        "Leave out the beginning of the load (warm-up): it was slower than all that came later",
        _needed("p95 of the first part", Unit.SECONDS, highest - first),
        text,
    )


def _needed(metric: str, unit: Unit, change: float) -> Impact:
    return Impact(metric, unit, change, change, change, "needed, not promised")


def _parts(load: LoadSignals) -> list[float | None]:
    """p95 of equal parts of the measured time; None of one with too few requests."""
    windows = load.service.windows
    size = len(windows) / _PARTS
    cuts = [windows[round(place * size) : round((place + 1) * size)] for place in range(_PARTS)]
    found = [all_latency(cut) for cut in cuts]
    return [bucket_percentile(its, 0.95) if count(its) >= _LEAST_OF_A_PART else None for its in found]


def _found(load: LoadSignals, title: str, impact: Impact, text: str) -> Found:
    return Found(
        target=load.name,
        title=title,
        effort=Effort.LOW,
        impact=impact,
        gain=None,
        n=load.done,
        n_min=_FULL_REQUESTS,
        evidence=(Evidence("", text, impact.mid, impact.unit, load.done, load.measured_s),),
        steps=("Change the plan, and send it again", "Compare no other run with this one"),
        text=text,
    )


def _about(judge: Callable[[LoadSignals, Signals], Verdict]) -> Callable[[Signals], Sequence[Verdict]]:
    def judged(signals: Signals) -> Sequence[Verdict]:
        return (Blind("", "needs a load"),) if signals.load is None else (judge(signals.load, signals),)

    return judged


RULES = (
    Rule("GEN1", "Busy load generator", (), GEN1_LIMITS, _about(_gen1), at_once=True),
    Rule("GEN2", "Load limited by its generator", (), GEN2_LIMITS, _about(_gen2), at_once=True),
    Rule("GEN3", "Load limited by its connections", (), GEN3_LIMITS, _about(_gen3), at_once=True),
    Rule("GEN5", "Short or cold load", (), GEN5_LIMITS, _about(_gen5), at_once=True),
)
