"""What can be wrong with a server: the fault, and the words that a person has to see. For every source behind HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from perftui.domain.errors import ErrorKind
from tests.faults import misdeeds
from tests.faults.fault_server import Fault, FaultServer
from tests.faults.misdeeds import answers


class Scenario(NamedTuple):
    """``begin`` makes the server misbehave; the source then has to fail with this kind, and these words in it."""

    name: str
    begin: Callable[[FaultServer], None]
    kind: ErrorKind
    says: str


def playing(name: str, fault: Fault, kind: ErrorKind, says: str) -> Scenario:
    return Scenario(name, lambda server: server.play(fault), kind, says)


def end(server: FaultServer) -> None:
    """Everything is as it was."""
    server.play(None)
    server.listen()


def each(*scenarios: Scenario) -> pytest.MarkDecorator:
    """Parametrises a test with scenarios under their own names."""
    return pytest.mark.parametrize("scenario", scenarios, ids=[scenario.name for scenario in scenarios])


_CUT = "ended in the middle"

SILENT = (
    Scenario("a firewall swallows what we send", FaultServer.ignore, ErrorKind.TIMEOUT, "within 1 s"),
    playing("it hangs before the headers", misdeeds.hangs_before_headers, ErrorKind.TIMEOUT, "within 1 s"),
    playing("it hangs after the headers", misdeeds.hangs_after_headers, ErrorKind.TIMEOUT, "within 1 s"),
    playing("it hangs in the body", misdeeds.hangs_in_the_body, ErrorKind.TIMEOUT, "within 1 s"),
    playing("its headers drip", misdeeds.drips_headers, ErrorKind.TIMEOUT, "within 1 s"),
    playing("its body drips", misdeeds.drips_body, ErrorKind.TIMEOUT, "within 1 s"),
    playing("its chunks drip", misdeeds.drips_chunks, ErrorKind.TIMEOUT, "within 1 s"),
    playing("it says continue for ever", misdeeds.says_continue_for_ever, ErrorKind.TIMEOUT, "within 1 s"),
)

BROKEN = (
    Scenario("it refuses connections", FaultServer.refuse, ErrorKind.REFUSED, "connection refused"),
    playing("it closes without an answer", misdeeds.closes_without_an_answer, ErrorKind.BAD_DATA, ""),
    playing("it closes in the headers", misdeeds.closes_in_the_headers, ErrorKind.BAD_DATA, ""),
    playing("it closes in the body", misdeeds.closes_in_the_body, ErrorKind.BAD_DATA, _CUT),
    playing("it closes between chunks", misdeeds.closes_between_chunks, ErrorKind.BAD_DATA, _CUT),
    playing("its chunks are broken", misdeeds.sends_broken_chunks, ErrorKind.BAD_DATA, ""),
    playing("it resets the connection", misdeeds.resets, ErrorKind.BAD_DATA, "reset"),
    playing("it resets in the body", misdeeds.resets_in_the_body, ErrorKind.BAD_DATA, "reset"),
    playing("it speaks another protocol", misdeeds.speaks_another_protocol, ErrorKind.BAD_DATA, ""),
)

HUGE = (
    playing("one of its headers has no end", misdeeds.sends_an_endless_header, ErrorKind.BAD_DATA, ""),
    playing("its headers have no end", misdeeds.sends_headers_without_end, ErrorKind.BAD_DATA, ""),
    playing("its body has no end", misdeeds.sends_a_body_without_end, ErrorKind.BAD_DATA, "larger than 1 MiB"),
    playing("its chunks have no end", misdeeds.sends_chunks_without_end, ErrorKind.BAD_DATA, "larger than 1 MiB"),
    playing("it sends a gzip bomb", misdeeds.sends_a_bomb, ErrorKind.BAD_DATA, "larger than 1 MiB"),
    playing("its packed answer is damaged", misdeeds.packs_and_damages, ErrorKind.BAD_DATA, "damaged"),
    playing("its packed answer is cut", misdeeds.packs_and_cuts, ErrorKind.BAD_DATA, "cut"),
    playing("it packs as nobody asked for", misdeeds.packs_as_nobody_asked, ErrorKind.BAD_DATA, "packed"),
)

REFUSALS = (
    playing("401", answers(401, b"who are you?"), ErrorKind.DENIED, "401"),
    playing("403", answers(403, b"not for you"), ErrorKind.DENIED, "403"),
    playing("404", answers(404, b"404 page not found"), ErrorKind.MISSING, "404"),
    playing("405", answers(405), ErrorKind.UNSUPPORTED, "405"),
    playing("410", answers(410, b"gone"), ErrorKind.BAD_DATA, "HTTP 410 (gone)"),
    playing("429 with Retry-After", answers(429, b"slow down", Retry_After="4"), ErrorKind.OVERLOADED, "wait 4 s"),
    playing("429 with an hour", answers(429, Retry_After="3600"), ErrorKind.OVERLOADED, "wait 3600 s"),
    playing("500 with words", answers(500, b"out of memory"), ErrorKind.BAD_DATA, "HTTP 500 (out of memory)"),
    playing("501", answers(501), ErrorKind.UNSUPPORTED, "501"),
    playing("502 of a proxy", answers(502, misdeeds.PLAIN_PAGE, kind="text/html"), ErrorKind.OVERLOADED, "502"),
    playing("503 with words", answers(503, b"starting up", Retry_After="4"), ErrorKind.OVERLOADED, "(starting up)"),
    playing("504", answers(504, b"gateway timeout"), ErrorKind.OVERLOADED, "504"),
    playing("a status that is none", answers(999, b"\x1b[31mred"), ErrorKind.BAD_DATA, "HTTP 999 ( [31mred)"),
    playing(
        "a plain request to an encrypted port",
        answers(400, b"Client sent an HTTP request to an HTTPS server.\n"),
        ErrorKind.BAD_DATA,
        "Client sent an HTTP request to an HTTPS server.",
    ),
    playing(
        "an error in no known alphabet", answers(503, b'{"error": "\xff\xfe"}'), ErrorKind.OVERLOADED, "503"
    ),
)  # fmt: skip

ASTRAY = (
    playing("it redirects to a login page", answers(302, Location="/login?next=x"), ErrorKind.DENIED, "login page"),
    playing("another host wants a login", answers(303, Location="https://sso.example/"), ErrorKind.DENIED, "login"),
    playing("it has moved", answers(301, Location="https://prom.example/"), ErrorKind.MISSING, "https://prom.example/"),
    playing("it redirects nowhere", answers(302), ErrorKind.MISSING, "nowhere"),
    playing("it redirects to itself", answers(307, Location="/api/v1/query"), ErrorKind.MISSING, "moved"),
    playing("a redirect that is no address", answers(302, Location="http://[::"), ErrorKind.MISSING, "moved"),
    playing("a login page with 200", answers(200, misdeeds.LOGIN_PAGE, kind="text/html"), ErrorKind.DENIED, "login"),
    playing("a web page with 200", answers(200, misdeeds.PLAIN_PAGE, kind="text/html"), ErrorKind.BAD_DATA, "web page"),
)

TRANSPORT = SILENT + BROKEN + HUGE + REFUSALS + ASTRAY
