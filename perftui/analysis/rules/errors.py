"""Rules of errors: more of them than in the healthy time, and what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perftui.analysis.quantiles import percentile
from perftui.analysis.rules.estimates import from_values, less, limit, mean, windows_of
from perftui.analysis.rules.signals import PoolSignals, ServiceSignals, ServiceWindow, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence
from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.domain.workflow import TaskRow, WorkState

LIMITS = {"err1_points": 0.05}  # as a ratio: so much more than in the baseline
_FULL = 300
_LEAST = 20
_LEAST_OF_A_WINDOW = 5
FAILED_RATIO = "*/tasks_failed_ratio"


class _Waste(NamedTuple):
    """Work that came to nothing by the largest class: its share of all work, in windows and in all."""

    name: str
    share: float
    windows: Sequence[float]
    method: str


def _err1(signals: Signals) -> Sequence[Verdict]:
    if not signals.services and not signals.pools:
        return (Blind("", "needs a service or a pool of agents"),)
    return [*(_service(signals, one) for one in signals.services), *(_pool(signals, one) for one in signals.pools)]


def _service(signals: Signals, service: ServiceSignals) -> Verdict:
    requests = sum(sum(window.requests.values()) for window in service.windows)
    if requests < _LEAST:
        return Blind(service.name, f"needs a counter of requests and {_LEAST} of them: {requests:.0f}")
    if not any(window.errors for window in service.windows):
        return Blind(service.name, "needs a counter of errors")
    baseline = service.baseline
    if baseline is None:
        return Blind(service.name, signals.baseline.missing or "needs a baseline")
    name = max(_classes(service.windows), key=lambda one: (_wasted(service.windows, baseline, one), one))
    cuts = [cut for cut in windows_of(service.windows) if _requests(cut) >= _LEAST_OF_A_WINDOW]
    waste = _Waste(
        name,
        _wasted(service.windows, baseline, name),
        [_wasted(cut, baseline, name) for cut in cuts],
        f"failed requests of {clean(name, 80) or 'all kinds'}, beyond the baseline, by all requests",
    )
    of = f"service {service.name}"
    # a pool may have the same name
    target = of if any(pool.row.key == service.name for pool in signals.pools) else service.name
    return _judged(signals, of, target, (_ratio([baseline]), _ratio(service.windows)), waste, round(requests))


def _pool(signals: Signals, pool: PoolSignals) -> Verdict:
    key = pool.row.key
    over = [task for task in pool.tasks if task.state in (WorkState.OK, WorkState.FAILED, WorkState.TIMEOUT)]
    if pool.row.failed_ratio is None or len(over) < _LEAST:
        return Blind(key, f"needs {_LEAST} tasks that ended: {len(over)}")
    known = signals.baseline.series.get(f"{key}/tasks_failed_ratio", ())
    if not known:
        return Blind(key, signals.baseline.missing or "needs failed tasks in the baseline")
    before = mean([value for _, value in known])
    over.sort(key=lambda task: task.finished_at or 0.0)
    usual = _usual(over)
    shares = {kind: _lost(over, usual, kind) for kind in {task.kind for task in over}}
    worst = max(shares, key=lambda kind: (shares[kind], kind))
    cuts = windows_of(over, _LEAST_OF_A_WINDOW)
    waste = _Waste(
        worst,
        max(0.0, shares[worst] - before),
        [max(0.0, _lost(cut, usual, worst) - before) for cut in cuts],
        f"work of failed tasks of {clean(worst, 80) or 'all kinds'}, beyond the baseline, by all work",
    )
    return _judged(signals, f"pool {key}", key, (before, pool.row.failed_ratio), waste, len(over))


def _judged(signals: Signals, of: str, target: str, ratios: tuple[float, float], waste: _Waste, n: int) -> Verdict:
    before, now = ratios
    points = limit(signals, LIMITS, "err1_points")
    text = f"{now:.1%} errors, {before:.1%} in the baseline, limit {points:+.0%}"
    if now - before <= points:
        return Quiet(target, text)
    estimate = from_values(waste.windows, waste.share)
    of_whom = clean(waste.name, 80) or "all kinds"
    return Found(
        target=target,
        title=f"Mend the errors of {of_whom} in {of}",
        effort=Effort.MEDIUM,
        impact=less(f"wasted work of {of}", Unit.RATIO, 1.0, estimate.gain, waste.method),
        gain=estimate.gain,
        n=n,
        n_min=_FULL,
        evidence=(Evidence("", text, now, Unit.RATIO, n, signals.window_s),),
        steps=(
            f"Read the errors of {of_whom}",
            "See what changed since the baseline",
            "Mend or revert it",
        ),
        text=text,
        confidence=estimate.confidence,
        assumptions=("what fails is work that has to be done again",),
    )


def _classes(windows: Sequence[ServiceWindow]) -> set[str]:
    return {name for window in windows for name in window.requests}


def _requests(windows: Sequence[ServiceWindow], name: str | None = None) -> float:
    return sum(n for window in windows for one, n in window.requests.items() if name in (None, one))


def _errors(windows: Sequence[ServiceWindow], name: str | None = None) -> float:
    return sum(n for window in windows for one, n in window.errors.items() if name in (None, one))


def _ratio(windows: Sequence[ServiceWindow], name: str | None = None) -> float:
    requests = _requests(windows, name)
    return _errors(windows, name) / requests if requests > 0 else 0.0


def _wasted(windows: Sequence[ServiceWindow], baseline: ServiceWindow, name: str) -> float:
    """Failed requests of a class beyond those that its baseline explains, by all requests (E8)."""
    extra = _errors(windows, name) - _ratio([baseline], name) * _requests(windows, name)
    requests = _requests(windows)
    return max(0.0, extra) / requests if requests > 0 else 0.0


def _usual(tasks: Sequence[TaskRow]) -> dict[str, float]:
    spans: dict[str, list[float]] = defaultdict(list)
    for task in tasks:
        if task.state is WorkState.OK and task.duration_s is not None:
            spans[task.kind].append(task.duration_s)
    return {kind: percentile(sorted(its), 0.5) for kind, its in spans.items()}


def _lost(tasks: Sequence[TaskRow], usual: Mapping[str, float], kind: str) -> float:
    """Work of failed tasks and attempts of a kind, each at least as long as its kind takes, by all work (E8)."""
    lost = total = 0.0
    for task in tasks:
        work = max(task.duration_s or 0.0, usual.get(task.kind, 0.0))
        total += work + task.wasted_s
        if task.kind == kind:
            lost += task.wasted_s + (0.0 if task.state is WorkState.OK else work)
    return lost / total if total > 0 else 0.0


RULES = (Rule("ERR1", "Errors", (FAILED_RATIO,), LIMITS, _err1),)
