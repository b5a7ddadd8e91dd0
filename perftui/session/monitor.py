"""One monitored run without a screen: sources are polled, samples kept and judged, subscribers told once a second."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from perftui.config.paths import state_folder
from perftui.config.schema import Config
from perftui.config.watch import ConfigWatch
from perftui.domain.health import SourceHealth, StorageHealth, StorageState
from perftui.domain.samples import Batch
from perftui.domain.series import Selector
from perftui.domain.units import Unit
from perftui.link.cost import CostMeter
from perftui.session.advisor import Advisor
from perftui.session.collector import Collector
from perftui.session.own_rules import OwnRules
from perftui.session.questions import Questions
from perftui.session.state import State
from perftui.session.subscriber import Subscriber
from perftui.session.triage.desk import Desk
from perftui.session.triage.notify import Notifier
from perftui.session.who import host
from perftui.session.work import Work
from perftui.sources.base import Historian, Source
from perftui.store.claims import Claims
from perftui.store.history import History
from perftui.store.journal import Journal
from perftui.store.memory import MemoryStore
from perftui.store.reader import JournalReader

if TYPE_CHECKING:
    from perftui.session.load.desk import Loads

TICK_S = 1.0
# polls that are due at the full second have arrived by then
_TICK_PHASE_S = 0.06


class Monitor:
    """``config`` is the one that sources and stores were made from; of a newer one only the rules are taken.

    ``journal`` None keeps everything in memory, for the reason that ``storage_off`` gives; ``claims`` None keeps what
    people say of alerts in memory.
    """

    def __init__(
        self,
        config: Config,
        sources: Sequence[Source],
        journal: Journal | None,
        *,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        storage_off: str = "",
        claims: Claims | None = None,
        config_watch: ConfigWatch | None = None,
    ) -> None:
        self.config = config
        self._wall = wall
        self._journal, self._storage_off = journal, storage_off
        self._config_watch = config_watch
        memory = MemoryStore(config.storage.memory)
        reader = None if journal is None else JournalReader(journal.path)
        archives = {source.name: source for source in sources if isinstance(source, Historian)}
        advisor = Advisor(config, memory)
        self._rules = OwnRules(config, memory, self._published)
        self.desk = Desk(
            sources, claims or Claims(None, wall), memory, journal, reader, wall=wall,
            unit=self._unit,
            notifier=Notifier(config.notify, host(), wall),
        )  # fmt: skip
        self.state = State(History(memory, reader, archives), self._rules.judge, advisor, self.desk.triage)
        self._work = Work(config, memory)
        self.questions = Questions(config, sources, self._rules.objectives.queries)
        self.collectors = [Collector(source, self._take, wall=wall, random=random) for source in sources]
        self._waiting: list[Batch] = []
        self._failing: frozenset[str] = frozenset()
        self._cost = CostMeter(monotonic)
        self._subscribers: dict[Subscriber, Callable[[], None]] = {}
        self._may_load = config.load
        self._loads: Loads | None = None

    def _unit(self, series: str) -> Unit:
        return self.state.unit(series)

    @property
    def journal(self) -> Journal | None:
        return self._journal

    @property
    def loads(self) -> Loads:
        """What sends loads; most sessions never do, and do not read its modules."""
        if self._loads is None:
            from perftui.session.load.desk import Loads

            path = None if self._journal is None else self._journal.path
            self._loads = Loads(self._may_load, path, state_folder() / "loads", wall=self._wall, tell=self._load_told)
        return self._loads

    def subscribe(self, push: Callable[[], None]) -> Subscriber:
        """``push`` is called when there may be something new: once a tick, and when a past window was read."""
        subscriber = Subscriber(self.state, push)
        self._subscribers[subscriber] = push
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        subscriber.close()
        self._subscribers.pop(subscriber, None)
        self.look()

    def look(self) -> None:
        """Sources that are measured only while watched learn whether they are."""
        watched = {table for subscriber in self._subscribers for table in subscriber.tables}
        for collector in self.collectors:
            source = collector.source
            wanted = source.name in watched
            if getattr(source, "watched", wanted) is not wanted:
                source.watched = wanted  # type: ignore[attr-defined]  # only sources with a table have it
                collector.wake()
        if self._loads is not None or "load_runs" in watched:
            self.loads.watch(wanted="load_runs" in watched)

    async def run(self) -> None:
        """Until cancelled; then the sources are closed and the journal is written out."""
        if self._journal is not None:
            self._journal.start()
        tasks = [asyncio.ensure_future(collector.run()) for collector in self.collectors]
        tasks.append(asyncio.ensure_future(self.desk.restore()))
        try:
            while True:
                now = self._wall()
                await asyncio.sleep((math.floor(now / TICK_S) + 1) * TICK_S - now + _TICK_PHASE_S)
                self.tick(self._wall())
        finally:
            if self._loads is not None:
                await self._loads.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.desk.close()
            for collector in self.collectors:
                await collector.source.close()
            self._save(self._wall())
            if self._journal is not None:
                await asyncio.to_thread(self._journal.close)

    def tick(self, now: float) -> None:
        """Judge, save and tell; every part of it is bounded and none waits."""
        self._reload()
        watched = frozenset[Selector]().union(*(subscriber.selected for subscriber in self._subscribers))
        self.questions.tick(now, watched)
        self.state.troubles = self.questions.troubles()
        for batch in self._work.tick(now):
            self._derived(batch)
        self._load(now)
        self.state.sources = tuple(self._health(collector, now) for collector in self.collectors)
        self._rules.tick(now)
        self._advise(now)
        self.triage(now)
        self._save(now)
        self.state.storage = self._storage()
        self.state.cost = self._cost.read()
        self.push()

    def push(self) -> None:
        """Tell every subscriber what is new for it."""
        for push in list(self._subscribers.values()):
            push()

    def _health(self, collector: Collector, now: float) -> SourceHealth:
        """With what is made of the work that the source tells: its series are the source's."""
        health, name = collector.health(now), collector.source.name
        if name not in self._work.sources:
            return health
        series = health.series + len(self._work.catalogue(name))
        return msgspec.structs.replace(health, notes=health.notes + self._work.notes(name), series=series)

    def _derived(self, batch: Batch) -> None:
        """Take over what was made of what sources told."""
        self.state.describe(f"work of {batch.source}", self._work.catalogue(batch.source))
        self.state.take(batch, TICK_S)
        self._waiting.append(batch)

    async def left_alone(self) -> None:
        """The last console is gone: a load that it held ends, one that it let go of is waited for."""
        if self._loads is not None:
            await self._loads.left_alone()

    def _load(self, now: float) -> None:
        if self._loads is None:
            return
        batch = self._loads.tick(now)
        if batch is not None:
            self.state.describe(batch.source, self._loads.catalogue)
            self.state.take(batch, TICK_S)
            self._waiting.append(batch)
        self._show_load()

    def _load_told(self) -> None:
        self._show_load()
        self.push()

    def _show_load(self) -> None:
        if self._loads is not None:
            self.state.load = self._loads.state
            held = self.state.tables.get("load_runs")
            if self._loads.rows is not None and (held is None or held.given is not self._loads.rows):
                self.state.hold("load_runs", self._wall(), self._loads.rows)

    def _advise(self, now: float) -> None:
        tables = {name: held.rows for name, held in self.state.tables.items()}
        load = None if self._loads is None else self._loads.signals(now, self.config.rules.window)
        if self.state.advisor.tick(now, self.state.judge.alerts, tables, self._work.marks, load):
            self.state.hold("services", now, self.state.advisor.services)

    def _published(self, batch: Batch) -> None:
        self.state.describe("objectives", self._rules.objectives.catalogue())
        self.state.take(batch, TICK_S)
        self._waiting.append(batch)

    def triage(self, now: float) -> None:
        """Bring the alerts up to date, also between ticks when somebody did something."""
        health = {source.name: source for source in self.state.sources}
        self.desk.tick(now, self._rules.alerts(self.state.advisor.findings), self.state.findings(), health)
        watched = {table for subscriber in self._subscribers for table in subscriber.tables}
        unkept = self._loads.problem if self._loads is not None else ""
        self.state.desk_problems = (*self.desk.problems, *filter(None, (unkept,)))
        if "slos" in watched:
            self.state.hold("slos", now, self._rules.slos)
        for name, rows in self.desk.tables(watched, now).items():
            self.state.hold(name, now, rows)

    def _take(self, source: Source, batch: Batch) -> None:
        self.state.describe(source.name, source.catalogue())
        if batch.events:
            self._work.take(source.name, batch.events)
        if batch.error is None:
            self.state.take(batch, source.interval_s)
            self._waiting.append(batch)
        elif source.name not in self._failing:
            # a reason is told at once, not with the next tick
            asyncio.get_running_loop().call_soon(lambda: self.tick(self._wall()))
        self._failing = (self._failing | {source.name}) if batch.error else (self._failing - {source.name})

    def _save(self, now: float) -> None:
        waiting, self._waiting = self._waiting, []
        if self._journal is not None and waiting:
            self._journal.append(now, waiting, self.state.intervals)

    def _storage(self) -> StorageHealth:
        if self._journal is None:
            return StorageHealth(StorageState.OFF, "", self._storage_off)
        return self._journal.health()

    def _reload(self) -> None:
        """Rules take effect at once; a broken file keeps what was good and is told to every console."""
        loaded = None if self._config_watch is None else self._config_watch.poll()
        if loaded is None:
            return
        self.state.problems = tuple(str(problem) for problem in loaded.problems)
        if loaded.problems:
            return
        old, new = self.config, loaded.config
        self._rules.configure(new)
        self.state.advisor.configure(new)
        self.desk.notifier.settings = new.notify
        self._work.configure(new)
        self._may_load = new.load
        if self._loads is not None:
            self._loads.settings = new.load
        self.questions.configure(new)
        later = [part for part in ("intervals", "sources", "storage") if getattr(old, part) != getattr(new, part)]
        if later:
            self.state.problems = (f"{' and '.join(later)}: the change takes effect with the next session",)
