"""A Prometheus server as a source: its queries become series, its rules alerts, its silence a reason."""

from __future__ import annotations

import asyncio
import re
import statistics
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from perftui.config.schema import PrometheusSource as Settings
from perftui.domain.errors import QueryError
from perftui.domain.health import SourceError
from perftui.domain.queries import Exemplar, MetricInfo, Query, Tried, query_name, unit_of, unit_of_result
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import parse_series
from perftui.sources.deadline import within
from perftui.sources.prometheus.alerting import Alerting
from perftui.sources.prometheus.answers import Kind, counts_by_labels, kind_of, vector
from perftui.sources.prometheus.asker import Asker, Round
from perftui.sources.prometheus.backfill import Backfill
from perftui.sources.prometheus.direct import Direct
from perftui.sources.prometheus.history import ServerHistory
from perftui.sources.prometheus.learned import Learned
from perftui.sources.prometheus.library import Library
from perftui.sources.prometheus.standing import Standings
from perftui.sources.prometheus.steps import nice_step, ready

# the first questions wait this long for the scrape interval, which their windows are made of
_LEARNING_S = 0.3
_SKEW_NOTED_S = 2.0
_MOST_SERIES = 5000
_MOST_VALUES = 200
_LABEL_SETS = 2000
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class PrometheusSource:
    """``backfill_s`` is how much of the time before the start is fetched. Secrets come from ``environ`` and files."""

    kind = "prometheus"
    wanted = True

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        environ: Mapping[str, str],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        detect: Callable[[list[str]], tuple[str, ...]] = lambda _: (),
        backfill_s: float = 300.0,
    ) -> None:
        self.name, self.interval_s = name, settings.interval
        # the source names its failures itself, in time; this is for the case that it does not
        self.deadline_s = 2 * settings.timeout + 1.0
        self._settings, self._wall, self._monotonic = settings, wall, monotonic
        self._step_s = nice_step(settings.interval)
        self._library = Library(name, settings, environ, monotonic)
        self._direct = Direct(settings, environ)
        self._standings = Standings()
        self._learned = Learned(self._library, self._direct, settings.scrape_interval, detect, monotonic)
        self._alerting = Alerting(name, self._direct, settings.alerts_interval, monotonic) if settings.alerts else None
        self._asker = Asker(
            name, self._library, self._standings, self._fill,
            interval_s=settings.interval, timeout_s=settings.timeout, wall=wall, monotonic=monotonic,
        )  # fmt: skip
        self._backfill = Backfill(name, self._library, self._fill, interval_s=settings.interval, span_s=backfill_s)
        self._history = ServerHistory(name, self._direct, self._fill)
        self._skews: deque[float] = deque(maxlen=9)
        self._warnings: tuple[str, ...] = ()
        self._failing = False
        self.watchdog = settings.watchdog if settings.alerts else ""
        self._infos: dict[str, SeriesInfo] = {}
        self._catalogue: tuple[SeriesInfo, ...] = ()

    async def poll(self) -> Batch:
        learning = self._learned.begin()
        if learning is not None and not self._catalogue:
            await asyncio.wait({learning}, timeout=_LEARNING_S)
        at, started = self._wall(), self._monotonic()
        found = await self._asker.round()
        self._skews.extend(found.skews_s)
        self._warnings = tuple(dict.fromkeys(found.warnings))[:5]
        if found.error is not None:
            self._failing = True
            took = self._monotonic() - started
            error = SourceError(found.error.kind, str(found.error), found.error.wait_s)
            return Batch(self.name, at, took, error=error)
        if self._failing:
            self._failing = False
            self._learned.forget()
        self._backfill.want(found.answered, at, self.skew_s)
        if self._alerting is not None:
            self._alerting.begin(self.skew_s)
        return self._batch(found, at, started)

    def _batch(self, found: Round, at: float, started: float) -> Batch:
        past = {**self._backfill.take(), **found.late}
        self._describe(found.values)
        alerts = None if self._alerting is None else self._alerting.take()
        return Batch(self.name, at, self._monotonic() - started, found.values, alerts=alerts, past=past)

    def _describe(self, values: Mapping[str, float]) -> None:
        if values.keys() <= self._infos.keys():
            return
        for series in [series for series in values if series not in self._infos]:
            name = parse_series(series).name
            standing = self._standings.get(name)
            expr = "" if standing is None else standing.query.expr
            self._infos[series] = SeriesInfo(series, unit_of_result(name, expr), self.interval_s, expr)
        while len(self._infos) > _MOST_SERIES:  # labels that change for ever must not fill the memory
            self._infos.pop(next(iter(self._infos)))
        self._catalogue = tuple(self._infos.values())

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue

    @property
    def skew_s(self) -> float:
        """How far the server's clock is ahead of ours; 0 while that is within what a network makes."""
        skew = statistics.median(self._skews) if self._skews else 0.0
        return skew if abs(skew) > _SKEW_NOTED_S else 0.0

    @property
    def troubles(self) -> dict[str, str]:
        return self._standings.troubles(self._monotonic(), self._settings.timeout)

    @property
    def profiles(self) -> tuple[str, ...]:
        return self._learned.profiles if self._settings.profiles else ()

    @property
    def blind(self) -> str:
        return "" if self._alerting is None else self._alerting.blind

    @property
    def alerts_due(self) -> bool | None:
        return None if self._alerting is None else self._alerting.due or self._alerting.fresh

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of its answers."""
        notes = [self._learned.build] if self._learned.build else []
        if self._alerting is not None and self._alerting.rules is not None:
            notes.append(f"{self._alerting.rules} alerting rules")
            notes.extend(f"rule {text}" for text in self._alerting.failing[:5])
        if not self._settings.verify and self._settings.url.startswith("https:"):
            notes.append("its certificate is not verified (verify = false)")
        skew = self.skew_s
        if skew:
            notes.append(f"its clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} ours")
        if self._library.stuck or self._library.rebuilt:
            notes.append(f"{self._library.stuck} threads hang, all were replaced {self._library.rebuilt} times")
        notes.extend(f"it warns: {text}" for text in self._warnings)
        if self._backfill.failed:
            notes.append(self._backfill.failed)
        return (*notes, *self._learned.lacks.values())

    def set_queries(self, queries: Sequence[Query]) -> None:
        self._standings.set(queries)

    async def try_query(self, expr: str) -> Tried:
        """Raises QueryError with the server's own words when the expression is wrong."""
        shown, result, warnings, took = await self._direct.query(self._fill(expr))
        kind = kind_of(result)
        name = query_name(expr)
        if kind is Kind.SCALAR:
            return Tried(Query(name, expr), "scalar", 1, took, warnings)
        found = vector(self.name, name, result)
        return Tried(Query(name, expr), shown or kind.value, found.series, took, warnings)

    async def metrics(self) -> tuple[MetricInfo, ...]:
        names, told = await asyncio.gather(self._library.metric_names(), self._metadata())
        return tuple(_metric_info(name, told) for name in sorted(names) if _METRIC.fullmatch(name))

    async def _metadata(self) -> dict[str, tuple[str, str, str]]:
        """Not every dialect keeps metadata: names are worth something without."""
        try:
            return await within(self._settings.timeout, self._direct.metadata())
        except (QueryError, TimeoutError):
            return {}

    async def labels(self, metric: str) -> dict[str, tuple[str, ...]]:
        now = self._wall() + self.skew_s
        found: dict[str, set[str]] = {}
        for labels in await self._direct.series(metric, now - 300, now, _LABEL_SETS):
            for name, value in labels.items():
                if name != "__name__":
                    found.setdefault(name, set()).add(value)
        return {name: tuple(sorted(values)[:_MOST_VALUES]) for name, values in sorted(found.items())}

    async def exemplars(self, expr: str, start: float, end: float) -> tuple[Exemplar, ...]:
        skew = self.skew_s
        return await self._direct.exemplars(self._fill(expr), start + skew, end + skew, -skew)

    async def activations(self, span_s: float) -> dict[tuple[tuple[str, str], ...], int]:
        """An alert that is active now became so once more than the start of its state changed (pending counts too)."""
        _, result, _, _ = await self._direct.query(f"changes(ALERTS_FOR_STATE[{span_s:.0f}s]) + 1")
        return counts_by_labels(result)

    async def past(
        self, names: Sequence[str], start: float, end: float, step_s: float
    ) -> dict[str, list[tuple[float, float]]]:
        standings = [standing for name in names if (standing := self._standings.get(name)) is not None]
        return await self._history.past(standings, start, end, step_s, self.skew_s)

    async def close(self) -> None:
        for part in (self._asker, self._backfill, self._learned, self._alerting, self._library):
            if part is not None:
                part.close()
        await self._direct.close()

    def _fill(self, expr: str, step_s: float | None = None) -> str:
        step = self._step_s if step_s is None else step_s
        return ready(expr, step, self._learned.scrape_s, self._settings.select, self._learned.longest_s)


def _metric_info(name: str, told: Mapping[str, tuple[str, str, str]]) -> MetricInfo:
    """Metadata is kept under the family's name: that of a histogram's buckets has no ``_bucket``."""
    family = next((name.removesuffix(end) for end in ("_bucket", "_sum", "_count") if name.endswith(end)), name)
    kind, _, text = told.get(name) or told.get(family) or told.get(name.removesuffix("_total")) or ("unknown", "", "")
    return MetricInfo(name, kind or "unknown", unit_of(name), text)
