"""The work that is watched: workflows and pools told by events, and pools told by metrics, as tables and series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perftui.config.schema import Config
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.series import parse_series
from perftui.domain.workflow import Event
from perftui.session.mapped_pools import MappedPool, mapped_series
from perftui.session.workflow_series import FIGURES
from perftui.session.workflows import TICK_S, Workflows
from perftui.store.memory import MemoryStore


class Work:
    """``config`` is the one that the sources were made from; of a newer one the pools that metrics tell are taken."""

    def __init__(self, config: Config, memory: MemoryStore) -> None:
        self._workflows = Workflows({name: one for name, one in config.sources.workflow.items() if one.enabled})
        self._memory = memory
        self._mapped: dict[str, tuple[SeriesInfo, ...]] = {}
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Another configuration is in force from the next tick on."""
        self._config = config

    def take(self, source: str, events: Sequence[Event]) -> None:
        """Apply what happened in the workflows of a source."""
        self._workflows.take(source, events)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that tell events."""
        return self._workflows.sources

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """Times and names of what was noted, oldest first."""
        return self._workflows.marks

    def notes(self, source: str) -> tuple[str, ...]:
        """What a person should know of what is not shown of a source."""
        return self._workflows.notes(source)

    def catalogue(self, source: str) -> tuple[SeriesInfo, ...]:
        """The series of a source or pool that were seen; the same tuple while none is new."""
        return self._mapped[source] if source in self._mapped else self._workflows.catalogue(source)

    def tick(self, now: float) -> list[Batch]:
        """One batch for each source and pool with its series; the last one holds the tables of all."""
        batches = [self._workflows.batch(source, now) for source in self._workflows.sources]
        tables: dict[str, tuple[Any, ...]] = dict(batches[-1].tables) if batches else {}
        for name, pool in self._config.pools.items():
            mapped = MappedPool(self._config, name, pool, self._memory, now)
            row = mapped.row()
            if row is not None:
                values = mapped_series(row)
                self._describe(name, values)
                batches.append(Batch(name, now, 0.0, values))
                tables["pools"] = (*tables.get("pools", ()), row)
                tables["agents"] = (*tables.get("agents", ()), *mapped.agents())
        plain = [Batch(batch.source, now, 0.0, batch.values) for batch in batches[:-1]]
        return [*plain, Batch(batches[-1].source, now, 0.0, batches[-1].values, tables)] if batches else []

    def _describe(self, name: str, values: dict[str, float]) -> None:
        known = self._mapped.get(name, ())
        if {info.series for info in known} != values.keys():
            units = {series: FIGURES[parse_series(series).name] for series in values}
            self._mapped[name] = tuple(SeriesInfo(series, unit, TICK_S, told) for series, (unit, told) in units.items())
