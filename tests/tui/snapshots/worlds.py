"""The made-up system in the states that people meet: well with a fault, failing, overloaded, empty, just begun."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.load import load
from perftui.config.schema import Config
from perftui.demo.configuration import configuration
from perftui.domain.alerts import AlertState, Severity
from perftui.domain.errors import ErrorKind
from perftui.domain.health import OwnCost, SourceError, SourceHealth, SourceState, StorageHealth, StorageState
from perftui.domain.queries import MetricInfo, Query, Tried, query_name
from perftui.domain.samples import Window
from perftui.domain.series import parse_selector
from perftui.domain.triage import Watchdog
from perftui.domain.units import Unit
from perftui.domain.workflow import WorkState
from perftui.link.messages import SessionInfo, Watch
from perftui.link.mirror import Mirror, Table
from perftui.store.memory import MemoryStore
from perftui.store.window import choose_step
from tests.tui.snapshots import curves, people, triaged
from tests.tui.snapshots.curves import NOW, Curve

SESSION = SessionInfo("web-1", "ann", 4711, "0.5.0", NOW - 754, "/home/ann/perftui.toml")
_METRICS = (
    MetricInfo("http_request_duration_seconds_bucket", "histogram", Unit.NONE, "Time from request to answer."),
    MetricInfo("http_requests_total", "counter", Unit.NONE, "Requests that were answered, by handler and code."),
    MetricInfo("process_cpu_seconds_total", "counter", Unit.SECONDS, "CPU time of this process."),
    MetricInfo("process_resident_memory_bytes", "gauge", Unit.BYTES, "Memory of this process."),
    MetricInfo("up", "gauge", Unit.NONE, ""),
)
_LABELS = {"code": ["200", "404", "500"], "handler": ["/cart", "/catalog", "/checkout"]}


@dataclass
class World:
    """What there is to see. ``curves`` are samples by series, ``facts`` fields of the mirror, ``tables`` rows by name,
    ``answers`` what a request brings, or the error text that it raises.
    """

    config: Config
    facts: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    tables: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    answers: dict[str, Callable[[dict[str, Any]], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store: MemoryStore = curves.remembered(self.curves)

    def mirror(self) -> Mirror:
        """A mirror with all that nobody has to watch."""
        mirror = Mirror()
        if self.facts:
            mirror.session, mirror.at, mirror.version = SESSION, NOW, 1
            mirror.catalogue = {info.series: info for info in curves.described(self.curves)}
            for name, value in self.facts.items():
                setattr(mirror, name, value)
        return mirror

    def window(self, watch: Watch) -> Window:
        """The buckets that a session would send."""
        names = [name for text in watch.selectors for name in self.store.select(parse_selector(text))]
        end = NOW - watch.shift_s
        return self.store.window(
            names, end - watch.span_s, end, watch.cells, choose_step(watch.span_s, watch.cells, 1.0)
        )

    def table(self, name: str) -> Table | None:
        if name not in self.tables:
            return None
        table = Table()
        table.rows, table.at, table.version = {row.key: row for row in self.tables[name]}, NOW, 1
        return table


@cache
def demo_config() -> Config:
    """The configuration of ``perftui demo``, with a clock that is the same everywhere."""
    ready = {"events": "/home/ann/demo/events.jsonl", "service": "http://127.0.0.1:8081/metrics",
             "client": "http://127.0.0.1:8082/metrics"}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.toml"
        path.write_text('timezone = "UTC"\n' + configuration(ready), "utf-8")
        loaded = load(path, {})
    assert not loaded.problems
    return loaded.config


def source(name: str, kind: str, state: SourceState = SourceState.OK, **more: Any) -> SourceHealth:
    given: dict[str, Any] = {"last_ok_at": NOW - 0.4, "took_s": 0.0021, "polls": 754, "series": 31}
    return SourceHealth(name, kind, state, 1.0, **{**given, **more})


def _sources(**changed: SourceHealth) -> tuple[SourceHealth, ...]:
    known = {
        "host": source("host", "host"), "processes": source("processes", "host", took_s=0.034, series=0),
        "demo": source("demo", "workflow", series=14), "service": source("service", "scrape", series=112, late=1),
        "client": source("client", "scrape", series=48),
    }  # fmt: skip
    return tuple((known | changed).values())


def _facts(**more: Any) -> dict[str, Any]:
    saved = StorageHealth(StorageState.OK, "/home/ann/.local/share/perftui/history.db", bytes=41_231_872,
                          oldest_at=NOW - 40_000, acknowledged_at=NOW - 1)  # fmt: skip
    return {"sources": _sources(), "storage": saved, "cost": OwnCost(0.006, 41e6), **more}


def _tried(args: dict[str, Any]) -> Any:
    return msgspec.to_builtins(Tried(Query(query_name(args["expr"]), args["expr"]), "vector", 3, 0.01))


def _no_answer(_: dict[str, Any]) -> Any:
    raise ValueError("connection refused")


_ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "metrics": lambda _: msgspec.to_builtins(_METRICS), "labels": lambda _: _LABELS, "explore": _tried,
    "alert_history": triaged.history,
}  # fmt: skip


def normal() -> World:
    """A run goes on, a fault was injected: what the product is for."""
    facts = _facts(alerts=people.alerts(), alert_counts=triaged.counts(people.alerts()), findings=people.findings(),
                   rules=people.rules())  # fmt: skip
    tables = {
        **triaged.tables(people.alerts()),
        "workflows": (people.run(WorkState.OK, "demo-1", 400, finished_at=NOW - 190, marks=()), people.run()),
        "phases": people.phases(), "tasks": people.tasks(), "agents": people.agents(), "pools": (people.pool(),),
        "processes": people.processes(),
    }  # fmt: skip
    return World(demo_config(), facts, curves.host() | curves.work() | curves.requests(), tables, _ANSWERS)


def unconfigured() -> World:
    """``perftui`` on a machine, without a configuration: nothing is wrong."""
    facts = _facts(sources=(source("host", "host"), source("processes", "host")))
    config = msgspec.structs.replace(DEFAULTS, timezone="UTC", window=60.0)
    return World(config, facts, curves.host(), {"processes": people.processes()}, _ANSWERS)


def failing() -> World:
    """The service is gone, a run has failed, agents are lost, the disk of the journal is full."""
    error = SourceError(ErrorKind.REFUSED, "connection refused")
    gone = source("service", "scrape", SourceState.FAILED, last_ok_at=NOW - 14, failing_since=NOW - 14,
                  next_try_at=NOW + 6, error=error, failures=5)  # fmt: skip
    slow = source("client", "scrape", SourceState.STALE, last_ok_at=NOW - 9, late=4, failures=2)
    full = StorageHealth(StorageState.MEMORY, "/home/ann/.local/share/perftui/history.db", "no space left on device",
                         NOW - 75, 41_231_872, NOW - 40_000, NOW - 76, 75, 3)  # fmt: skip
    facts = _facts(
        sources=_sources(service=gone, client=slow), storage=full, alerts=people.alerts()[1:3],
        alert_counts=triaged.counts(people.alerts()[1:3], Watchdog(False, "am-eu: connection refused")),
        findings=people.findings()[:1],
        problems=("perftui.toml:12: panels.latency.uint: unknown key, did you mean \"unit\"?",),
        troubles={f"service/{query_name(curves.EXPLORED)}": "it matches nothing"},
    )  # fmt: skip
    end: dict[str, Any] = {"finished_at": NOW - 4, "running": 0, "queued": 0, "failed": 17}
    seen = {name: Curve(curve.level, curve.swing, None) for name, curve in curves.requests().items()}
    tables = {
        **triaged.tables(people.alerts()[1:3]),
        "workflows": (people.run(WorkState.FAILED, **end),), "phases": people.phases(WorkState.FAILED),
        "tasks": people.tasks(24, failed=(3, 5, 8, 13, 21), last=WorkState.LOST), "agents": people.lost_agents(),
        "pools": (people.pool(active=2, lost=1, failed_ratio=0.31),), "processes": people.processes(4),
    }  # fmt: skip
    refusing = {**_ANSWERS, "metrics": _no_answer, "labels": _no_answer, "explore": _no_answer}
    return World(demo_config(), facts, curves.host() | curves.work(2) | seen, tables, refusing)


def overloaded() -> World:
    """Everything at its limit: many agents, a long queue, more alerts and findings than there is room for."""
    many = tuple(
        people.alert(f"Pod restarts {n}", 3.0 + n, 2.0, Unit.COUNT, 5 + n * 67,
                     Severity.CRITICAL if n % 3 == 0 else Severity.WARNING,
                     AlertState.PENDING if n % 7 == 6 else AlertState.FIRING,
                     labels=(("pod", f"checkout-{n}-with-a-long-name"),), summary="The pod was started again.")
        for n in range(40)
    )  # fmt: skip
    first, second = people.findings()
    found = [msgspec.structs.replace((first, second)[n % 2], id=str(n), score=9.0 - n) for n in range(9)]
    alerts = (*people.alerts(), *many)
    facts = _facts(alerts=alerts, alert_counts=triaged.counts(alerts), findings=tuple(found), rules=people.rules(),
                   outcomes=people.outcomes())  # fmt: skip
    phases = (*people.phases(), *(people.phase(f"shard-{n:02d}-of-{people.LONG}") for n in range(12)))
    run = people.run(queued=12_431, done=1_204_118, failed=3_310, expected_s=90_000.0, began_s=79_000)
    tables = {
        **triaged.tables(alerts),
        "workflows": (run,), "phases": phases, "tasks": people.tasks(900, failed=tuple(range(0, 900, 7))),
        "agents": people.agents(64), "pools": (people.pool(64, queue=12_431, wait_p50_s=61, wait_p95_s=754.0),),
        "processes": people.processes(400),
    }  # fmt: skip
    seen = curves.host(0.99) | curves.work(64, late=754.0) | curves.requests(slow_s=31.0)
    return World(demo_config(), facts, seen, tables, _ANSWERS)


def empty() -> World:
    """Sources answer, and nothing has happened yet: what stands there says what would."""
    tables: dict[str, tuple[Any, ...]] = dict.fromkeys(
        (
            "workflows",
            "phases",
            "tasks",
            "agents",
            "pools",
            "alerts",
            "alert_spans",
            "silences",
            "noise",
            "slos",
            "load_runs",
        ),
        (),
    )
    quiet = _sources(demo=source("demo", "workflow", series=0), client=source("client", "scrape", series=0))
    return World(demo_config(), _facts(sources=quiet), curves.host(0.02), tables,
                 {**_ANSWERS, "metrics": lambda _: []})  # fmt: skip


def loading() -> World:
    """The session has not told anything yet."""
    return World(demo_config())


WORLDS: dict[str, Callable[[], World]] = {
    "normal": normal, "unconfigured": unconfigured, "failing": failing, "overloaded": overloaded, "empty": empty,
    "loading": loading,
}  # fmt: skip
