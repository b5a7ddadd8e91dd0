"""Requests beside each other: what becomes of one is no matter of the others."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from perftui.config.schema import HttpSource
from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.http import HttpClient
from tests.faults.fault_server import FaultServer, Talk
from tests.faults.misdeeds import answers

_PATIENCE_S = 20.0


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


def _client(server: FaultServer) -> HttpClient:
    return HttpClient(HttpSource(url=server.url, timeout=_PATIENCE_S), {})


async def _until_asked(server: FaultServer, path: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not server.asked(path):
        assert time.monotonic() < end, "it was never asked"
        await asyncio.sleep(0.005)


def test_a_request_that_is_refused_does_not_end_the_one_beside_it(server: FaultServer) -> None:
    denied, released = answers(401), threading.Event()

    def play(talk: Talk) -> None:
        if talk.request.path == "/denied":
            denied(talk)
        else:
            released.wait(_PATIENCE_S)
            talk.answer()

    async def story() -> None:
        client = _client(server)
        server.play(play)
        slow = asyncio.ensure_future(client.get(f"{server.url}/metrics"))
        await _until_asked(server, "/metrics")
        with pytest.raises(QueryError) as caught:
            await client.get(f"{server.url}/denied")
        assert caught.value.kind is ErrorKind.DENIED
        released.set()
        assert (await slow).status == 200
        await client.close()

    asyncio.run(story())


def test_a_redirect_to_what_is_no_address_is_told_as_one(server: FaultServer) -> None:
    async def story() -> None:
        client = _client(server)
        server.play(answers(302, Location="http://[::"))
        with pytest.raises(QueryError, match=r"302: it has moved to http://\[::;") as caught:
            await client.get(f"{server.url}/metrics")
        assert caught.value.kind is ErrorKind.MISSING
        await client.close()

    asyncio.run(story())


def _last_answer(talk: Talk) -> None:
    talk.answer()
    talk.end()


def test_a_connection_is_used_again_until_the_server_ends_it(server: FaultServer) -> None:
    async def story() -> None:
        client = _client(server)
        for _ in range(3):
            assert (await client.get(f"{server.url}/metrics")).status == 200
        assert server.accepted == 1
        server.play(_last_answer)
        assert (await client.get(f"{server.url}/metrics")).status == 200
        end = time.monotonic() + _PATIENCE_S
        while server.open:
            assert time.monotonic() < end, "the server's side is still open"
            await asyncio.sleep(0.005)
        assert (await client.get(f"{server.url}/metrics")).status == 200
        assert server.accepted == 2
        await client.close()

    asyncio.run(story())
