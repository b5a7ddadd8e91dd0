"""Service level objectives of a session: what is asked for them, how they stand, and their alerts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from perftui.analysis.burn import Count, Judged, Pair, judge, pairs, windows
from perftui.analysis.thresholds import SOURCE, over
from perftui.config.answering import answering_source
from perftui.config.expressions import measured_every
from perftui.config.objectives import WINDOW
from perftui.config.schema import Config, Objective
from perftui.domain.alerts import Alert, AlertState, fingerprint
from perftui.domain.queries import Query
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import Selector, series_id
from perftui.domain.triage import SloRow
from perftui.domain.units import Unit
from perftui.store.memory import MemoryStore

_SCRAPE_S = 15.0
# how often a window is counted anew: a sixtieth of it, between these
_SOONEST_S, _LATEST_S = 5.0, 60.0
_NOT_A_NAME = re.compile(r"[^a-z0-9_]")


class _Asked(NamedTuple):
    """Names of the three queries of one window: bad events, all events, and whether there were any at its far end."""

    bad: str
    all: str
    reach: str


class _Plan(NamedTuple):
    source: str
    pairs: tuple[Pair, ...]
    asked: Mapping[float, _Asked]
    queries: tuple[Query, ...]


class Objectives:
    """``rows`` and ``alerts`` are those of the last tick."""

    def __init__(self, config: Config, memory: MemoryStore) -> None:
        self._memory = memory
        self._known: dict[str, Alert] = {}
        self.rows: tuple[SloRow, ...] = ()
        self.alerts: tuple[Alert, ...] = ()
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Another configuration is in force."""
        self._objectives = config.slo
        self._plans = {name: _plan(config, name, one) for name, one in config.slo.items()}

    def queries(self, source: str) -> tuple[Query, ...]:
        """What this source has to be asked."""
        return tuple(query for plan in self._plans.values() if plan.source == source for query in plan.queries)

    def tick(self, now: float) -> Batch | None:
        """Judge all of them; gives the burn rates as series, so that they can be drawn. None without objectives."""
        judged = {name: self._judge(name, one, now) for name, one in self._objectives.items()}
        self.rows = tuple(one.row for one in judged.values())
        found = {name: self._alert(name, one, now) for name, one in judged.items()}
        self._known = {name: alert for name, alert in found.items() if alert is not None}
        self.alerts = tuple(self._known.values())
        values = {
            burn_series(row.key, place): burn.rate
            for row in self.rows
            for place, burn in zip(self._plans[row.key].pairs, row.burns, strict=True)
            if burn.rate is not None
        }
        return Batch(SOURCE, now, 0.0, values) if judged else None

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        """The series of all burn rates."""
        return tuple(
            SeriesInfo(burn_series(name, pair), Unit.NONE, 1.0, "how many times too fast the error budget burns")
            for name, plan in self._plans.items()
            for pair in plan.pairs
        )

    def _judge(self, name: str, one: Objective, now: float) -> Judged:
        plan = self._plans[name]
        counts = {
            window: count
            for window, asked in plan.asked.items()
            if (count := self._count(plan, window, asked, now)) is not None
        }
        return judge(name, one.title or name, one.target, one.period, plan.pairs, counts, one.least)

    def _count(self, plan: _Plan, window: float, asked: _Asked, now: float) -> Count | None:
        """None while it is not known, or while the data does not reach back to the window's beginning."""
        total = self._newest(plan.source, asked.all, window, now)
        if total is None or not self._reaches(plan, window, asked, now):
            return None
        # no bad event has ever been counted: then there is no such series
        return Count(self._newest(plan.source, asked.bad, window, now) or 0.0, total)

    def _newest(self, source: str, name: str, window: float, now: float) -> float | None:
        found = [self._memory.latest(series) for series in self._memory.select(Selector(source, name))]
        fresh = [one[1] for one in found if one is not None and now - one[0] <= 3 * every_s(window) + _SOONEST_S]
        return sum(fresh) if fresh else None

    def _reaches(self, plan: _Plan, window: float, asked: _Asked, now: float) -> bool:
        if self._newest(plan.source, asked.reach, window, now) is not None:
            return True
        shortest = plan.asked[min(plan.asked)]
        since = [self._memory.oldest_at(one) for one in self._memory.select(Selector(plan.source, shortest.all))]
        return any(at is not None and now - at >= window for at in since)

    def _alert(self, name: str, judged: Judged, now: float) -> Alert | None:
        known, pair = self._known.get(name), judged.pair
        if pair is None:
            return over(known, now)
        firing = known is not None and known.state is AlertState.FIRING
        since = known.since if known is not None and firing else now
        worse = known is not None and firing and known.severity is not pair.severity
        left = "" if judged.row.left is None else f", {judged.row.left * 100:.0f} % of the budget left"
        return Alert(
            fingerprint({"alertname": f"slo:{name}", "slo": name}), judged.row.title, f"slo:{name}", pair.severity,
            AlertState.FIRING, now if worse else since, known.active_at if known is not None and firing else now,
            SOURCE, burn_series(name, pair), judged.rate, pair.factor, True, Unit.NONE, 0.0,
            f"the error budget burns too fast over {pair.text}{left}", (("slo", name), ("windows", pair.text)),
        )  # fmt: skip


def burn_series(name: str, pair: Pair) -> str:
    """The series of a burn rate over the long window of a pair."""
    return series_id(SOURCE, "slo_burn_rate", {"slo": name, "window": pair.text.rpartition("+")[2]})


def every_s(window: float) -> float:
    """How often the events of a window are counted."""
    return min(_LATEST_S, max(_SOONEST_S, window / 60))


def _plan(config: Config, name: str, one: Objective) -> _Plan:
    source = answering_source(config, one.source)
    scrape = measured_every(config, source) or _SCRAPE_S
    of = pairs(one.period, scrape)
    asked, queries = {}, []
    for window in windows(of, one.period):
        stem = f"slo_{_NOT_A_NAME.sub('_', name)}"
        names = asked[window] = _Asked(*(f"{stem}_{what}_{window:.0f}s" for what in ("bad", "all", "reach")))
        probe = max(4 * scrape, window / 10)
        texts = {
            names.bad: WINDOW.sub(f"[{window:.0f}s]", one.bad),
            names.all: WINDOW.sub(f"[{window:.0f}s]", one.all),
        }
        if source in config.sources.prometheus and window > probe:
            texts[names.reach] = WINDOW.sub(f"[{probe:.0f}s] offset {window - probe:.0f}s", one.all)
        queries += [Query(query, text, every_s=every_s(window)) for query, text in texts.items()]
    return _Plan(source, of, asked, tuple(queries))
