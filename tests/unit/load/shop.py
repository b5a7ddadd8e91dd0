"""A small shop for journeys: a log-in that gives a token and a cookie, orders that need both, redirects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.unit.load.misbehaving import serving


class Asked(NamedTuple):
    """A request as it came in; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class Shop(NamedTuple):
    """Its port, and everything that was asked of it."""

    port: int
    asked: list[Asked]


@contextmanager
def shop() -> Iterator[Shop]:
    heads: list[bytes] = []
    asked: list[Asked] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = heads[-1].decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, path, _ = first.split(" ")
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        request = Asked(method, path, headers, body)
        asked.append(request)
        writer.write(_answer(request))
        await writer.drain()

    with serving(answer, seen=heads) as port:
        yield Shop(port, asked)


def _answer(request: Asked) -> bytes:
    path = request.path.partition("?")[0]
    if path == "/login":
        user = json.loads(request.body)["user"]
        return _said(200, {"token": f"t-{user}", "id": 7}, f"Set-Cookie: session={user}; Path=/; HttpOnly\r\n")
    if path == "/orders" and request.method == "POST":
        user = request.headers.get("cookie", "").removeprefix("session=")
        good = bool(user) and request.headers.get("authorization") == f"Bearer t-{user}"
        return _said(201 if good else 403, {"ok": good}, "Location: /orders/42\r\n")
    if path == "/evil":
        return _said(200, {"token": "a\r\nX-Injected: yes", "next": "/x HTTP/1.1\r\nHost: evil"})
    if path == "/huge":
        return _said(200, {"token": "x" * 2_000_000})
    if path.startswith("/hop/"):
        left = int(path.rpartition("/")[2])
        return _said(302, {}, f"Location: /hop/{left - 1}\r\n") if left else _said(200, {"landed": True})
    if path == "/away":
        return _said(302, {}, "Location: http://203.0.113.1/\r\n")
    if path == "/missing":
        return _said(404, {})
    return _said(200, {"path": request.path})


def _said(status: int, what: object, headers: str = "") -> bytes:
    body = json.dumps(what).encode()
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
