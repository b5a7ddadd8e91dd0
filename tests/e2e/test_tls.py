"""Servers behind TLS, certificates of clients, and headers with secrets: both client libraries do the same."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from perftui.config.schema import PrometheusSource
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import Query
from perftui.domain.samples import Batch
from perftui.sources.prometheus.source import PrometheusSource as Source

TLS = Path(__file__).parents[1] / "data" / "tls"
_ANSWER = {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1.0, "7"]}]}}


class _Handler(BaseHTTPRequestHandler):
    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        body = json.dumps(_ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Handshakes that fail are what the tests are about."""


class Secured:
    """A small API behind TLS; ``clients`` true asks for a certificate. ``seen`` are the headers of its requests."""

    def __init__(self, *, clients: bool = False) -> None:
        self.seen: list[dict[str, str]] = []
        handler = type("Handler", (_Handler,), {"seen": self.seen})
        self._server = _Server(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
        if clients:
            context.load_verify_locations(TLS / "ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED
            # with 1.3 the refusal comes after the request, and is lost when the server hangs up before that was read
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Secured]:
    secured = Secured()
    yield secured
    secured.close()


@pytest.fixture
def closed_shop() -> Iterator[Secured]:
    secured = Secured(clients=True)
    yield secured
    secured.close()


def _ask(server: Secured, environ: dict[str, str] | None = None, **settings: Any) -> tuple[Batch, str]:
    """A poll (the library) and an expression that somebody typed (httpx): the second one's error, empty without one."""

    async def both() -> tuple[Batch, str]:
        full = PrometheusSource(
            url=server.url, timeout=3.0, alerts=False, profiles=False, scrape_interval=1.0, **settings
        )
        source = Source("main", full, environ=environ or {}, wall=time.time, monotonic=time.monotonic)
        source.set_queries([Query("q", "up")])
        try:
            batch = await source.poll()
            try:
                await source.try_query("up")
            except QueryError as error:
                return batch, str(error)
            return batch, ""
        finally:
            await source.close()

    return asyncio.run(both())


def test_a_certificate_that_nobody_vouches_for_is_refused_by_both_and_named(server: Secured) -> None:
    batch, typed = _ask(server)

    assert batch.error is not None
    assert batch.error.kind is ErrorKind.UNREACHABLE
    assert "certificate is not trusted" in batch.error.message
    assert "certificate is not trusted" in typed
    assert server.seen == []


def test_with_its_authority_both_trust_it(server: Secured) -> None:
    batch, typed = _ask(server, ca_file=str(TLS / "ca.pem"))

    assert (batch.error, batch.values, typed) == (None, {"main/q": 7.0}, "")


def test_who_asks_not_to_verify_gets_what_he_asked_for(server: Secured) -> None:
    batch, typed = _ask(server, verify=False)

    assert (batch.error, typed) == (None, "")


def test_a_server_that_wants_a_certificate_names_it_and_gets_it(closed_shop: Secured) -> None:
    authority = str(TLS / "ca.pem")
    without, typed_without = _ask(closed_shop, ca_file=authority)
    pair = {"cert_file": str(TLS / "client.pem"), "key_file": str(TLS / "client.key")}
    batch, typed = _ask(closed_shop, ca_file=authority, **pair)

    assert without.error is not None
    assert without.error.kind is ErrorKind.DENIED
    assert (
        without.error.message
        == typed_without
        == "TLS: it refuses us; does it want a certificate (cert_file, key_file)?"
    )
    assert (batch.error, batch.values, typed) == (None, {"main/q": 7.0}, "")


@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [
        ({"token": "env:TOKEN"}, "authorization", "Bearer s3cret"),
        ({"user": "me", "password": "env:TOKEN"}, "authorization", "Basic " + base64.b64encode(b"me:s3cret").decode()),
        ({"headers": {"X-Scope-OrgID": "team"}}, "x-scope-orgid", "team"),
        ({"secret_headers": {"X-Key": "env:TOKEN"}}, "x-key", "s3cret"),
    ],
)
def test_both_clients_send_the_same_credentials(
    server: Secured, settings: dict[str, Any], header: str, value: str
) -> None:
    _ask(server, {"TOKEN": "s3cret"}, verify=False, **settings)

    assert len(server.seen) >= 2
    assert {seen.get(header) for seen in server.seen} == {value}


def test_a_secret_that_can_not_be_read_is_named_without_a_request(server: Secured) -> None:
    batch, typed = _ask(server, token="env:TOKEN", verify=False)

    assert batch.error is not None
    assert batch.error.kind is ErrorKind.DENIED
    assert batch.error.message == typed == "secret env:TOKEN: this variable is not set"
    assert server.seen == []


def test_a_secret_never_becomes_a_second_header(server: Secured) -> None:
    batch, typed = _ask(server, {"TOKEN": "a\r\nX-Evil: 1"}, token="env:TOKEN", verify=False)

    assert batch.error is not None
    assert "no header can carry" in batch.error.message
    assert "Evil" not in batch.error.message + typed
    assert server.seen == []
