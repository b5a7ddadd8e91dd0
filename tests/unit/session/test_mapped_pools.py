"""Pools of agents that are told by metrics: what is known becomes a figure, what is not stays unknown."""

from __future__ import annotations

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Pool, ScrapeSource, Sources
from perftui.config.services import pool_queries
from perftui.domain.samples import Batch
from perftui.domain.series import series_id
from perftui.domain.workflow import AgentState
from perftui.session.mapped_pools import MappedPool, mapped_series
from perftui.store.memory import MemoryStore


def _pool(pool: Pool, figures: dict[str, dict[str, float]], now: float = 1001.0) -> MappedPool:
    config: Config = msgspec.structs.replace(
        DEFAULTS, sources=Sources(scrape={"ci": ScrapeSource(url="http://localhost")}), pools={"runners": pool}
    )
    _, queries = pool_queries(config, pool)
    memory = MemoryStore(3600)
    values = {
        series_id("ci", queries[figure].name, {"agent": agent} if agent else {}): value
        for figure, found in figures.items()
        for agent, value in found.items()
    }
    memory.add(Batch("ci", 1000.0, 0.0, values), 1.0)
    return MappedPool(config, "runners", pool, memory, now)


def test_figures_come_from_expressions_and_what_is_left_out_is_unknown() -> None:
    row = _pool(
        Pool(total="sum(agents)", busy="sum(busy)", queue="sum(queued)", done="done", failed="failed"),
        {"total": {"": 8.0}, "busy": {"": 6.0}, "queue": {"": 3.0}, "done": {"": 4.0}, "failed": {"": 1.0}},
    ).row()

    assert row is not None
    assert (row.total, row.active, row.idle, row.utilisation, row.queue) == (8, 6, 2, 0.75, 3)
    assert (row.done_per_s, row.failed_ratio) == (4.0, 0.25)
    assert (row.wait_p95_s, row.p95_s, row.balance) == (None, None, None)
    assert mapped_series(row)["runners/agents_utilisation_ratio"] == 0.75
    assert "runners/queue_wait_seconds" not in " ".join(mapped_series(row))


def test_each_agent_with_a_value_of_its_own_is_a_row() -> None:
    pool = _pool(
        Pool(agent_busy="busy by agent", agent_p95="p95 by agent"),
        {"agent_busy": {"a1": 0.9, "a2": 0.0}, "agent_p95": {"a1": 1.5}},
    )

    first, second = pool.agents()
    row = pool.row()

    assert (first.agent, first.state, first.busy_ratio, first.p95_s) == ("a1", AgentState.BUSY, 0.9, 1.5)
    assert (second.agent, second.state, second.p95_s) == ("a2", AgentState.IDLE, None)
    assert row is not None
    assert (row.total, row.active, row.idle) == (2, 1, 1)


def test_of_a_pool_whose_load_nobody_tells_only_the_number_is_known() -> None:
    row = _pool(Pool(total="sum(agents)"), {"total": {"": 5.0}}).row()

    assert row is not None
    assert (row.total, row.active, row.idle, row.utilisation) == (5, None, None, None)


def test_values_of_long_ago_and_values_that_are_no_numbers_are_not_the_present() -> None:
    pool = Pool(total="sum(agents)", busy="sum(busy)")

    assert _pool(pool, {"total": {"": 5.0}}, now=1060.0).row() is None
    found = _pool(pool, {"total": {"": 5.0}, "busy": {"": float("nan")}}).row()
    assert found is not None
    assert found.utilisation is None
