"""Rules of the CPU: saturated, and asked to do too much at once."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.rules.estimates import limit, mean
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.stalls import CORES, RUNNING, Advice, recent, removed, waits_for_cpu
from perftui.analysis.rules.verdicts import Blind, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence
from perftui.domain.units import Unit

CPU1_LIMITS = {"cpu1_busy": 0.85, "cpu1_pressure": 0.1}
CPU6_LIMITS = {
    "cpu6_queue": 2.0,  # runnable tasks are more than that many times the cores
    "cpu6_switches": 2.0,  # and context switches more than that many times those of the baseline
}
_BUSY = "host/cpu_busy_ratio"
_SWITCHES = "host/context_switches_per_second"
_PRESSURE = "host/pressure_cpu_some_ratio"


def _cpu1(signals: Signals) -> Sequence[Verdict]:
    busy, stall = recent(signals, _BUSY), waits_for_cpu(signals)
    if not busy:
        return (Blind("host", "needs CPU use of this machine"),)
    if stall is None:
        return (Blind("host", "needs CPU pressure (PSI), or the run queue and the number of cores"),)
    most, waits = limit(signals, CPU1_LIMITS, "cpu1_busy"), limit(signals, CPU1_LIMITS, "cpu1_pressure")
    text = f"CPU {mean(busy):.0%} busy of {most:.0%}, {stall.words} {stall.share:.0%} of {waits:.0%}"
    if mean(busy) <= most or stall.share <= waits:
        return (Quiet("host", text),)
    advice = Advice(
        "host",
        "Give the workload more CPU, or take other work off this machine",
        Effort.MEDIUM,
        "time stalled for CPU",
        ("See which processes use the CPU (Host screen)", "Move or limit what is not the workload", "Add cores"),
        ("what waits has nothing else to wait for",),
    )
    evidence = Evidence(_BUSY, f"CPU {mean(busy):.0%} busy", mean(busy), Unit.RATIO, len(busy), 60.0)
    return (removed(signals, stall, advice, text, (evidence,)),)


def _cpu6(signals: Signals) -> Sequence[Verdict]:
    queue, cores, switches = (recent(signals, series) for series in (RUNNING, CORES, _SWITCHES))
    if not queue or not cores or not switches:
        return (Blind("host", "needs run queue, cores and context switches of this machine"),)
    before = [value for _, value in signals.baseline.series.get(_SWITCHES, ())]
    if not before or mean(before) <= 0:
        return (Blind("host", signals.baseline.missing or "needs context switches in the baseline"),)
    most, more = limit(signals, CPU6_LIMITS, "cpu6_queue"), limit(signals, CPU6_LIMITS, "cpu6_switches")
    length, grown = mean(queue) / cores[-1], mean(switches) / mean(before)
    text = f"{length:.1f} runnable tasks a core of {most:g}, {grown:.1f} times the context switches of {more:g}"
    stall = waits_for_cpu(signals)
    if length <= most or grown <= more or stall is None:
        return (Quiet("host", text),)
    advice = Advice(
        "host",
        f"Run fewer tasks at once: {mean(queue):.0f} are ready for {cores[-1]:.0f} cores",
        Effort.LOW,
        "time stalled for CPU",
        ("Limit workers or threads to the number of cores", "Compare throughput before and after"),
        ("tasks that run one after another need no more CPU than side by side",),
    )
    evidence = Evidence(_SWITCHES, f"context switches {grown:.1f} times the baseline", mean(switches), Unit.PER_SECOND,
                        len(switches), 60.0)  # fmt: skip
    return (removed(signals, stall, advice, text, (evidence,)),)


RULES = (
    Rule("CPU1", "CPU saturated", (_BUSY, _PRESSURE, RUNNING, CORES), CPU1_LIMITS, _cpu1),
    Rule("CPU6", "CPU oversubscribed", (RUNNING, CORES, _SWITCHES, _PRESSURE), CPU6_LIMITS, _cpu6),
)
