"""What a load saw of its target, cut into windows, the way rules look at any service."""

from __future__ import annotations

import math
from collections.abc import Iterable

from perftui.analysis.quantiles import merged
from perftui.analysis.rules.signals import Buckets, LoadSignals, ServiceSignals, ServiceWindow
from perftui.domain.load import LoadState
from perftui.domain.text import clean
from perftui.load.histogram import Histogram, middle
from perftui.load.job import Job
from perftui.load.thresholds import parse_threshold
from perftui.session.load.series import Second

_MOST_WINDOWS, _MOST_CLASSES = 48, 50
# bounds a power of two: an interpolated percentile is off by 2 % at most
_PARTS = 16
_NS, _MS = 1e9, 1e3


class LoadWindows:
    """One window a second; of a long load two become one, again and again."""

    def __init__(self) -> None:
        self._found: list[ServiceWindow] = []

    def add(self, second: Second) -> None:
        """Seconds of the measured time only."""
        classes = second.tally.endpoints
        many = len(classes) > _MOST_CLASSES
        latency: dict[str, Buckets] = {}
        requests: dict[str, float] = {}
        errors: dict[str, float] = {}
        for name, its in classes.items():
            key = "" if many else clean(name, 120)
            latency[key] = merged([latency.get(key, ()), on_grid(its.response)])
            requests[key] = requests.get(key, 0.0) + its.done
            errors[key] = errors.get(key, 0.0) + its.failed
        end = second.batch.at
        self._found.append(ServiceWindow(end - second.passed_s, end, latency, requests, errors))
        if len(self._found) > _MOST_WINDOWS:
            self._found = [_joined(self._found[place : place + 2]) for place in range(0, len(self._found), 2)]

    def service(self, name: str, slo_s: float | None) -> ServiceSignals:
        """The target as a service."""
        return ServiceSignals(name, "endpoint", slo_s, tuple(self._found), None)


def on_grid(histogram: Histogram) -> Buckets:
    """The same counts below bounds that all windows share, in seconds; empty below what is not."""
    counts: dict[int, float] = {}
    for index, count in histogram.counts.items():
        place = math.floor(math.log2(max(1.0, middle(index))) * _PARTS) + 1
        counts[place] = counts.get(place, 0.0) + count
        # where the bucket begins: without it the one before would reach up to here
        counts.setdefault(place - 1, 0.0)
    return tuple((2 ** (place / _PARTS) / _NS, count) for place, count in sorted(counts.items()))


def signals_of(state: LoadState, job: Job, windows: LoadWindows, most_connections: int) -> LoadSignals:
    """What rules look at; ``most_connections`` is how many there were at once."""
    return LoadSignals(
        name=f"load {state.run_id}",
        service=windows.service(f"load on {state.target}", objective(job)),
        is_over=state.phase.is_over,
        is_open=state.model == "open",
        measured_s=max(0.0, state.at_s),
        planned_s=state.planned_s,
        done=state.done,
        dropped=state.dropped,
        connections=state.max_connections,
        at_cap=most_connections >= state.max_connections,
        cpu_share=state.cpu_share,
        late_share=state.late_share,
        lag_p99_s=_seconds(state.lag.p99),
        blocked_p99_s=_seconds(state.blocked.p99),
        response_p99_s=_seconds(state.response.p99),
    )


def objective(job: Job) -> float | None:
    """The p95 of all responses that the plan asks for, in seconds; the strictest of them, None without one."""
    conditions = [parse_threshold(one.expr) for one in job.thresholds]
    found = [
        one.limit / _MS
        for one in conditions
        if (one.metric, one.target, one.what, one.p) == ("http_req_duration", "", "p", 95.0)
        and one.compare in ("<", "<=")
    ]
    return min(found, default=None)


def _joined(windows: Iterable[ServiceWindow]) -> ServiceWindow:
    its = list(windows)
    names = dict.fromkeys(name for window in its for name in window.requests)
    return ServiceWindow(
        its[0].start,
        its[-1].end,
        {name: merged(window.latency.get(name, ()) for window in its) for name in names},
        {name: sum(window.requests.get(name, 0.0) for window in its) for name in names},
        {name: sum(window.errors.get(name, 0.0) for window in its) for name in names},
    )


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / _MS
