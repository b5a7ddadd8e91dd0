"""A load as series, one value a second each: what every chart and rule can look at like at anything else."""

from __future__ import annotations

from typing import NamedTuple

from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.units import Unit
from perftui.load.frames import Delta
from perftui.load.job import Job, Model
from perftui.load.tally import Tally

SOURCE = "load"
EVERY_S = 1.0
# a tick that comes between two full seconds would make rates of next to nothing
_LEAST_S = 0.5
_NS = 1e9
_QUANTILES = (("response_p50", 0.5), ("response_p95", 0.95), ("response_p99", 0.99))
_SAID: tuple[tuple[str, Unit, str], ...] = (
    ("response_p50", Unit.SECONDS, "response time from the intended start, median"),
    ("response_p95", Unit.SECONDS, "response time from the intended start, 95th percentile"),
    ("response_p99", Unit.SECONDS, "response time from the intended start, 99th percentile"),
    ("service_p95", Unit.SECONDS, "from sending to the last byte, 95th percentile"),
    ("offered", Unit.PER_SECOND, "requests that were meant to be sent"),
    ("sent", Unit.PER_SECOND, "requests sent"),
    ("done", Unit.PER_SECOND, "requests that ended, well or not"),
    ("errors", Unit.PER_SECOND, "requests that failed"),
    ("in_flight", Unit.COUNT, "requests under way"),
    ("backlog", Unit.COUNT, "arrivals that wait for a connection"),
    ("rate", Unit.PER_SECOND, "planned arrivals"),
    ("lag_p99", Unit.SECONDS, "how late our own loop handled arrivals, 99th percentile"),
    ("cpu", Unit.RATIO, "CPU time of the generator, of one core"),
)
CATALOGUE = tuple(SeriesInfo(f"{SOURCE}/{name}", unit, EVERY_S, told) for name, unit, told in _SAID)


class Second(NamedTuple):
    """About a second of a load: its series, and all that was counted in ``passed_s``; ramps are not ``counted``."""

    batch: Batch
    tally: Tally
    passed_s: float
    counted: bool


class LoadSeries:
    """Gathers frames until it is asked for a second of them."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._tally = Tally()
        self._delta: Delta | None = None
        # at which moment of the run, and of its CPU time, the last second ended
        self._at_s, self._cpu_s = 0.0, 0.0

    def take(self, delta: Delta) -> None:
        """The ramp counts too: a chart shows what was sent, whatever is judged later."""
        self._tally.merge(delta.tally)
        if self._delta is None:
            self._cpu_s = delta.cpu_s
        if delta.at_s < self._at_s:  # the clock of the run stood still while it was paused
            self._at_s = delta.at_s
        self._delta = delta

    def second(self, at: float) -> Second | None:
        """What happened since the last one, told at ``at`` (epoch); None when there is not enough yet."""
        delta = self._delta
        # what the engine says, not when it came: of ten frames a second one more or less would be a tenth of a rate
        passed = 0.0 if delta is None else delta.at_s - self._at_s
        if delta is None or passed < _LEAST_S:
            return None
        tally, self._tally, self._at_s = self._tally, Tally(), delta.at_s
        values = {**_rates(tally, passed), **_times(tally)}
        values["in_flight"], values["backlog"] = float(delta.in_flight), float(delta.backlog)
        if self._job.model is Model.OPEN:
            values["rate"] = delta.rate
        values["cpu"] = max(0.0, delta.cpu_s - self._cpu_s) / passed
        self._cpu_s = delta.cpu_s
        batch = Batch(SOURCE, at, 0.0, {f"{SOURCE}/{name}": value for name, value in values.items()})
        return Second(batch, tally, passed, delta.counted)


def _rates(tally: Tally, passed: float) -> dict[str, float]:
    counts = {"offered": tally.offered, "sent": tally.sent, "done": tally.done, "errors": tally.failed.n}
    return {name: count / passed for name, count in counts.items()}


def _times(tally: Tally) -> dict[str, float]:
    """A second in which nothing came back has no response time."""
    response = tally.response()
    found = {name: response.quantile(q) for name, q in _QUANTILES}
    found["service_p95"] = tally.service.quantile(0.95)
    found["lag_p99"] = tally.lag.quantile(0.99)
    return {name: ns / _NS for name, ns in found.items() if ns is not None}
