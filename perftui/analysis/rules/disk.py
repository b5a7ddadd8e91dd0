"""Rules of disks: saturated, while work waits for them."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.rules.estimates import limit, mean
from perftui.analysis.rules.signals import Signals
from perftui.analysis.rules.stalls import Advice, recent, removed, waits_for_disk
from perftui.analysis.rules.verdicts import Blind, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence
from perftui.domain.series import parse_series
from perftui.domain.units import Unit

LIMITS = {"dsk1_busy": 0.9, "dsk1_pressure": 0.1}
_BUSY = "host/disk_busy_ratio"


def _dsk1(signals: Signals) -> Sequence[Verdict]:
    disks = {series: busy for series in signals.series if _is_disk(series) and (busy := recent(signals, series))}
    stall = waits_for_disk(signals)
    if not disks:
        return (Blind("host", "needs how busy the disks of this machine are"),)
    if stall is None:
        return (Blind("host", "needs disk pressure (PSI) or iowait"),)
    most, waits = limit(signals, LIMITS, "dsk1_busy"), limit(signals, LIMITS, "dsk1_pressure")
    # pressure is not told by disk: it is that of the busiest
    series, busy = max(disks.items(), key=lambda disk: mean(disk[1]))
    name = parse_series(series).label("device") or "disk"
    text = f"{name} {mean(busy):.0%} busy of {most:.0%}, {stall.words} {stall.share:.0%} of {waits:.0%}"
    if mean(busy) <= most or stall.share <= waits:
        return (Quiet("host", text),)
    advice = Advice(
        "host",
        f"Take load off disk {name}",
        Effort.MEDIUM,
        "time stalled for disks",
        ("See which processes read and write (Host screen)", "Write in larger blocks, cache what is read again",
         "Move files to another disk, or to a faster one"),
        (f"it is {name} that is waited for",),
    )  # fmt: skip
    evidence = Evidence(series, f"{name} {mean(busy):.0%} busy", mean(busy), Unit.RATIO, len(busy), 60.0)
    return (removed(signals, stall, advice, text, (evidence,)),)


def _is_disk(series: str) -> bool:
    return series == _BUSY or series.startswith(f"{_BUSY}{{")


RULES = (
    Rule("DSK1", "Disk saturated", (_BUSY, "host/pressure_io_some_ratio", "host/cpu_iowait_ratio"), LIMITS, _dsk1),
)
