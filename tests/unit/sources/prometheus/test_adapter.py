"""What is mounted below the library: requests on other threads keep their connections when the client is given up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.prometheus.adapter import AskingSession, BoundedAdapter
from tests.faults.fault_server import FaultServer
from tests.faults.misdeeds import packs_as_nobody_asked


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


class _GivenUp(BoundedAdapter):
    """Another thread closes it at the worst moment: a request has its pool, and no connection yet."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **options)
        self.close()
        return pool


def test_a_client_that_is_given_up_takes_no_request_along_and_leaves_no_connection(server: FaultServer) -> None:
    adapter = _GivenUp(2, 1000, time.monotonic)
    session = requests.Session()
    session.mount(server.url, adapter)

    for _ in range(2):
        assert session.get(f"{server.url}/metrics", timeout=20).status_code == 200

    _left_alone(server)


def test_an_answer_that_is_not_even_read_leaves_no_connection(server: FaultServer) -> None:
    session = requests.Session()
    session.mount(server.url, BoundedAdapter(2, 1000, time.monotonic))
    server.play(packs_as_nobody_asked)

    with pytest.raises(QueryError, match="packed") as kept:  # with its traceback, and so with the answer
        session.get(server.url, timeout=20)

    session.close()
    _left_alone(server)
    assert kept.value.kind is ErrorKind.BAD_DATA


def _left_alone(server: FaultServer) -> None:
    """Until the other side has closed every connection."""
    end = time.monotonic() + 20
    while server.open:
        assert time.monotonic() < end, "a connection stayed open"
        time.sleep(0.005)


def test_an_address_that_goes_around_urllib3_arrives_as_it_was_escaped_each_time(server: FaultServer) -> None:
    session = AskingSession()
    session.mount(server.url, BoundedAdapter(2, 1000, time.monotonic))
    expr = 'label_replace(\nup{job=~"ä b+%41/?#"}\n, "x", "~", "", "")'

    asked = [
        session.get(f"{server.url}/api/v1/query", params={"query": expr, "timeout": "9s"}, timeout=20) for _ in range(3)
    ]
    other = session.get(f"{server.url}/api/v1/query", params={"query": "up", "timeout": "9s"}, timeout=20)

    session.close()
    plain = requests.Request("GET", f"{server.url}/api/v1/query", params={"query": expr, "timeout": "9s"}).prepare()
    target = plain.path_url
    assert {answer.request.path_url for answer in asked} == {target}
    assert other.request.path_url == "/api/v1/query?query=up&timeout=9s"
    assert [request.target for request in server.requests] == [target] * 3 + [other.request.path_url]
