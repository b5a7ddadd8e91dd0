"""Conditions that a run has to meet, in k6's grammar: ``p(95)<200``, ``rate<0.01``, ``http_req_failed: rate<0.1``.

Grammar: k6's thresholds_parser.go, ``avg|min|max|med|p(N)|count|rate|value  > >= < <= == === !=  number``. Without a
metric ``rate`` is that of failed requests, ``count`` that of requests, and everything else is the response time in ms.
``http_req_duration{name:home}: med<=50`` is that of one target.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import NamedTuple

from perftui.load.histogram import Histogram
from perftui.load.tally import UNSENT, Tally

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "===": operator.eq, "!=": operator.ne,
}  # fmt: skip
_THRESHOLD = re.compile(
    r"(?:(?P<metric>[a-z_]+)(?:\{name:(?P<target>[^{}]+)\})?\s*:\s*)?"
    r"(?P<what>avg|min|max|med|count|rate|value|p\(\s*(?P<p>\d+(?:\.\d+)?)\s*\))\s*"
    r"(?P<compare>>=|>|<=|<|===|==|!=)\s*(?P<limit>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
)
_TRENDS = {
    "http_req_duration": "response", "http_req_blocked": "blocked", "http_req_connecting": "connect",
    "http_req_tls_handshaking": "tls", "http_req_sending": "send", "http_req_waiting": "ttfb",
    "http_req_receiving": "transfer", "service": "service", "lag": "lag",
}  # fmt: skip
_OF_TREND = ("avg", "min", "max", "med", "p")
_RATES = ("http_req_failed", "checks")
_COUNTERS = {"http_reqs": "done", "dropped_iterations": "dropped", "data_received": "bytes"}
_KNOWN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_TRENDS, _OF_TREND),
    **dict.fromkeys(_RATES, ("rate",)),
    **dict.fromkeys(_COUNTERS, ("count", "rate")),
}


class Condition(NamedTuple):
    """A threshold that is understood; ``what`` is ``p`` for a percentile, which is ``p`` of 100."""

    expr: str
    metric: str
    target: str
    what: str
    p: float
    compare: str
    limit: float

    @property
    def is_about_time(self) -> bool:
        """Whether its limit is in milliseconds."""
        return self.metric in _TRENDS

    def value(self, tally: Tally, seconds: float) -> float | None:
        """Milliseconds, a share, or a number; None while nothing has happened that it could be about."""
        if self.metric in _TRENDS:
            histogram = self._histogram(tally)
            return None if histogram is None else _of(histogram, self.what, self.p)
        if self.metric in _RATES:
            return self._share(tally)
        count = float(getattr(tally, _COUNTERS[self.metric]))
        if self.what == "count":
            return count
        return count / seconds if seconds > 0 else None

    def holds(self, value: float | None) -> bool:
        """A condition about nothing holds, as in k6."""
        return value is None or _COMPARE[self.compare](value, self.limit)

    def _histogram(self, tally: Tally) -> Histogram | None:
        if self.target:
            endpoint = tally.endpoints.get(self.target)
            return endpoint.response if endpoint is not None else None
        name = _TRENDS[self.metric]
        if name == "response":
            return tally.response()
        histogram: Histogram = getattr(tally, name)
        return histogram

    def _share(self, tally: Tally) -> float | None:
        if self.metric == "checks":
            passed = sum(check[0] for check in tally.checks.values())
            return _share(passed, passed + sum(check[1] for check in tally.checks.values()))
        if self.target:
            endpoint = tally.endpoints.get(self.target)
            return None if endpoint is None else _share(endpoint.failed, endpoint.done)
        # requests that could not be written were never sent; they failed all the same
        unsent = sum(tally.errors.get(kind, 0) for kind in UNSENT)
        return _share(tally.failed.n + unsent, tally.done + unsent)


def parse_threshold(text: str) -> Condition:
    """Raises ValueError with what is wrong."""
    match = _THRESHOLD.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a threshold such as 'p(95)<200', 'rate<0.01' or 'http_reqs: count>1000'")
    what = match["what"].split("(")[0]
    percent = float(match["p"] or 0)
    if percent > 100:
        raise ValueError(f"{text!r}: a percentile is from 0 to 100")
    default = {"rate": "http_req_failed", "count": "http_reqs"}.get(what, "http_req_duration")
    metric = match["metric"] or default
    if metric not in _KNOWN:
        raise ValueError(f"{text!r}: unknown metric {metric} (known: {', '.join(sorted(_KNOWN))})")
    if what not in _KNOWN[metric]:
        raise ValueError(f"{text!r}: {metric} has {', '.join(_KNOWN[metric])}, not {what}")
    if match["target"] and metric not in ("http_req_duration", "http_req_failed"):
        raise ValueError(f"{text!r}: only http_req_duration and http_req_failed are kept by name")
    return Condition(
        text.strip(), metric, match["target"] or "", what, percent, match["compare"], float(match["limit"])
    )


def _of(histogram: Histogram, what: str, percent: float) -> float | None:
    if not histogram.n:
        return None
    if what == "avg":
        value = histogram.mean()
    elif what in ("min", "max"):
        value = float(histogram.low if what == "min" else histogram.high)
    else:
        value = histogram.quantile(0.5 if what == "med" else percent / 100)
    return None if value is None else value / 1e6


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
