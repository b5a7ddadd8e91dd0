"""How fast an objective's error budget burns: over several windows at once, so that an alert is both quick and sure.

Method: Google, The Site Reliability Workbook, chapter 5, "Multiwindow, multi-burn-rate alerts"; the windows and shares
of the budget are those for 30 days there, scaled with the period. In a period shorter than a day (a test run) those
would be shorter than a few scrapes: two pairs of windows are cut from the run instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perftui.domain.alerts import Severity
from perftui.domain.triage import Burn, SloRow
from perftui.domain.units import format_span

_DAY_S, _MONTH_S = 86400.0, 30 * 86400.0
# short and long window for 30 days, share of the budget that is gone when it fires
_BOOK = (
    (300.0, 3600.0, 0.02, Severity.CRITICAL),
    (1800.0, 21600.0, 0.05, Severity.CRITICAL),
    (7200.0, 86400.0, 0.10, Severity.WARNING),
    (21600.0, 259200.0, 0.10, Severity.WARNING),
)
# the same as parts of a test run
_RUN = ((1 / 60, 1 / 12, 0.20, Severity.CRITICAL), (1 / 12, 1 / 4, 0.40, Severity.WARNING))
_FEWEST_SCRAPES = 4
LEAST_EVENTS = 100.0


class Pair(NamedTuple):
    """Fires when the budget burns ``factor`` times as fast as it may, over the short and over the long window."""

    short_s: float
    long_s: float
    factor: float
    severity: Severity

    @property
    def text(self) -> str:
        return f"{format_span(round(self.short_s))}+{format_span(round(self.long_s))}"


class Count(NamedTuple):
    """Bad events and all events of a window."""

    bad: float
    all: float


class Judged(NamedTuple):
    """``pair`` is the worst one that fires, None while none does; ``rate`` its burn rate over the long window."""

    row: SloRow
    pair: Pair | None
    rate: float | None


def pairs(period_s: float, scrape_s: float) -> tuple[Pair, ...]:
    """The pairs of windows for a period, worst first; factor = share of the budget x period / long window."""
    if period_s >= _DAY_S:
        scale = period_s / _MONTH_S
        found = [(short * scale, long * scale, share, severity) for short, long, share, severity in _BOOK]
    else:
        found = [(period_s * short, period_s * long, share, severity) for short, long, share, severity in _RUN]
    least = _FEWEST_SCRAPES * scrape_s
    return tuple(
        Pair(_whole(max(short, least)), _whole(max(long, least)), share * period_s / _whole(max(long, least)), severity)
        for short, long, share, severity in found
    )


def _whole(seconds: float) -> float:
    return max(1.0, float(round(seconds)))


def windows(of: Sequence[Pair], period_s: float) -> tuple[float, ...]:
    """Every window that is needed, the shortest first; the period is the last."""
    return tuple(sorted({window for pair in of for window in (pair.short_s, pair.long_s)} | {period_s}))


def judge(
    name: str,
    title: str,
    target: float,
    period_s: float,
    of: Sequence[Pair],
    counts: Mapping[float, Count],
    least: float = LEAST_EVENTS,
) -> Judged:
    """``target`` is the ratio of good events that is promised. A window without counts is not filled (or not known).

    A pair with fewer than ``least`` events in its long window is not judged: one error would be a fire.
    """
    rates = {window: _rate(count, target) for window, count in counts.items()}
    whole = counts.get(period_s)
    sli = None if whole is None or whole.all <= 0 else 1 - whole.bad / whole.all
    left = None if sli is None else 1 - (1 - sli) / (1 - target)
    fires, quiet = None, ""
    for pair in of:
        long = counts.get(pair.long_s)
        short, rate = rates.get(pair.short_s), rates.get(pair.long_s)
        if long is None or short is None or rate is None:
            continue
        if long.all < least:
            quiet = quiet or f"low traffic: {long.all:.0f} of {least:.0f} events in {format_span(round(pair.long_s))}"
        elif fires is None and short > pair.factor and rate > pair.factor:
            fires = pair
    known = [rates.get(pair.long_s) for pair in of]
    row = SloRow(
        name, title, target, period_s, sli, left,
        tuple(Burn(pair.long_s, rate) for pair, rate in zip(of, known, strict=True)),
        _exhausted(left, next((rate for rate in known if rate is not None), None), period_s),
        "" if fires is None else fires.text, None if whole is None else whole.all, _why(counts, quiet),
    )  # fmt: skip
    return Judged(row, fires, None if fires is None else rates[fires.long_s])


def _rate(count: Count, target: float) -> float | None:
    """1 uses the budget up in just the period; None without any event."""
    return None if count.all <= 0 else min(1.0, max(0.0, count.bad / count.all)) / (1 - target)


def _exhausted(left: float | None, rate: float | None, period_s: float) -> float | None:
    """When the rest of the budget is gone at the present rate; None when it never is, or nobody can say."""
    if left is None or rate is None:
        return None
    if left <= 0:
        return 0.0
    return left * period_s / rate if rate > 0 else None


def _why(counts: Mapping[float, Count], quiet: str) -> str:
    if not counts:
        return "nothing was counted yet"
    if all(count.all <= 0 for count in counts.values()):
        return "no events: nothing to judge"
    return quiet
