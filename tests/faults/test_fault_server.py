"""The server that faults are made with does what it says; a test that trusts it would prove nothing otherwise."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults import misdeeds
from tests.faults.fault_server import FaultServer
from tests.faults.prometheus_api import Matrix, PrometheusApi, Refusal, Scalar, Series, Text, Vector, one

_BAD = Refusal(400, "bad_data", "unclosed left parenthesis")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    answers = {
        "up": Vector((Series({"job": "a"}, 1.0), Series({"job": "b"}, 0.0))),
        "7": Scalar("7"),
        '"text"': Text("text"),
        "up[1m]": Matrix({"job": "a"}),
        "sum(": _BAD,
        "gap": one(lambda at: None if at % 2 else at),
    }
    server = FaultServer(PrometheusApi(answers))
    yield server
    server.close()


def _get(server: FaultServer, path: str, **params: str) -> dict[str, Any]:
    query = f"?{urllib.parse.urlencode(params)}" if params else ""
    with urllib.request.urlopen(f"{server.url}/api/v1/{path}{query}", timeout=5) as answer:  # noqa: S310
        return dict(json.load(answer))


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def _joined(*exprs: str) -> str:
    return "\nor\n".join(f'label_replace(\n{expr}\n, "__q", "{i}", "", "")' for i, expr in enumerate(exprs))


def test_a_single_expression_has_its_result_and_an_unknown_one_none(server: FaultServer) -> None:
    found = _get(server, "query", query="up")["data"]
    assert [(item["metric"], item["value"][1]) for item in found["result"]] == [
        ({"job": "a"}, "1"),
        ({"job": "b"}, "0"),
    ]
    assert _get(server, "query", query="nothing")["data"] == {"resultType": "vector", "result": []}


@pytest.mark.parametrize(("expr", "kind"), [("7", "scalar"), ('"text"', "string"), ("up[1m]", "matrix")])
def test_each_kind_of_value_is_told_as_prometheus_tells_it(server: FaultServer, expr: str, kind: str) -> None:
    assert _get(server, "query", query=expr)["data"]["resultType"] == kind


def test_joined_expressions_carry_their_index_and_wrapped_scalars_are_vectors(server: FaultServer) -> None:
    result = _get(server, "query", query=_joined("up", "vector(\n7\n)", "nothing"))["data"]["result"]
    assert [(item["metric"], item["value"][1]) for item in result] == [
        ({"job": "a", "__q": "0"}, "1"),
        ({"job": "b", "__q": "0"}, "0"),
        ({"__q": "1"}, "7"),
    ]


@pytest.mark.parametrize("culprit", ["sum(", "7", '"text"', "up[1m]"])
def test_one_expression_that_cannot_be_joined_spoils_the_answer(server: FaultServer, culprit: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _get(server, "query", query=_joined("up", culprit))
    assert caught.value.code == 400
    assert json.load(caught.value)["errorType"] == "bad_data"


def test_a_range_has_points_where_there_are_samples_and_none_of_the_future(server: FaultServer) -> None:
    found = _get(server, "query_range", query="gap", start="1000", end="1003", step="1")["data"]["result"]
    assert found == [{"metric": {}, "values": [[1000.0, "1000"], [1002.0, "1002"]]}]
    start = time.time() + 1000
    assert (
        _get(server, "query_range", query="up", start=f"{start}", end=f"{start + 9}", step="1")["data"]["result"] == []
    )


def test_its_clock_can_be_wrong_in_values_and_headers(server: FaultServer) -> None:
    server.api.skew_s = 120.0
    at = _get(server, "query", query="up")["data"]["result"][0]["value"][0]
    assert 110 < at - time.time() < 130


def test_a_form_is_read_as_an_address_is_and_every_request_is_recorded(server: FaultServer) -> None:
    body = urllib.parse.urlencode({"query": "up"}).encode()
    request = urllib.request.Request(f"{server.url}/api/v1/query", body, {"X-Org": "one"}, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        assert json.load(answer)["data"]["result"]
    (seen,) = server.asked("query")
    assert (seen.method, seen.query, seen.params, seen.form) == ("POST", "up", {}, {"query": "up"})
    assert seen.headers["x-org"] == "one"


def test_a_fault_takes_only_the_requests_that_it_is_for_and_ends_when_told(server: FaultServer) -> None:
    server.play(misdeeds.answers(503), lambda request: request.endpoint == "rules")
    with pytest.raises(urllib.error.HTTPError):
        _get(server, "rules")
    assert _get(server, "query", query="up")["status"] == "success"
    server.play(None)
    assert _get(server, "rules")["data"] == {"groups": []}


def test_a_hanging_request_ends_with_its_client_and_open_connections_are_counted(server: FaultServer) -> None:
    server.play(misdeeds.hangs_before_headers)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /api/v1/query HTTP/1.1\r\n\r\n")
        _until(lambda: len(server.requests) == 1)
        assert server.open == 1
    _until(lambda: server.open == 0)


def test_a_port_can_be_closed_and_opened_again(server: FaultServer) -> None:
    server.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))
    server.listen()
    assert _get(server, "query", query="up")["status"] == "success"


def test_a_port_can_swallow_connections_and_take_them_again(server: FaultServer) -> None:
    server.ignore()
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", server.port), timeout=0.2)
    server.listen()
    assert _get(server, "query", query="up")["status"] == "success"


def test_closing_it_ends_whoever_hangs(server: FaultServer) -> None:
    server.play(misdeeds.drips_body)
    client = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    client.sendall(b"GET /api/v1/query?query=up HTTP/1.1\r\n\r\n")
    _until(lambda: len(server.requests) == 1)
    server.close()
    with client:
        while client.recv(4096):
            pass
    _until(lambda: server.open == 0)
