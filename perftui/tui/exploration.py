"""What somebody explores on the Metrics screen: asks the session for it, and keeps what the screen is drawn from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from perftui.config.promql_warnings import warnings
from perftui.domain.health import SourceState
from perftui.domain.queries import Exemplar, MetricInfo, Tried
from perftui.domain.series import parse_selector
from perftui.domain.text import clean
from perftui.link.client import LinkState
from perftui.tui.asking import Asking
from perftui.tui.deck import Deck
from perftui.view.exploring import (
    MAX_PLOTS,
    MAX_SERIES,
    Exploring,
    Listing,
    Plot,
    measured,
    measured_labels,
    sources_of,
)
from perftui.view.fuzzy import find

DRAW, EXEMPLARS = "draw", "exemplars"
_METRICS, _LABELS, _AGAIN = "metrics", "labels", "again"
# a metric that the cursor only passes is not asked about
_SETTLE_S = 0.15
_RETRY_S = 5.0
_OLD_S = 60.0
# the session forgets an expression that nobody watched for 30 s
_FORGOTTEN_S = 15.0

Labels = Mapping[str, Sequence[str]]


class _Metrics(NamedTuple):
    """The metrics of a source by name as they were told at a time; ``error`` when they could not be."""

    infos: Sequence[MetricInfo] = ()
    names: Sequence[str] = ()
    lowered: Sequence[str] = ()
    asked_at: float = 0.0
    error: str = ""


class Exploration:
    """``redraw`` shows what changed, ``rewatch`` asks for other windows too; ``start`` runs what takes time."""

    def __init__(
        self,
        deck: Deck,
        redraw: Callable[[], None],
        rewatch: Callable[[], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._deck, self._redraw, self._rewatch, self._start = deck, redraw, rewatch, start
        self.asking = Asking(deck)
        self.source = ""
        self.filter = ""
        self.plots: list[Plot] = []
        self.compared = False
        self.error = ""
        self._exemplars: Sequence[Exemplar] | None = None
        self._exemplars_note = ""
        self._metrics: dict[str, _Metrics] = {}
        self._catalogue: object = None
        self._labels: dict[tuple[str, str], Labels | str] = {}
        self._order: Sequence[int] = ()
        self._at = 0
        self._session: float | None = None
        self._left_at: float | None = None

    # what is drawn

    def exploring(self) -> Exploring:
        """Everything that the picture needs."""
        known = self._metrics.get(self.source, _Metrics())
        note = self.asking.progress(f"{_METRICS} {self.source}")
        if not note and known.error:
            note = f"{self.source}: {known.error}" + ("" if known.infos else "; it is asked again when it answers")
        labels = self._labels.get((self.source, self.selected.name)) if self.selected is not None else None
        asking = self.asking.progress(DRAW) or self.asking.progress(EXEMPLARS)
        return Exploring(
            sources=sources_of(self._deck.mirror),
            source=self.source,
            listing=Listing(
                known.infos, self._order, self._at, self.filter, note, bool(known.error) and not known.infos
            ),
            labels=None if isinstance(labels, str) else labels,
            labels_note=labels if isinstance(labels, str) else "",
            plots=tuple(self.plots),
            compared=self.compared,
            exemplars=self._exemplars,
            exemplars_note=self._exemplars_note,
            asking=f"{asking}, esc cancels" if asking else "",
            error=self.error,
        )

    @property
    def selected(self) -> MetricInfo | None:
        infos = self._metrics.get(self.source, _Metrics()).infos
        return infos[self._order[self._at]] if self._at < len(self._order) else None

    @property
    def names(self) -> Sequence[str]:
        """Of the source's metrics, sorted."""
        return self._metrics.get(self.source, _Metrics()).names

    def takes_expressions(self, source: str) -> bool:
        return dict(sources_of(self._deck.mirror)).get(source, False)

    # what changes by itself

    def look(self) -> None:
        """Notice other sources, other series, and another session; ask again for what could not be told."""
        sources = [name for name, _ in sources_of(self._deck.mirror)]
        if sources and self.source not in sources:
            self.choose(sources[0])
        session = self._deck.mirror.session
        started = None if session is None else session.started_at
        if started != self._session:
            first, self._session = self._session is None, started
            if not first:
                self._metrics.clear()
                self._order = ()
                self.ensure()
        if not self.takes_expressions(self.source):
            self._measure()
        elif self._deck.client.state is LinkState.LIVE and self._is_due():
            self._ask_again()

    def _is_due(self) -> bool:
        known = self._metrics.get(self.source)
        if known is None or not known.error:
            return known is None
        states = {one.name: one.state for one in self._deck.mirror.sources}
        answers = states.get(self.source) is SourceState.OK
        return answers and self._deck.monotonic() - known.asked_at > _RETRY_S

    def _ask_again(self) -> None:
        """For the metrics of this source; what is known of them stays until the answer."""
        known = self._metrics.get(self.source, _Metrics())
        self._metrics[self.source] = known._replace(asked_at=self._deck.monotonic(), error="")
        self._start(self._ask_metrics(self.source))

    def left(self) -> None:
        """The screen is not looked at any more."""
        self._left_at = self._deck.monotonic()

    def entered(self) -> None:
        """It is looked at again; expressions that the session forgot meanwhile are asked again."""
        left, self._left_at = self._left_at, None
        away_s = 0.0 if left is None else self._deck.monotonic() - left
        if away_s > _FORGOTTEN_S:
            self.ensure()
        if away_s > _OLD_S:
            self._labels.clear()
            if self.takes_expressions(self.source):
                self._ask_again()
        self.look()

    def ensure(self) -> None:
        """Have the session evaluate everything that is on the chart."""
        for plot in self.plots:
            if plot.tried is not None:
                self._start(self._again(plot))

    async def _again(self, plot: Plot) -> None:
        reply = await self.asking.ask(f"{_AGAIN} {plot.selector}", plot.source, "explore", expr=plot.expr)
        self.plots = [
            msgspec.structs.replace(one, problem=clean(reply.error, 400)) if one.selector == plot.selector else one
            for one in self.plots
        ]
        self._rewatch()

    # choosing

    def choose(self, source: str) -> None:
        """Look at the metrics of another source, all of them."""
        self.filter = ""
        self.source, self._order, self._at, self._catalogue = source, (), 0, None
        if self.takes_expressions(source):
            self._filter_again("")
        else:
            self._measure()
        self._want_labels()

    def next_source(self, step: int) -> None:
        names = [name for name, _ in sources_of(self._deck.mirror)]
        if names:
            at = names.index(self.source) if self.source in names else 0
            self.choose(names[(at + step) % len(names)])
            self.look()

    def move(self, rows: int) -> None:
        self._at = min(max(0, self._at + rows), max(0, len(self._order) - 1))
        self._want_labels()

    def set_filter(self, text: str) -> None:
        """Leave only the metrics that match, the best match selected."""
        if text != self.filter:
            self.filter = text
            self._at = 0
            self._filter_again("")

    def _filter_again(self, keep: str) -> None:
        known = self._metrics.get(self.source, _Metrics())
        self._order = find(known.lowered, self.filter)
        places = [at for at, place in enumerate(self._order) if keep and known.infos[place].name == keep]
        self._at = places[0] if places else min(self._at, max(0, len(self._order) - 1))
        self._want_labels()

    def _measure(self) -> None:
        """Metrics of a source that takes no expressions are known already."""
        catalogue = self._deck.mirror.catalogue
        if self._catalogue is not catalogue:
            self._catalogue = catalogue
            self._learn(self.source, _of(measured(catalogue, self.source), 0.0))

    def _learn(self, source: str, metrics: _Metrics) -> None:
        kept = self.selected.name if self.selected is not None else ""
        self._metrics[source] = metrics
        if source == self.source:
            self._filter_again(kept)

    async def _ask_metrics(self, source: str) -> None:
        reply = await self.asking.ask(f"{_METRICS} {source}", source, "metrics")
        asked_at = self._deck.monotonic()
        if reply.error:
            before = self._metrics.get(source, _Metrics())
            self._learn(source, before._replace(asked_at=asked_at, error=clean(reply.error, 400)))
        else:
            self._learn(source, _of(msgspec.convert(reply.data, list[MetricInfo]), asked_at))
        self._redraw()

    # labels

    def labels_of(self, metric: str) -> Labels | None:
        """The labels of a metric of this source; when they are not known they are asked for, and None."""
        if not metric:
            metric = "" if self.selected is None else self.selected.name
        known = self._labels.get((self.source, metric))
        if known is None and metric in self.names:
            self._start(self._ask_labels(self.source, metric, 0.0))
        return None if isinstance(known, str) else known

    def _want_labels(self) -> None:
        info = self.selected
        if info is None:
            return
        if not self.takes_expressions(self.source):
            self._labels[(self.source, info.name)] = measured_labels(
                self._deck.mirror.catalogue, self.source, info.name
            )
        elif (self.source, info.name) not in self._labels:
            self._start(self._ask_labels(self.source, info.name, _SETTLE_S))

    async def _ask_labels(self, source: str, metric: str, settle_s: float) -> None:
        await asyncio.sleep(settle_s)
        if settle_s and (self.selected is None or self.selected.name != metric or self.source != source):
            return
        reply = await self.asking.ask(_LABELS, source, "labels", metric=metric)
        if reply.error == "cancelled":
            return
        if reply.error:
            self._labels[(source, metric)] = clean(reply.error, 400)
        else:
            self._labels[(source, metric)] = msgspec.convert(reply.data, dict[str, list[str]])
        self._redraw()

    # the chart

    async def draw(self, source: str, text: str, *, add: bool) -> str:
        """Put an expression on the chart, alone or with the others; what is wrong with it, or nothing."""
        text = text.strip()
        if add and len(self.plots) >= MAX_PLOTS:
            return f"{MAX_PLOTS} expressions are on the chart already: d takes one off"
        found = await self._tried(source, text) if self.takes_expressions(source) else self._picked(source, text)
        if isinstance(found, str):
            return clean(found, 1000)
        others = [plot for plot in self.plots if plot.selector != found.selector] if add else []
        self.plots = [*others, found]
        self.error, self._exemplars = "", None
        self._rewatch()
        return ""

    async def _tried(self, source: str, text: str) -> Plot | str:
        reply = await self.asking.ask(DRAW, source, "explore", expr=text)
        if reply.error:
            return reply.error
        tried = msgspec.convert(reply.data, Tried)
        if tried.series > MAX_SERIES:
            return f"{tried.series} series are too many to draw: topk(10, ...) or sum by (...) makes fewer of them"
        tried = msgspec.structs.replace(tried, warnings=(*tried.warnings, *warnings(text)))
        return Plot(source, text, f"{source}/{tried.query.name}", tried)

    def _picked(self, source: str, text: str) -> Plot | str:
        selector = text if text.startswith(f"{source}/") else f"{source}/{text}"
        try:
            picks = parse_selector(selector)
        except ValueError as error:
            return str(error)
        count = sum(picks.matches(series) for series in self._deck.mirror.catalogue)
        if not count:
            return f"{source} measures no such series"
        if count > MAX_SERIES:
            return f"{count} series are too many to draw: choose some by their labels"
        return Plot(source, selector.removeprefix(f"{source}/"), selector)

    def remove(self) -> None:
        """Take the last expression off the chart."""
        if self.plots:
            self.plots.pop()
            self._exemplars = None
            self._rewatch()

    def compare(self) -> None:
        """With the window before, or not any more."""
        self.compared = not self.compared
        self._rewatch()

    # exemplars

    @property
    def shows_exemplars(self) -> bool:
        return self._exemplars is not None

    def hide_exemplars(self) -> None:
        self._exemplars = None
        self._rewatch()

    async def ask_exemplars(self, start: float, end: float) -> None:
        """Those of everything on the chart that came from sources which can be asked."""
        asked = [plot for plot in self.plots if plot.tried is not None]
        if not asked:
            self.error = "exemplars come with expressions of a Prometheus server: draw one first"
            self._redraw()
            return
        found: list[Exemplar] = []
        self._exemplars_note = ""
        for plot in asked:
            reply = await self.asking.ask(EXEMPLARS, plot.source, "exemplars", expr=plot.expr, start=start, end=end)
            if reply.error:
                self._exemplars_note = f"{plot.source}: {clean(reply.error, 400)}"
                break
            found += msgspec.convert(reply.data, list[Exemplar])
        self._exemplars = sorted(found, key=lambda one: -one.at)
        self._rewatch()


def _of(infos: Sequence[MetricInfo], asked_at: float) -> _Metrics:
    ordered = sorted(infos, key=lambda info: info.name)
    names = [info.name for info in ordered]
    return _Metrics(ordered, names, [name.lower() for name in names], asked_at)
