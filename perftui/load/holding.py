"""Whether a rate was held, and what broke first: the target, the connections that it had, or we ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.load.control import Sight
from perftui.load.histogram import Histogram
from perftui.load.limits import is_behind, is_blocked, is_busy
from perftui.load.tally import Tally
from perftui.load.thresholds import Condition

# a level does not hold when more than this share of its calls, and so many, wait for a connection at its end
_WAITING, _LEAST_WAITING = 0.05, 10
# the service time has risen when its median is so many times what it was at the first rate, and by so many ns
_RISEN, _RISEN_NS = 1.5, 500_000
WAITING = "waiting for a connection"
_ABOUT_ERRORS = ("http_req_failed", "checks")


class Broken(NamedTuple):
    """``limit``: ``errors``, ``latency``, ``throughput``, ``silence``, ``connections`` or ``generator``."""

    limit: str
    expr: str = ""
    value: float | None = None


def broken(sight: Sight, conditions: Sequence[Condition], first: Histogram | None) -> Broken | None:
    """What did not hold at the end of a level; ``first`` are the service times of the first level that held.

    Calls that are not over count with the time that they have taken so far: without them a level whose slow calls have
    not ended yet would look quick.
    """
    ages = sight.ages_ns()
    tally = _aged(sight.tally, ages)
    if tally.offered and not tally.done and ages:
        return Broken("silence")
    failing = [
        Broken("errors" if each.metric in _ABOUT_ERRORS else "latency", each.expr, value)
        for each in conditions
        if not each.holds(value := each.value(tally, sight.level_s))
    ]
    for each in failing:
        # that we were late is no reason for a wrong answer
        if each.limit == "errors":
            return each
    if is_busy(sight.cpu_s, sight.level_s):
        return Broken("generator", "CPU", sight.cpu_s / sight.level_s)
    if not failing and sight.waiting > max(_LEAST_WAITING, _WAITING * tally.offered):
        failing = [Broken("throughput", WAITING, float(sight.waiting))]
    if not failing:
        return None
    if is_behind(tally):
        return Broken("generator", failing[0].expr, failing[0].value)
    if sight.is_full and (sight.waiting or is_blocked(tally)) and not _is_slow(sight, conditions, first):
        return Broken("connections", failing[0].expr, failing[0].value)
    return failing[0]


def _is_slow(sight: Sight, conditions: Sequence[Condition], first: Histogram | None) -> bool:
    """Whether the target would not have held either without the wait for a connection, or takes longer than before."""
    service = Histogram()
    service.merge(sight.tally.service)
    for age in sight.served_ns():
        service.record(age)
    alone = Tally(ok=service, done=service.n)
    if any(not each.holds(each.value(alone, sight.level_s)) for each in conditions if each.metric not in _ABOUT_ERRORS):
        return True
    now, before = service.quantile(0.5), first.quantile(0.5) if first is not None else None
    return now is None or (before is not None and now > max(_RISEN * before, before + _RISEN_NS))


def _aged(tally: Tally, ages_ns: Sequence[int]) -> Tally:
    aged = Tally()
    aged.merge(tally)
    for age in ages_ns:
        aged.ok.record(age)
    return aged
