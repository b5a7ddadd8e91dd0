"""Shares of time in which work stood still (E4): what the rules of the machine have in common.

Removing a stall gains at most its share p of the time: throughput rises by no more than 1 / (1 - p) - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.rules.estimates import from_values, less, mean
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.verdicts import Found
from perftui.domain.findings import Effort, Evidence
from perftui.domain.units import Unit

RECENT_S = 60.0
LEAST_SAMPLES = 5
FULL_SAMPLES = 30
POORER = 0.7  # what a replaced signal leaves of the confidence

CORES = "host/cpu_cores"
RUNNING = "host/processes_running"


class Stall(NamedTuple):
    """Sampled shares of time, the signal that they are of in words, and 1 or what is left of the confidence."""

    series: str
    shares: Sequence[float]
    words: str
    confidence: float

    @property
    def share(self) -> float:
        return mean(self.shares)


class Advice(NamedTuple):
    """What a rule of the machine says besides its numbers."""

    target: str
    title: str
    effort: Effort
    metric: str
    steps: tuple[str, ...]
    assumptions: tuple[str, ...]


def recent(signals: Signals, series: str) -> list[float]:
    """The samples of the newest minute, or of the window when it is shorter; empty when there are too few."""
    start = signals.now - min(RECENT_S, signals.window_s)
    values = [value for at, value in signals.series.get(series, ()) if at >= start]
    return values if len(values) >= LEAST_SAMPLES else []


def waits_for_cpu(signals: Signals) -> Stall | None:
    """PSI of the CPU; without it the share of runnable tasks that have no core (1 - cores / run queue)."""
    return pressure(signals, "host/pressure_cpu_some_ratio", "PSI cpu") or _from_run_queue(signals)


def waits_for_disk(signals: Signals) -> Stall | None:
    """PSI of disks; without it the share of CPU time that was idle while a disk was awaited."""
    found = pressure(signals, "host/pressure_io_some_ratio", "PSI io")
    shares = recent(signals, "host/cpu_iowait_ratio")
    return found or (Stall("host/cpu_iowait_ratio", shares, "iowait", POORER) if shares else None)


def pressure(signals: Signals, series: str, words: str) -> Stall | None:
    shares = recent(signals, series)
    return Stall(series, shares, words, 1.0) if shares else None


def removed(signals: Signals, stall: Stall, advice: Advice, text: str, evidence: tuple[Evidence, ...] = ()) -> Found:
    """The finding that removes a stall: its gain is at most the share of time, by the samples."""
    estimate = from_values(stall.shares, stall.share)
    n, span = len(stall.shares), min(RECENT_S, signals.window_s)
    return Found(
        target=advice.target,
        title=advice.title,
        effort=advice.effort,
        impact=less(advice.metric, Unit.RATIO, 1.0, estimate.gain, f"stalled share of the time: {stall.words}"),
        gain=estimate.gain,
        n=n,
        n_min=FULL_SAMPLES,
        evidence=(
            Evidence(stall.series, f"{stall.words} {stall.share:.0%} of the time", stall.share, Unit.RATIO, n, span),
            *evidence,
        ),
        steps=advice.steps,
        text=text,
        confidence=estimate.confidence * stall.confidence,
        assumptions=(
            "at most the stalled share can be gained: it is the workload that stands still",
            *advice.assumptions,
        ),
    )


def _from_run_queue(signals: Signals) -> Stall | None:
    cores, queue = recent(signals, CORES), recent(signals, RUNNING)
    if not cores or not queue:
        return None
    return Stall(RUNNING, [max(0.0, 1 - cores[-1] / max(1.0, length)) for length in queue], "run queue", POORER)
