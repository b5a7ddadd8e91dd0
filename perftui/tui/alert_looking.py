"""What is asked about the alert under the cursor: its past, and a series that can be drawn.

Only an alert that somebody rests on is asked about, one question of a kind at a time; answers are kept for a while.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from perftui.domain.queries import Tried
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow
from perftui.tui.asking import Asking
from perftui.tui.deck import Deck
from perftui.view.alerts_story import Drawn, Firing, Story, Told

# an alert that the cursor only passes is not asked about
_SETTLE_S = 0.15
_STORY_OLD_S = 30.0
# the session forgets an expression that nobody watched for 30 s
_FORGOTTEN_S = 15.0
_MOST_KEPT = 256
_MOST_SERIES = 60
_HISTORY, _GRAPH = "history", "graph"
_OWN = "perftui"


class _History(msgspec.Struct):
    """The session's answer, as it travels."""

    activations_1h: int | None = None
    activations_24h: int | None = None
    spans: list[tuple[float, float | None, str]] = []
    moved: list[tuple[str, str]] = []


class Looking:
    """``changed`` is called when something was told; ``start`` runs what takes time."""

    def __init__(
        self, deck: Deck, changed: Callable[[], None], start: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._deck, self._changed, self._start = deck, changed, start
        self._asking = Asking(deck)
        self._key = ""
        self._stories: OrderedDict[str, tuple[float, Story]] = OrderedDict()
        self._drawn: OrderedDict[tuple[str, str], tuple[float, Drawn]] = OrderedDict()
        self._at_work = False

    def told(self, row: AlertRow | None) -> Told:
        """What is known by now."""
        if row is None:
            return Told()
        known = self._stories.get(row.key)
        return Told(row.key, None if known is None else known[1], self._series_of(row))

    def _series_of(self, row: AlertRow) -> Drawn:
        if row.series:
            return Drawn(row.series)
        if not row.graph or not row.graph_source:
            return Drawn(why=_no_series(row))
        known = self._drawn.get((row.graph_source, row.graph))
        return Drawn(why=f"asking {row.graph_source} for its expression") if known is None else known[1]

    def look(self, row: AlertRow | None) -> None:
        """The cursor rests on this alert, or still does."""
        self._key = "" if row is None else row.key
        if row is None:
            return
        query = (row.graph_source, row.graph)
        if query in self._drawn and self._drawn[query][1].selector:
            asked_at, drawn = self._drawn[query]
            if not self._is_old(asked_at, _FORGOTTEN_S):
                self._drawn[query] = self._deck.monotonic(), drawn
        if not self._at_work and self._open(row):
            self._at_work = True
            self._start(self._ask())

    def _open(self, row: AlertRow) -> list[str]:
        """The questions that are to be asked about it."""
        story, drawn = self._stories.get(row.key), self._drawn.get((row.graph_source, row.graph))
        asked = [_HISTORY] if story is None or self._is_old(story[0], _STORY_OLD_S) else []
        if not row.series and row.graph and row.graph_source:
            old = drawn is None or self._is_old(drawn[0], _FORGOTTEN_S if drawn[1].selector else _STORY_OLD_S)
            asked += [_GRAPH] if old else []
        return asked

    def _is_old(self, at: float, limit_s: float) -> bool:
        return self._deck.monotonic() - at > limit_s

    async def _ask(self) -> None:
        try:
            key = ""
            while key != self._key:
                key = self._key
                await asyncio.sleep(_SETTLE_S)
            table = self._deck.mirror.tables.get("alerts")
            row: AlertRow | None = None if table is None else table.rows.get(key)
            for question in () if row is None else self._open(row):
                if row is not None:
                    await (self._ask_history(row) if question == _HISTORY else self._ask_graph(row))
        finally:
            self._at_work = False
        self._changed()

    async def _ask_history(self, row: AlertRow) -> None:
        reply = await self._deck.client.request("alert_history", key=row.key)
        story = Story(problem=clean(reply.error, 200))
        if not reply.error:
            try:
                found = msgspec.convert(reply.data, _History)
            except msgspec.ValidationError as error:
                story = Story(problem=f"not understood: {clean(str(error), 200)}")
            else:
                spans = tuple(Firing(*one) for one in found.spans)
                story = Story(found.activations_1h, found.activations_24h, spans, tuple(found.moved))
        _keep(self._stories, row.key, (self._deck.monotonic(), story))
        self._changed()

    async def _ask_graph(self, row: AlertRow) -> None:
        reply = await self._asking.ask(_GRAPH, row.graph_source, "explore", expr=row.graph)
        if reply.error:
            drawn = Drawn(why=f"{row.graph_source}: {clean(reply.error, 300)}")
        else:
            tried = msgspec.convert(reply.data, Tried)
            drawn = Drawn(f"{row.graph_source}/{tried.query.name}")
            if tried.series > _MOST_SERIES:
                drawn = Drawn(why=f"{tried.series} series are too many to draw")
        _keep(self._drawn, (row.graph_source, row.graph), (self._deck.monotonic(), drawn))
        self._changed()


def _no_series(row: AlertRow) -> str:
    if row.sources == (_OWN,):
        return "this rule of perftui compares no single series"
    names = clean(", ".join(row.sources), 80)
    if row.expr:
        return f"{names} does not tell what its expression compares"
    return f"it is only known from {names}, which does not tell its expression"


def _keep(known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > _MOST_KEPT:
        known.popitem(last=False)
