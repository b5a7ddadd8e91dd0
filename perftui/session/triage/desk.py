"""Where a session's alerts come together: sources, people's words, what was kept of earlier sessions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from perftui.analysis.moved import AFTER_S, BEFORE_S, moved
from perftui.domain.alerts import Alert
from perftui.domain.errors import QueryError
from perftui.domain.findings import Finding
from perftui.domain.health import SourceHealth
from perftui.domain.triage import AlertSpan
from perftui.domain.units import Unit, format_value
from perftui.session.triage.notify import Notifier
from perftui.session.triage.triage import TIMELINE_S, Triage
from perftui.session.triage.watchdog import Pipeline
from perftui.sources.base import Recounting, Silencer, Source
from perftui.store.claims import Claims
from perftui.store.firings import MOST_SPANS, Firings
from perftui.store.journal import Journal
from perftui.store.memory import MemoryStore
from perftui.store.reader import JournalReader

TABLES = ("alerts", "silences", "alert_spans", "noise")
_RECOUNT_EVERY_S = 60.0
# a server with more alerts than this is not asked how often each was active
_MOST_RECOUNTED = 2000
_MOST_LOOKED_AT = 2000
_MOST_SPANS_TOLD = 50


class Desk:
    """``journal`` and ``reader`` None: what fires is only remembered by this session. ``unit`` is that of a series."""

    def __init__(
        self,
        sources: Sequence[Source],
        claims: Claims,
        memory: MemoryStore,
        journal: Journal | None,
        reader: JournalReader | None,
        *,
        wall: Callable[[], float],
        unit: Callable[[str], Unit],
        notifier: Notifier,
    ) -> None:
        self._sources, self._memory, self._journal, self._reader = sources, memory, journal, reader
        self._wall, self._unit = wall, unit
        self.notifier = notifier
        self.triage = Triage(claims, Firings(), self._keep, notifier.turn)
        self.silencers = [source for source in sources if isinstance(source, Silencer)]
        # whether something is a Silencer takes longer to ask than all the rest of a tick
        self._managers = frozenset(source.name for source in self.silencers)
        self._recounting = [source for source in sources if isinstance(source, Recounting)]
        self._recount: asyncio.Task[None] | None = None
        self._recount_at = float("-inf")
        self._made: dict[str, tuple[object, tuple[Any, ...]]] = {}

    def _keep(self, spans: Sequence[AlertSpan]) -> None:
        if self._journal is not None:
            for span in spans:
                self._journal.firing(span)

    async def restore(self) -> None:
        """What earlier sessions saw fire; a journal that can't be read has its own way to say so."""
        if self._reader is None:
            return
        try:
            spans, last = await asyncio.to_thread(self._reader.firings, self._wall() - TIMELINE_S, MOST_SPANS)
        except sqlite3.Error:
            return
        self.triage.firings.restore(spans, last)

    def tick(
        self, now: float, own: tuple[Alert, ...], findings: Sequence[Finding], health: Mapping[str, SourceHealth]
    ) -> None:
        """Bring the alerts up to date."""
        self.triage.tick(now, own, findings, self._pipelines(health))

    def _pipelines(self, health: Mapping[str, SourceHealth]) -> list[Pipeline]:
        found = []
        for source in self._sources:
            name = getattr(source, "watchdog", "")
            state = health.get(source.name)
            if name and state is not None:
                blind = state.blind or ("" if state.error is None else state.error.message)
                found.append(Pipeline(source.name, name, source.name in self._managers, blind, state.last_ok_at))
        return found

    def tables(self, watched: set[str], now: float) -> dict[str, tuple[Any, ...]]:
        """The tables that somebody watches and that changed since they were asked for last."""
        if "alerts" in watched:
            self._begin_recount(now)
        triage = self.triage
        makers: dict[str, tuple[object, Callable[[], tuple[Any, ...]]]] = {
            "alerts": (triage.rows, lambda: tuple(triage.rows.values())),
            "silences": (triage.rows, triage.silences),
            # what goes on grows with every minute
            "alert_spans": ((triage.firings.version, now // 60), lambda: triage.spans(now)),
            "noise": ((triage.firings.version, now // 60), lambda: triage.noise(now)),
        }
        changed = {}
        for name in watched & makers.keys():
            state, make = makers[name]
            known = self._made.get(name)
            if known is None or (known[0] is not state and known[0] != state):
                self._made[name] = (state, make())
                changed[name] = self._made[name][1]
        return changed

    # how often

    def _begin_recount(self, now: float) -> None:
        busy = self._recount is not None and not self._recount.done()
        if self._recounting and not busy and now - self._recount_at >= _RECOUNT_EVERY_S:
            self._recount_at = now
            self._recount = asyncio.ensure_future(self.recount())

    async def recount(self) -> None:
        """Ask those that know it how often each alert became active."""
        for source in self._recounting:
            name = getattr(source, "name", "")
            if len(self.triage.told.get(name, ())) > _MOST_RECOUNTED:
                continue
            try:
                counts = {span: dict(await source.activations(span)) for span in (3600.0, 86400.0)}
            except QueryError:
                continue  # its health says what is wrong with it
            self.triage.recounted[name] = counts

    async def history(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Of one alert: how often, when, and what moved with it. Raises ValueError for one that is unknown."""
        one = self.triage.rows.get(str(args["key"]))
        if one is None:
            raise ValueError("this alert is not known (any more)")
        now = self._wall()
        seen = [self.triage.firings.activations(now - span)[one.key] for span in (3600.0, 86400.0)]
        found = moved(self._around(one.active_at), one.active_at)
        spans = self.triage.firings.of(one.key)[-_MOST_SPANS_TOLD:]
        return {
            "activations_1h": seen[0] if one.activations_1h is None else one.activations_1h,
            "activations_24h": seen[1] if one.activations_24h is None else one.activations_24h,
            "spans": [[span.start, span.end, span.state.value] for span in spans],
            "moved": [[move.series, self._words(move.series, move.before, move.after)] for move in found],
        }

    def _around(self, at: float) -> list[tuple[str, list[tuple[float, float]]]]:
        names = self._memory.names()[:_MOST_LOOKED_AT]
        return [(name, list(self._memory.points(name, at - BEFORE_S, at + AFTER_S))) for name in names]

    def _words(self, series: str, before: float, after: float) -> str:
        unit = self._unit(series)
        return (
            f"{'rose' if after > before else 'fell'} from {format_value(before, unit)} to {format_value(after, unit)}"
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not work as it was asked for, in words."""
        claims = self.triage.claims.problem
        words = (f"claims and notes are not kept: {claims}" if claims else "", self.notifier.problem)
        return tuple(filter(None, words))

    async def close(self) -> None:
        if self._recount is not None:
            self._recount.cancel()
        await self.notifier.close()
