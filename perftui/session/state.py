"""What a session knows: samples, tables, health, alerts; filled by collectors, read by subscribers."""

from __future__ import annotations

from typing import Any, NamedTuple

from perftui.analysis.rules.engine import rank as ranked
from perftui.domain.findings import Finding
from perftui.domain.health import OwnCost, SourceHealth, StorageHealth
from perftui.domain.load import LoadState
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.units import Unit
from perftui.session.advisor import Advisor
from perftui.session.judge import Judge
from perftui.session.triage.triage import Triage
from perftui.store.history import History


class HeldTable(NamedTuple):
    """The rows of a table as they were measured at ``at``, by key; ``given`` are the same as they came."""

    at: float
    rows: dict[str, Any]
    given: tuple[Any, ...] = ()


class State:
    """Bounded by the stores it holds and by the sources that fill it."""

    def __init__(self, history: History, judge: Judge, advisor: Advisor, triage: Triage) -> None:
        self.history, self.judge, self.advisor, self.triage = history, judge, advisor, triage
        self.tables: dict[str, HeldTable] = {}
        self.sources: tuple[SourceHealth, ...] = ()
        self.storage: StorageHealth | None = None
        self.cost: OwnCost | None = None
        self.problems: tuple[str, ...] = ()
        self.desk_problems: tuple[str, ...] = ()
        self.load: LoadState | None = None
        self._catalogues: dict[str, tuple[SeriesInfo, ...]] = {}
        self._catalogue: tuple[SeriesInfo, ...] = ()
        self.intervals: dict[str, float] = {}
        self._units: dict[str, Unit] = {}
        self.troubles: dict[str, str] = {}

    def describe(self, source: str, catalogue: tuple[SeriesInfo, ...]) -> None:
        """Take over what a source says of its series; cheap while it says the same."""
        if self._catalogues.get(source) is catalogue:
            return
        self._catalogues[source] = catalogue
        self._catalogue = tuple(info for infos in self._catalogues.values() for info in infos)
        self.intervals = {info.series: info.interval_s for info in self._catalogue}
        self._units = {info.series: info.unit for info in self._catalogue}

    def unit(self, series: str) -> Unit:
        """The unit of a series, as far as its source told it."""
        return self._units.get(series, Unit.NONE)

    def findings(self) -> tuple[Finding, ...]:
        """All recommendations, the best first."""
        return ranked((*self.advisor.findings, *self.judge.findings))

    def take(self, batch: Batch, interval_s: float) -> None:
        """Samples to memory, tables and alerts as they are."""
        memory = self.history.memory
        memory.add(batch, interval_s, self.intervals)
        if batch.past:
            memory.merge(batch.past, interval_s, self.intervals)
        self.triage.take(batch)
        for name, rows in batch.tables.items():
            self.hold(name, batch.at, rows)

    def hold(self, name: str, at: float, rows: tuple[Any, ...]) -> None:
        """Keep a table; one that is the same object as before did not change."""
        known = self.tables.get(name)
        if known is None or known.given is not rows or not rows:
            self.tables[name] = HeldTable(at, {row.key: row for row in rows}, rows)

    def facts(self) -> dict[str, Any]:
        """What is sent whole when it changed, by the name of its field in an Update."""
        return {
            "catalogue": self._catalogue or None,
            "sources": self.sources or None,
            "alerts": self.triage.worst,
            "alert_counts": self.triage.counts,
            "findings": self.findings(),
            "rules": self.advisor.statuses,
            "outcomes": self.advisor.outcomes,
            "storage": self.storage,
            "cost": self.cost,
            "problems": self.problems + self.advisor.problems + self.desk_problems,
            "load": self.load,
            "troubles": {**self.history.troubles, **self.troubles},
        }
