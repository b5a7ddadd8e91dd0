"""An endpoint with metrics as a source: panels, rates and quantiles as with a Prometheus server, but without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from perftui.config.schema import ScrapeSource as Settings
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.health import SourceError
from perftui.domain.queries import (
    MAX_SERIES,
    Exemplar,
    MetricInfo,
    Query,
    Tried,
    query_name,
    too_many,
    unit_of_result,
)
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import Selector, parse_series
from perftui.sources.scrape.exemplars import exemplars
from perftui.sources.scrape.plans import Plan, plans, read, warnings
from perftui.sources.scrape.promql.evaluate import Evaluator
from perftui.sources.scrape.promql.quantile import Estimate
from perftui.sources.scrape.promql.tree import ExpressionError, Picker
from perftui.sources.scrape.results import Results, first
from perftui.sources.scrape.target import OWN, Target
from perftui.sources.scrape.why import Why

_MOST_INFOS = 5000
_MOST_VALUES = 200


class ScrapeSource:
    """``detect`` tells which ready panels fit the names of metrics. ``troubles`` say why a query, or a series that
    was asked for by its name, has no values.
    """

    kind = "scrape"
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
    ) -> None:
        self.name, self.interval_s = name, settings.interval
        # the client ends in time itself and names the reason; this is for the case that it does not
        self.deadline_s = settings.timeout + 0.2
        self._settings, self._wall, self._monotonic, self._detect = settings, wall, monotonic, detect
        self._target = Target(settings, environ, wall, monotonic)
        self._samples = self._target.samples
        self._evaluator = Evaluator(self._samples, wall)
        self._results, self._why = Results(name), Why(self._samples)
        self._plans: tuple[Plan, ...] = ()
        self._interest: tuple[tuple[str, Picker], ...] = ()
        self._infos: dict[str, SeriesInfo] = {}
        self._catalogue: tuple[SeriesInfo, ...] = ()
        self._detected = -1
        self.profiles: tuple[str, ...] = ()
        self.troubles: dict[str, str] = {}

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue

    @property
    def notes(self) -> tuple[str, ...]:
        return self._target.notes

    async def poll(self) -> Batch:
        at, started = self._wall(), self._monotonic()
        try:
            await self._target.scrape()
        except QueryError as error:
            took = self._monotonic() - started
            return Batch(self.name, at, took, error=SourceError(error.kind, str(error), error.wait_s))
        async with self._target.reading:
            values = await self._evaluated()
        self._find_profiles()
        self._describe(values)
        return Batch(self.name, at, self._monotonic() - started, values)

    async def _evaluated(self) -> dict[str, float]:
        """Everything that is wanted of the last scrape; what has no value has a trouble."""
        troubles: dict[str, str] = {}
        values = {f"{self.name}/{name}": self._target.own(name) for name in OWN}
        for name, picker in self._interest:
            await self._target.turns(self._samples.pick(picker))
            picked = self._samples.newest(picker)
            values.update(first(self._results.of_series(picked, self._samples.values)))
            if len(picked) > MAX_SERIES:
                troubles[name] = too_many(len(picked))
            if not picked:
                troubles[name] = self._why.missing(picker) or self._why.astray(picker) or "its samples are too old"
        for plan in self._plans:
            found, trouble = await self._answered(plan)
            values.update(found)
            if trouble:
                troubles[plan.query.name] = trouble
        self.troubles = troubles
        return values

    async def _answered(self, plan: Plan) -> tuple[dict[str, float], str]:
        """The results of a query, or why there are none."""
        if plan.tree is None:
            return {}, plan.trouble
        try:
            value = await self._target.turns(self._evaluator.value(plan.tree))
        except ExpressionError as error:
            return {}, str(error)
        drawn = self._results.of_query(plan.query.name, value, plan.query.most)
        if not drawn.series:
            return {}, self._why.empty(plan.tree)
        return drawn.values, drawn.trouble

    def brackets(self, name: str) -> dict[str, Estimate]:
        """The bucket that each quantile of a query lies in, by series id: the error of the estimate.

        Empty for a query that is something else than ``histogram_quantile(...)``.
        """
        plan = next((plan for plan in self._plans if plan.query.name == name), None)
        if plan is None or plan.tree is None:
            return {}
        estimates = self._evaluator.brackets.get(plan.tree, {})
        return {
            series: estimate
            for labels, estimate in estimates.items()
            for series in self._results.of_query(name, {labels: estimate.value}).values
        }

    def set_queries(self, queries: Sequence[Query]) -> None:
        self._plans = plans(queries, self._plans, self.interval_s)
        self._samples.want(window for plan in self._plans for window in plan.windows)
        self._evaluator.keep(plan.tree for plan in self._plans if plan.tree is not None)
        self.troubles = {plan.query.name: plan.trouble for plan in self._plans if plan.trouble}

    def set_interest(self, selectors: Sequence[Selector]) -> None:
        """The raw series that are delivered from now on, under their own names."""
        self._interest = tuple((one.name, Picker(one.name, one.matchers)) for one in selectors if one.name not in OWN)

    async def try_query(self, expr: str) -> Tried:
        """How many series it has, also while there is not yet the history that its values need."""
        try:
            tree = read(expr, self.interval_s)
        except ExpressionError as error:
            raise QueryError(ErrorKind.BAD_QUERY, str(error)) from None
        await self._target.freshened()
        started = self._monotonic()
        async with self._target.reading:
            try:
                value = await self._target.turns(Evaluator(self._samples, self._wall).value(tree, trial=True))
            except ExpressionError as error:
                raise QueryError(ErrorKind.BAD_QUERY, str(error)) from None
        scalar = isinstance(value, float)
        series = 1 if isinstance(value, float) else len(value)
        warned = warnings(tree, self.interval_s)
        if not series:
            warned = (*warned, self._why.empty(tree))
        if series > MAX_SERIES:
            warned = (*warned, too_many(series))
        took = self._monotonic() - started
        return Tried(Query(query_name(expr), expr), "scalar" if scalar else "vector", series, took, warned)

    async def metrics(self) -> tuple[MetricInfo, ...]:
        await self._target.freshened()
        return self._target.parser.families.describe(self._samples.names)

    async def labels(self, metric: str) -> dict[str, tuple[str, ...]]:
        await self._target.freshened()
        found: dict[str, set[str]] = {}
        for series in self._samples.names.get(metric, ()):
            for label, value in series.labels:
                found.setdefault(label, set()).add(value)
        return {label: tuple(sorted(values)[:_MOST_VALUES]) for label, values in sorted(found.items())}

    async def exemplars(self, expr: str, start: float, end: float) -> tuple[Exemplar, ...]:
        """From the last scrape only: an endpoint tells no others."""
        await self._target.freshened()
        try:
            tree = read(expr, self.interval_s)
        except ExpressionError as error:
            raise QueryError(ErrorKind.BAD_QUERY, str(error)) from None
        told = {} if self._target.last is None else self._target.last.exemplars
        return exemplars(tree, self._samples, told, self._target.wall_at, start, end)

    async def close(self) -> None:
        await self._target.close()

    def _find_profiles(self) -> None:
        if self._settings.profiles and self._detected != self._samples.names_version:
            self._detected = self._samples.names_version
            self.profiles = self._detect(sorted(self._samples.names))

    def _describe(self, values: Mapping[str, float]) -> None:
        """Learn the series that are new; labels that change for ever must not fill the memory."""
        new = [series for series in values if series not in self._infos]
        if not new:
            return
        asked = {plan.query.name: plan.query.expr for plan in self._plans}
        families = self._target.parser.families
        for series in new:
            name = parse_series(series).name
            if name in asked:
                info = SeriesInfo(series, unit_of_result(name, asked[name]), self.interval_s, asked[name])
            else:
                (metric,) = families.describe([name])
                info = SeriesInfo(series, metric.unit, self.interval_s, metric.help)
            self._infos[series] = info
        if len(self._infos) > _MOST_INFOS:
            gone = [series for series in self._infos if series not in values]
            for series in gone[: len(self._infos) - _MOST_INFOS]:
                del self._infos[series]
        self._catalogue = tuple(self._infos.values())
