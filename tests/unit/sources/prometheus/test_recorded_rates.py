"""A rate of a Prometheus that a load is to follow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from perftui.cli.load_recorded import asked
from perftui.domain.errors import PerftuiError, QueryError
from perftui.load.plan import Plan
from perftui.load.recorded import PlannedRecorded
from perftui.load.shapes import Shape
from perftui.sources.prometheus.recorded_rates import recorded_rates
from tests.faults.fault_server import FaultServer, Talk
from tests.faults.prometheus_api import Response


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


def _gives(server: FaultServer, *series: list[list[object]]) -> None:
    result = [{"metric": {}, "values": values} for values in series]
    body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()
    server.play(lambda talk: _answer(talk, body))


def _answer(talk: Talk, body: bytes) -> None:
    talk.answer(Response(200, body))


def test_one_series_is_followed_without_what_is_no_number(server: FaultServer) -> None:
    _gives(server, [[100, "10"], [110, "NaN"], [120, "20.5"]])

    found = asyncio.run(recorded_rates(server.url, "sum(rate(x[1m]))", 100, 120, 10, {}))

    assert found == [(100.0, 10.0), (120.0, 20.5)]


def test_several_series_and_none_are_refused_in_words(server: FaultServer) -> None:
    for series in ([], [[[100, "1"]], [[100, "2"]]]):
        _gives(server, *series)
        with pytest.raises(QueryError, match="series where one rate is needed"):
            asyncio.run(recorded_rates(server.url, "rate(x[1m])", 100, 120, 10, {}))
    with pytest.raises(QueryError, match="no range"):
        asyncio.run(recorded_rates(server.url, "x", 120, 100, 10, {}))


def test_a_plan_gets_its_points_before_it_is_judged(server: FaultServer) -> None:
    _gives(server, [[100, "10"], [160, "20"]])
    told = PlannedRecorded(prometheus=server.url, expr="sum(rate(x[1m]))", start="100", end="1970-01-01T00:02:40Z")
    plan = asked(Plan("http://127.0.0.1:1/", shape=Shape.RECORDED, recorded=told))

    assert plan.recorded.points == ((100.0, 10.0), (160.0, 20.0))
    assert plan.recorded.note == "sum(rate(x[1m])): 2 points from Prometheus"
    assert asked(plan) is plan
    for wrong in (
        PlannedRecorded(prometheus=server.url),
        PlannedRecorded(prometheus=server.url, expr="x", start="soon"),
    ):
        with pytest.raises(PerftuiError, match="recorded"):
            asked(Plan("http://127.0.0.1:1/", shape=Shape.RECORDED, recorded=wrong))
