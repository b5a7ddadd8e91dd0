"""Events and metrics of work become tables and series of a session, and marks have advice measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Pool, ScrapeSource, Sources, WorkflowSource
from perftui.config.services import pool_queries
from perftui.domain.samples import Batch
from perftui.domain.series import series_id
from perftui.domain.workflow import Event, EventType
from perftui.session.work import Work
from perftui.store.memory import MemoryStore

_POOL = Pool(total="sum(agents)", queue="sum(queued)")


def _config(names: Sequence[str] = ("ci",), pools: dict[str, Pool] | None = None) -> Config:
    sources = Sources(
        workflow={name: WorkflowSource(path=f"{name}.jsonl") for name in names},
        scrape={"web": ScrapeSource(url="http://localhost")},
    )
    return msgspec.structs.replace(DEFAULTS, sources=sources, pools=pools or {})


def _events() -> list[Event]:
    return [
        Event(1000.0, EventType.AGENT_JOINED, agent="a1"),
        Event(1000.0, EventType.WORKFLOW_STARTED, workflow="w1", name="nightly"),
        Event(1000.0, EventType.TASK_QUEUED, workflow="w1", phase="setup", task="t1"),
        Event(1001.0, EventType.TASK_STARTED, workflow="w1", phase="setup", task="t1", agent="a1"),
        Event(1002.0, EventType.MARK, name="deploy 2"),
    ]


def test_each_source_has_series_of_its_own_and_the_last_batch_the_tables_of_all() -> None:
    work = Work(_config(("ci", "cd")), MemoryStore(3600))
    work.take("ci", _events())
    work.take("cd", _events())

    first, last = work.tick(1003.0)

    assert (first.values["ci/agents_active"], last.values["cd/agents_active"]) == (1.0, 1.0)
    assert first.tables == {}
    assert [row.key for row in last.tables["tasks"]] == ["ci/w1/t1", "cd/w1/t1"]
    assert [row.key for row in last.tables["pools"]] == ["ci", "cd"]
    assert {info.series for info in work.catalogue("ci")} == set(first.values)
    assert work.marks == ((1002.0, "deploy 2"),)


def test_a_pool_told_by_metrics_stands_beside_those_of_events() -> None:
    config = _config(pools={"runners": _POOL})
    memory = MemoryStore(3600)
    source, queries = pool_queries(config, _POOL)
    values = {series_id(source, queries["total"].name): 4.0, series_id(source, queries["queue"].name): 9.0}
    memory.add(Batch(source, 1002.0, 0.0, values), 1.0)
    work = Work(config, memory)
    work.take("ci", _events())

    _, last = work.tick(1003.0)

    assert last.values == {"runners/agents_total": 4.0, "runners/queue_depth": 9.0}
    assert [row.key for row in last.tables["pools"]] == ["ci", "runners"]
    assert {info.series for info in work.catalogue("runners")} == set(last.values)


def test_without_workflows_and_pools_there_is_nothing_to_tell() -> None:
    work = Work(_config(()), MemoryStore(3600))

    assert work.tick(1000.0) == []
    assert work.sources == ()
    assert work.marks == ()


def test_tables_that_did_not_change_are_the_same_objects() -> None:
    work = Work(_config(), MemoryStore(3600))
    work.take("ci", [*_events(), Event(1002.5, EventType.TASK_FINISHED, workflow="w1", task="t1", status="ok")])

    (before,), (after,) = work.tick(1003.0), work.tick(1004.0)

    assert before.tables["tasks"] is after.tables["tasks"]
