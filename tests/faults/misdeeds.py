"""What servers, proxies and networks do to a client: each misdeed takes one request and answers it badly.

``Fault`` is what ``FaultServer.play`` takes. Misdeeds of the port itself are methods of the server: refuse, ignore.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from tests.faults.fault_server import Fault, Talk
from tests.faults.prometheus_api import Response

LOGIN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
    b'<body><form action="/login"><input name="user"><input type="password" name="password"></form></body></html>'
)
PLAIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body>It works.</body></html>"
_MEBIBYTE = b"x" * 1048576


def well(talk: Talk) -> Response:
    """The answer that a misdeed spoils."""
    return talk.server.respond(talk.request)


def hangs_before_headers(talk: Talk) -> None:
    talk.hang()


def hangs_after_headers(talk: Talk) -> None:
    talk.send(well(talk).head())
    talk.hang()


def hangs_in_the_body(talk: Talk) -> None:
    data = well(talk).bytes()
    talk.send(data[: len(data) - 10])
    talk.hang()


def drips_headers(talk: Talk) -> None:
    head = well(talk).head()
    talk.send(head[:-2])
    talk.drip(b"X-Slow: " + b"z" * 10_000)


def drips_body(talk: Talk) -> None:
    body = b" " * 10_000 + well(talk).body
    talk.send(Response(body=body).head())
    talk.drip(body)


def drips_chunks(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    talk.drip(b"1\r\n \r\n" * 10_000, 0.01)


def says_continue_for_ever(talk: Talk) -> None:
    while True:
        talk.drip(b"HTTP/1.1 100 Continue\r\n\r\n", 0.001)


def closes_without_an_answer(talk: Talk) -> None:
    talk.end()


def closes_in_the_headers(talk: Talk) -> None:
    talk.send(well(talk).head()[:40])
    talk.end()


def closes_in_the_body(talk: Talk) -> None:
    response = well(talk)
    talk.send(response.head() + response.body[: len(response.body) // 2])
    talk.end()


def closes_between_chunks(talk: Talk) -> None:
    body = well(talk).body
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(body), body))
    talk.end()


def sends_broken_chunks(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")
    talk.end()


def resets(talk: Talk) -> None:
    talk.reset()


def resets_in_the_body(talk: Talk) -> None:
    talk.send(well(talk).head())
    talk.reset()


def says_less_than_it_sends(talk: Talk) -> None:
    response = well(talk)
    talk.send(response.head(length=10) + response.body)


def speaks_another_protocol(talk: Talk) -> None:
    talk.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    talk.end()


def sends_an_endless_header(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        talk.send(_MEBIBYTE)


def sends_headers_without_end(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        talk.send(b"X-Again: yes\r\n" * 1000)


def sends_a_body_without_end(talk: Talk) -> None:
    """A hundred gigabytes are promised, and sending goes on for as long as somebody reads."""
    talk.send(Response().head(length=100_000_000_000))
    while True:
        talk.send(_MEBIBYTE)


def sends_chunks_without_end(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        talk.send(b"100000\r\n" + _MEBIBYTE + b"\r\n")


def sends_a_bomb(talk: Talk) -> None:
    """A small packed answer to fill a lot of memory with."""
    packed = gzip.compress(b" " * 16_777_216, 1)
    talk.answer(Response(body=packed, headers={"Content-Encoding": "gzip"}))


def packs_and_damages(talk: Talk) -> None:
    packed = bytearray(gzip.compress(well(talk).body))
    packed[12:20] = b"\xff" * 8
    talk.answer(Response(body=bytes(packed), headers={"Content-Encoding": "gzip"}))


def packs_and_cuts(talk: Talk) -> None:
    packed = gzip.compress(well(talk).body)
    talk.answer(Response(body=packed[:-12], headers={"Content-Encoding": "gzip"}))


def packs_as_nobody_asked(talk: Talk) -> None:
    talk.answer(Response(body=b"\x0b\x02\x80{}\x03", headers={"Content-Encoding": "br"}))


def answers(status: int, body: bytes = b"", *, kind: str = "text/plain", **headers: str) -> Fault:
    """Always this; underscores in the names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda talk: talk.answer(Response(status, body, named, kind=kind))


def says(answer: Any, status: int = 200) -> Fault:
    """Always this JSON, whatever was asked."""
    return answers(status, json.dumps(answer).encode(), kind="application/json")


def gives(result: Any, kind: str = "vector") -> Fault:
    """Always this as ``data.result``."""
    return says({"status": "success", "data": {"resultType": kind, "result": result}})


def cuts(share: float) -> Fault:
    """JSON that ends too early, with a length that fits."""

    def cut(talk: Talk) -> None:
        response = well(talk)
        talk.answer(response._replace(body=response.body[: int(len(response.body) * share)]))

    return cut


def tampers(change: Callable[[bytes], bytes]) -> Fault:
    """The right answer, changed on its way."""

    def tamper(talk: Talk) -> None:
        response = well(talk)
        talk.answer(response._replace(body=change(response.body)))

    return tamper
