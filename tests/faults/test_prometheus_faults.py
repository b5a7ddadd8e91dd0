"""A Prometheus server that is down, slow, astray or lying: the reason in time, nothing invented, the rest goes on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from perftui.config.schema import PrometheusSource as Settings
from perftui.domain.errors import ErrorKind
from perftui.domain.queries import Query
from perftui.sources.prometheus.source import PrometheusSource
from tests.faults import scenarios
from tests.faults.fault_server import FaultServer
from tests.faults.misdeeds import answers, cuts, gives, says, tampers
from tests.faults.neighbours import GRACE_S, INTERVAL_S, PATIENT_S, TIMEOUT_S, Neighbours, polled, timed
from tests.faults.prometheus_api import PrometheusApi, Series, Vector, one
from tests.faults.scenarios import Scenario, playing
from tests.faults.stolen_time import StolenTime

_T = TypeVar("_T")

_NOT_OURS = "not to what was asked"

LYING = (
    playing("nothing at all with 200", answers(200), ErrorKind.BAD_DATA, "not JSON"),
    playing("half of its JSON", cuts(0.5), ErrorKind.BAD_DATA, "cut in the middle"),
    playing("all but the last brace", tampers(lambda body: body[:-1]), ErrorKind.BAD_DATA, "cut in the middle"),
    playing("JSON twice", tampers(lambda body: body + body), ErrorKind.BAD_DATA, "not JSON"),
    playing("text in no known alphabet", tampers(lambda body: body.replace(b'"job"', b'"\xff"')), ErrorKind.BAD_DATA,
            "not JSON"),
    playing("very deep JSON", answers(200, b"[" * 200_000), ErrorKind.BAD_DATA, "not JSON"),
    playing("deep JSON that is whole", answers(200, b"[" * 900 + b"]" * 900), ErrorKind.BAD_DATA, "none of Prometheus"),
    playing("JSON of another program", says({"hello": "world"}), ErrorKind.BAD_DATA, "none of Prometheus"),
    playing("a JSON list", says([1, 2]), ErrorKind.BAD_DATA, "none of Prometheus"),
    playing("a bare number", says(7), ErrorKind.BAD_DATA, "none of Prometheus"),
    playing("no data", says({"status": "success"}), ErrorKind.BAD_DATA, "form"),
    playing("data that is nothing", says({"status": "success", "data": None}), ErrorKind.BAD_DATA, "form"),
    playing("data that is a list", says({"status": "success", "data": []}), ErrorKind.BAD_DATA, "form"),
    playing("a result that is nothing", gives(None), ErrorKind.BAD_DATA, "form"),
    playing("a result that is an object", gives({}), ErrorKind.BAD_DATA, "form"),
    playing("a result of numbers", gives([1, 2, 3]), ErrorKind.BAD_DATA, _NOT_OURS),
    playing("a scalar for many", gives([1.0, "1"], "scalar"), ErrorKind.BAD_DATA, _NOT_OURS),
    playing("samples for many", gives([{"metric": {}, "values": []}], "matrix"), ErrorKind.BAD_DATA, _NOT_OURS),
    playing("an answer to nothing", gives([{"metric": {}, "value": [1.0, "1"]}]), ErrorKind.BAD_DATA, _NOT_OURS),
    playing("an error with 200", says({"status": "error", "errorType": "internal", "error": "no disk"}),
            ErrorKind.BAD_DATA, "no disk"),
    playing("an error without words", says({"status": "error"}), ErrorKind.BAD_DATA, "error"),
    playing("it gave up itself", says({"status": "error", "errorType": "timeout", "error": "query timed out"}, 503),
            ErrorKind.TIMEOUT, "query timed out"),
    playing("it is starting", says({"status": "error", "errorType": "unavailable", "error": "not yet"}, 503),
            ErrorKind.OVERLOADED, "not yet"),
)  # fmt: skip


def _sample(pair: Any) -> list[dict[str, Any]]:
    return [{"metric": {"__q": "0", "job": "a"}, "value": pair}]


MISSHAPEN = tuple(
    playing(f"a sample like {str(pair)[:40]}", gives(_sample(pair)), ErrorKind.BAD_DATA, "form")
    for pair in (
        None, [], [1.0], [1.0, 2.0], [1.0, None], ["1", "1"], [None, "1"], [1.0, "1", "1"], [1.0, "one"], [1.0, ""],
        {"0": 1.0, "1": "1"}, [True, "1"], [10**400, "1"], [1e300, "1"], [-1e300, "1"],
    )
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[FaultServer]:
    both = Vector((Series({"job": "a"}, 1.0), Series({"job": "b"}, 0.0)))
    server = FaultServer(PrometheusApi({"up": both, "load": one(2.5)}))
    yield server
    server.close()


@pytest.fixture
def neighbour() -> Iterator[FaultServer]:
    server = FaultServer(PrometheusApi({"up": one(1.0)}))
    yield server
    server.close()


def _source(server: FaultServer, *exprs: str, name: str = "prom", **settings: Any) -> PrometheusSource:
    given: dict[str, Any] = {"interval": INTERVAL_S, "timeout": TIMEOUT_S, "max_body": 1048576, **settings}
    source = PrometheusSource(
        name, Settings(url=server.url, **given), environ={}, wall=time.time, monotonic=time.monotonic
    )
    source.set_queries([Query(f"q{index}", expr) for index, expr in enumerate(exprs or ("up", "load"))])
    return source


@contextlib.asynccontextmanager
async def _opened(server: FaultServer, *exprs: str, **settings: Any) -> AsyncIterator[PrometheusSource]:
    """A source that is closed at the end, whatever became of the test."""
    source = _source(server, *exprs, **settings)
    try:
        yield source
    finally:
        await source.close()


WELL = {'prom/q0{job="a"}': 1.0, 'prom/q0{job="b"}': 0.0, "prom/q1": 2.5}


def _run(story: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    return asyncio.run(story())


@scenarios.each(*scenarios.TRANSPORT, *LYING, *MISSHAPEN)
def test_a_fault_is_named_in_time_harms_no_other_source_and_is_forgotten_when_it_ends(
    scenario: Scenario, server: FaultServer, neighbour: FaultServer
) -> None:
    async def story() -> None:
        with StolenTime() as stolen:
            async with (
                _opened(server) as source,
                Neighbours(_source(neighbour, "up", name="well", timeout=PATIENT_S), stolen) as neighbours,
            ):
                assert (await polled(source, stolen)).values == WELL
                scenario.begin(server)
                before = len(server.asked("query"))
                batch, took_s = await timed(source, stolen)

                assert batch.error is not None
                assert (batch.error.kind, batch.values) == (scenario.kind, {}), batch.error
                assert scenario.says in batch.error.message
                assert batch.error.message.isprintable()
                assert took_s <= TIMEOUT_S + GRACE_S
                assert len(server.asked("query")) - before <= 1, "it was tried again"

                scenarios.end(server)
                after = await polled(source, stolen)
                assert (after.error, after.values) == (None, WELL)
                neighbours.check()

    _run(story)
