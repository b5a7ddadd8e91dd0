"""Pools of agents that are told by metrics instead of events: the same rows, as far as their figures are known."""

from __future__ import annotations

import math

from perftui.config.schema import Config, Pool
from perftui.config.services import pool_queries
from perftui.domain.queries import Query
from perftui.domain.series import Selector, parse_series, series_id
from perftui.domain.workflow import AgentRow, AgentState, PoolRow
from perftui.store.memory import MemoryStore

# values older than so many intervals of their source are not the present any more
_OLD = 3
# an agent that works less than this share of its time counts as idle
_IDLE_BELOW = 0.05


class MappedPool:
    """The figures of one pool at a moment."""

    def __init__(self, config: Config, name: str, pool: Pool, memory: MemoryStore, now: float) -> None:
        self._name, self._by, self._memory, self._now = name, pool.by, memory, now
        self._source, self._queries = pool_queries(config, pool)

    def _values(self, figure: str) -> dict[str, float]:
        """Fresh values of a figure, by series."""
        query: Query | None = self._queries.get(figure)
        if query is None:
            return {}
        found = {}
        for series in self._memory.select(Selector(self._source, query.name)):
            latest = self._memory.latest(series)
            fresh = latest is not None and self._now - latest[0] <= max(5.0, _OLD * self._memory.interval(series))
            if latest is not None and fresh and math.isfinite(latest[1]):
                found[series] = latest[1]
        return found

    def _figure(self, figure: str) -> float | None:
        return next(iter(self._values(figure).values()), None)

    def _by_agent(self, figure: str) -> dict[str, float]:
        return {parse_series(series).label(self._by): value for series, value in self._values(figure).items()}

    def agents(self) -> tuple[AgentRow, ...]:
        """One row for each agent that has a value of its own."""
        busy, p95 = self._by_agent("agent_busy"), self._by_agent("agent_p95")
        return tuple(
            AgentRow(
                key=f"{self._name}/{agent}",
                source=self._name,
                agent=agent,
                kind="",
                state=AgentState.IDLE if busy.get(agent, 1.0) < _IDLE_BELOW else AgentState.BUSY,
                busy_ratio=busy.get(agent),
                p95_s=p95.get(agent),
                seen_at=self._now,
            )
            for agent in sorted({*busy, *p95} - {""})
        )

    def row(self) -> PoolRow | None:
        """The pool's figures; None while nobody knows how many agents there are."""
        busy_of = self._by_agent("agent_busy")
        total = self._figure("total")
        if total is None and not busy_of:
            return None
        total = len(busy_of) if total is None else total
        busy = self._figure("busy")
        busy = sum(busy_of.values()) if busy is None and busy_of else busy
        done, failed = self._figure("done"), self._figure("failed")
        return PoolRow(
            key=self._name,
            total=round(total),
            active=_rounded(busy),
            idle=None if busy is None else max(0, round(total - busy)),
            utilisation=None if busy is None or total <= 0 else min(1.0, busy / total),
            queue=_rounded(self._figure("queue")),
            wait_p95_s=self._figure("wait_p95"),
            done_per_s=done,
            failed_ratio=failed / done if failed is not None and done else None,
            p50_s=self._figure("response_p50"),
            p95_s=self._figure("response_p95"),
            p99_s=self._figure("response_p99"),
        )


def mapped_series(row: PoolRow) -> dict[str, float]:
    """The pool's figures as series, named as those of pools that events tell."""
    figures: dict[str, float | None] = {
        series_id(row.key, "agents_total"): row.total,
        series_id(row.key, "agents_active"): row.active,
        series_id(row.key, "agents_idle"): row.idle,
        series_id(row.key, "agents_utilisation_ratio"): row.utilisation,
        series_id(row.key, "queue_depth"): row.queue,
        series_id(row.key, "queue_wait_seconds", {"quantile": "0.95"}): row.wait_p95_s,
        series_id(row.key, "tasks_finished_per_second"): row.done_per_s,
        series_id(row.key, "tasks_failed_ratio"): row.failed_ratio,
    }
    for quantile, value in (("0.5", row.p50_s), ("0.95", row.p95_s), ("0.99", row.p99_s)):
        figures[series_id(row.key, "task_response_seconds", {"quantile": quantile})] = value
    return {series: float(value) for series, value in figures.items() if value is not None}


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
