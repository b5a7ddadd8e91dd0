"""The compat transport: requests through httpx, for HTTP/2 and for proxies that our own transport does not speak.

A place in the pool is one request of httpx at a time, so that arrivals, deadlines, errors and figures are counted as
everywhere else. But httpx spends some milliseconds of our own time on every request, which are in every figure, and it
does not tell what connecting took: loads with it are capped, and their record says so.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import httpx

from perftui.load.connection import Call, Connection
from perftui.load.dial import Dialed
from perftui.load.job import Address, Job
from perftui.load.ledger import Ledger
from perftui.load.pool import Pool

_clock = time.perf_counter_ns


class CompatPool(Pool):
    """``context`` verifies the target; the addresses are those that were judged, whatever a name would lead to now."""

    def __init__(self, job: Job, context: ssl.SSLContext | None, ledger_of: Callable[[Call], Ledger]) -> None:
        # no context: TLS is no step of its own here
        super().__init__(job, None, ledger_of)
        self.target = _Target(job, context)

    async def _dialed(self) -> Dialed:
        """A place for one request at a time; httpx connects when it has to, within the request."""
        return Dialed(CompatConnection(self, self.target), 0, 0)


class CompatConnection(Connection):
    """One request of httpx at a time."""

    def __init__(self, owner: Pool, target: _Target) -> None:
        super().__init__(owner, None)
        self._target = target
        self._task: asyncio.Task[None] | None = None
        self.is_open = True

    def start(self, call: Call, request: bytes, is_head: bool, now: int) -> None:
        """Send a call's request now."""
        self.call = call
        self.received = self.first = self.status = 0
        self.head = self.body = b""
        self.is_headed = False
        self.started = self.written = now
        self._task = asyncio.get_running_loop().create_task(self._exchange(call, request))

    def abort(self) -> None:
        """End it at once; nothing is told any more."""
        super().abort()
        self._end()

    def fail(self, error: str) -> None:
        """The call ends in an error, and this place with it."""
        self._end()
        super().fail(error)

    def _end(self) -> None:
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _exchange(self, call: Call, request: bytes) -> None:
        asked = self._target.index
        try:
            error = await self._answered(request)
        except httpx.TransportError as raised:
            error = _kind(raised, self.received)
            if isinstance(raised, (httpx.ConnectError, httpx.ConnectTimeout)):
                self._target.leave(asked)
        except (httpx.InvalidURL, httpx.CookieConflict, ValueError):
            error = "garbage"
        if self.call is not call:
            return
        if error:
            self.fail(error)
            return
        self._keep_alive = True
        self._owner.answered(self, "")

    async def _answered(self, request: bytes) -> str:
        """The kind of error, empty for a whole answer."""
        response = await self._target.send(request, self._trace)
        self.first = self.first or _clock()
        self.status = response.status_code
        head = [f"{response.http_version} {response.status_code}".encode()]
        head += [name + b": " + value for name, value in response.headers.raw]
        self.head = b"\r\n".join([*head, b"", b""])
        self.received, self.is_headed = len(self.head), True
        chunks = []
        try:
            async for chunk in response.aiter_raw():
                self.received += len(chunk)
                if self.received > self._owner.body_limit:
                    return "body_too_large"
                chunks.append(chunk)
        finally:
            await response.aclose()
        self.ended = _clock()
        self.body = b"".join(chunks)
        return "no_http2" if self._target.wants_http2 and response.http_version != "HTTP/2" else ""

    async def _trace(self, event: str, _: Any) -> None:
        if event.endswith("send_request_body.complete"):
            self.written = _clock()
        elif event.endswith("receive_response_headers.complete"):
            self.first = _clock()


class _Target:
    """How requests get to where they have to go; ``index`` is the place of the address that is asked now."""

    def __init__(self, job: Job, context: ssl.SSLContext | None) -> None:
        compat = job.compat
        assert compat is not None  # noqa: S101 (a pool of another transport was asked for)
        self._job, self.index = job, 0
        self.wants_http2 = compat.http2
        unix = job.addresses[0].unix
        limits = httpx.Limits(max_connections=job.connections, max_keepalive_connections=job.connections)
        transport = httpx.AsyncHTTPTransport(
            verify=context or ssl.create_default_context(), http1=True, http2=compat.http2, limits=limits,
            trust_env=False, proxy=compat.proxy or None, uds=unix or None,
        )  # fmt: skip
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)

    async def send(self, request: bytes, trace: Callable[[str, Any], Any]) -> httpx.Response:
        """The head of the answer. Raises httpx.TransportError."""
        parsed = _parsed(request)
        tls = self._job.tls
        extensions: dict[str, Any] = {"trace": trace, "timeout": {"connect": self._job.connect_s}}
        if tls is not None:
            extensions["sni_hostname"] = tls.name
        address = self._job.addresses[self.index % len(self._job.addresses)]
        url = f"{'https' if tls is not None else 'http'}://{_authority(address)}"
        made = httpx.Request(
            parsed.method, httpx.URL(url).copy_with(raw_path=parsed.path), headers=parsed.headers,
            content=parsed.body, extensions=extensions,
        )  # fmt: skip
        return await self._client.send(made, stream=True)

    def leave(self, index: int) -> None:
        """The address that was asked lets nobody in: the next one, unless another request has gone on already."""
        if self.index == index:
            self.index += 1


class _Parsed(NamedTuple):
    method: str
    path: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


@lru_cache(maxsize=1024)
def _parsed(request: bytes) -> _Parsed:
    """What our own plan has written as HTTP/1.1."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, path, _ = first.split(b" ", 2)
    headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    return _Parsed(method.decode("ascii"), path, headers, body)


def _authority(address: Address) -> str:
    if address.unix:
        return "localhost"
    return f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"


def _kind(raised: httpx.TransportError, received: int) -> str:
    """The kind of error that our own transport would count."""
    causes: list[BaseException] = [raised]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 10:
        causes.append(cause)
    if isinstance(raised, httpx.ProxyError):
        return "proxy"
    if isinstance(raised, httpx.ConnectTimeout):
        return "connect_timeout"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "refused"
    if isinstance(raised, httpx.ConnectError):
        return "unreachable"
    if any(isinstance(cause, ConnectionError) for cause in causes):
        return "reset"
    if "without sending" in str(raised) and not isinstance(raised, httpx.LocalProtocolError):
        return "half_response" if received or "complete message" in str(raised) else "closed"
    return "reset" if isinstance(raised, (httpx.ReadError, httpx.WriteError)) else "garbage"
