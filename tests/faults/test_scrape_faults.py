"""An endpoint that is down, slow, astray or lying: the reason in time, nothing invented, the rest goes on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest

from perftui.config.schema import ScrapeSource as Settings
from perftui.domain.errors import ErrorKind
from perftui.domain.queries import Query
from perftui.domain.samples import Batch
from perftui.domain.series import parse_selector
from perftui.sources.scrape.source import ScrapeSource
from tests.faults import scenarios
from tests.faults.fault_server import FaultServer
from tests.faults.misdeeds import answers, cuts, says, tampers
from tests.faults.neighbours import GRACE_S, INTERVAL_S, TIMEOUT_S, Neighbours, timed
from tests.faults.prometheus_api import PrometheusApi
from tests.faults.scenarios import Scenario, playing
from tests.faults.stolen_time import StolenTime

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4"
GOOD = """\
# HELP jobs_total What was done.
# TYPE jobs_total counter
jobs_total{queue="a"} 10
jobs_total{queue="b"} 20
# TYPE heat_celsius gauge
heat_celsius 21.5
# EOF
"""
WELL = {"app/up": 1.0, "app/scrape_samples_scraped": 3.0, "app/jobs": 30.0, "app/heat_celsius": 21.5}


def _text(name: str, body: str | bytes, says: str, kind: str = TEXT) -> Scenario:
    """A whole answer with 200 that is no exposition."""
    data = body.encode() if isinstance(body, str) else body
    return playing(name, answers(200, data, kind=kind), ErrorKind.BAD_DATA, says)


LYING = (
    _text("a piece of a web page", "<p>hello</p>\n", "web page"),
    _text("a web page that calls itself metrics", "\n<!doctype html><p>hello", "web page", OPENMETRICS),
    playing("JSON", says({"status": "success", "data": {}}), ErrorKind.BAD_DATA, "JSON, not with metrics"),
    playing("a list of JSON", says([1, 2]), ErrorKind.BAD_DATA, "JSON, not with metrics"),
    _text("JSON that calls itself text", '{"up": 1}\n', "JSON, not with metrics"),
    _text("protocol buffers", b"\x0a\x04heat\x12", "protocol buffers", "application/vnd.google.protobuf; proto=x"),
    _text("text of another program", "It works!\n", "line 1: expected"),
    _text("a bare number", "7\n", "line 1: expected the name of a metric: 7"),
    _text("a word without an end", "OK", "ends within its first line"),
    playing("it is cut within its first line", cuts(0.02), ErrorKind.BAD_DATA, "cut"),
    playing("it is cut in the middle", cuts(0.5), ErrorKind.BAD_DATA, "cut: OpenMetrics ends with # EOF"),
    playing("it is cut between two lines", tampers(lambda body: body[: body.index(b"# TYPE heat")]),
            ErrorKind.BAD_DATA, "cut: OpenMetrics ends with # EOF"),
    playing("its end is missing", tampers(lambda body: body.replace(b"# EOF\n", b"")), ErrorKind.BAD_DATA, "# EOF"),
    playing("nothing at all", answers(200, kind=OPENMETRICS), ErrorKind.BAD_DATA, "# EOF"),
    playing("text that is not UTF-8", tampers(lambda body: body.replace(b'"b"', b'"\xff"')), ErrorKind.BAD_DATA,
            "line 4: it is not UTF-8"),
    _text("UTF-16", "heat_celsius 1\n".encode("utf-16"), "line 1: it is not UTF-8"),
    _text("zeros", b"\x00" * 5000 + b"\n", "line 1: expected the name of a metric"),
    _text("a value that is none", "heat_celsius warm\n", "line 1: expected a number: heat_celsius warm"),
    _text("a value that only Python takes", "a 1\nheat_celsius 1_000\n", "line 2: expected a number"),
    _text("a time that is none", "heat_celsius 1 today\n", "line 1: expected a timestamp"),
    _text("a label that has no end", 'heat_celsius{room="a} 1\n', "line 1: expected labels"),
    _text("a label that is given twice", 'heat_celsius{a="1",a="2"} 1\n', "line 1: a label is given twice"),
    _text("escapes of a terminal", "\x1b]0;gotcha\x07\x1b[31mred 1\n", "line 1: expected the name of a metric"),
    _text("a line without an end", b"a" * 500_000, "ends within its first line"),
    _text("a line that is too long", b"a" * 500_000 + b" 1\n", "line 1: it has more than"),
    _text("too many series", "".join(f"a{number} 1\n" for number in range(1001)), "more than 1000 series (max_series)"),
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer(PrometheusApi())
    server.api.exposition, server.api.exposition_kind = GOOD, OPENMETRICS
    yield server
    server.close()


@pytest.fixture
def neighbour() -> Iterator[FaultServer]:
    server = FaultServer(PrometheusApi())
    yield server
    server.close()


class Clock:
    """Both clocks, that move when they are told to: what is told of time is then as exact as it can be."""

    def __init__(self) -> None:
        self.now = 1000.0

    def wall(self) -> float:
        return 1_700_000_000.0 + self.now

    def monotonic(self) -> float:
        return self.now


def _source(
    server: FaultServer,
    *,
    name: str = "app",
    queries: dict[str, str] | None = None,
    interest: tuple[str, ...] = ("heat_celsius",),
    clock: Clock | None = None,
    **settings: Any,
) -> ScrapeSource:
    given: dict[str, Any] = {
        "interval": INTERVAL_S, "timeout": TIMEOUT_S, "max_body": 1048576, "max_series": 1000, **settings
    }  # fmt: skip
    clocks = (time.time, time.monotonic) if clock is None else (clock.wall, clock.monotonic)
    source = ScrapeSource(name, Settings(url=server.url, **given), environ={}, wall=clocks[0], monotonic=clocks[1])
    asked = {"jobs": "sum(jobs_total)"} if queries is None else queries
    source.set_queries([Query(query, expr) for query, expr in asked.items()])
    source.set_interest([parse_selector(f"{name}/{metric}") for metric in interest])
    return source


@contextlib.asynccontextmanager
async def _opened(source: ScrapeSource) -> AsyncIterator[ScrapeSource]:
    """A source that is closed at the end, whatever became of the test."""
    try:
        yield source
    finally:
        await source.close()


def _values(batch: Batch) -> dict[str, float]:
    """What a batch holds but for the time that it took."""
    return {series: value for series, value in batch.values.items() if "duration" not in series}


def _run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


@scenarios.each(*scenarios.TRANSPORT, *LYING)
def test_a_fault_is_named_in_time_harms_no_other_source_and_is_forgotten_when_it_ends(
    scenario: Scenario, server: FaultServer, neighbour: FaultServer
) -> None:
    async def story() -> None:
        with StolenTime() as stolen:
            async with (
                _opened(_source(server)) as source,
                Neighbours(_source(neighbour, name="well", queries={}), stolen) as neighbours,
            ):
                first = await source.poll()
                assert (first.error, _values(first)) == (None, WELL)
                scenario.begin(server)
                before = len(server.requests)
                batch, took_s = await timed(source, stolen)

                assert batch.error is not None
                assert (batch.error.kind, batch.values) == (scenario.kind, {}), batch.error
                assert scenario.says in batch.error.message
                assert batch.error.message.isprintable()
                assert took_s <= TIMEOUT_S + GRACE_S
                assert len(server.requests) - before <= 1, "it was tried again"

                scenarios.end(server)
                after = await source.poll()
                assert (after.error, _values(after)) == (None, WELL)
                neighbours.check()

    _run(story)
