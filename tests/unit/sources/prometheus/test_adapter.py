"""What is mounted below the library: requests on other threads keep their connections when the client is given up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from perftui.sources.prometheus.adapter import BoundedAdapter
from tests.faults.fault_server import FaultServer


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

    end = time.monotonic() + 20
    while server.open:
        assert time.monotonic() < end, "a connection stayed open"
        time.sleep(0.005)
