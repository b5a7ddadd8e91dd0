"""Whatever a server does is counted by its kind, and the next call finds the pool as if nothing had happened."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from perftui.load.connection import Call
from perftui.load.job import Address, Target, Tls
from perftui.load.ledger import Ledger
from perftui.load.pool import Pool
from tests.unit.load import misbehaving as server
from tests.unit.load.asking import asked
from tests.unit.load.misbehaving import OK, says, serving
from tests.unit.load.runs import REQUEST, job

_TLS = Path(__file__).parents[2] / "data" / "tls"
_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_HEAD_REQUEST = Target("home", REQUEST.replace(b"GET", b"HEAD"), is_head=True)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (server.resets, "reset"),
        (server.resets_halfway, "reset"),
        (says(b"", then_closes=True), "closed"),
        (says(_HEAD + b"Content-Le", then_closes=True), "half_response"),
        (says(_HEAD + b"Content-Length: 10\r\n\r\nhalf", then_closes=True), "half_response"),
        (says(_CHUNKED + b"a\r\nhalf", then_closes=True), "half_response"),
        (says(_CHUNKED + b"2\r\nok\r\n", then_closes=True), "half_response"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "garbage"),
        (says(b"HTTP/1.1 9999 Much\r\n\r\n"), "garbage"),
        (says(b"HTTP/1.1 -5 Less\r\n\r\n"), "garbage"),
        (says(b"\x00\xff" * 300), "garbage"),
        (says(_HEAD + b"Content-Length: -2\r\n\r\nok"), "garbage"),
        (says(_HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nok"), "garbage"),
        (says(_HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), "garbage"),
        (says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "garbage"),
        (server.heads_for_ever, "garbage"),
        (says(_CHUNKED + b"zz\r\nok\r\n0\r\n\r\n"), "bad_chunk"),
        (says(_CHUNKED + b"1\r\nok\r\n0\r\n\r\n"), "bad_chunk"),
        (says(_CHUNKED + b"fffffffffffffffffff\r\nok"), "bad_chunk"),
        (says(_HEAD + b"Content-Length: 2\r\n\r\nok and more"), "wrong_length"),
        (says(OK + OK), "wrong_length"),
        (says(b"HTTP/1.1 204 No\r\n\r\nbut"), "wrong_length"),
        (says(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), "http_404"),
        (says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), "http_500"),
        (server.floods, "body_too_large"),
        (server.continues_for_ever, "body_too_large"),
        (server.chunks_for_ever, "body_too_large"),
        (server.hangs, "timeout_headers"),
        (server.drips, "timeout_headers"),
        (says(_HEAD + b"Content-Length: 10\r\n\r\nhalf"), "timeout_body"),
        (server.drips_body, "timeout_body"),
    ],
)
def test_a_misbehaviour_is_counted_by_its_kind(answer: server.Answer, kind: str) -> None:
    is_timeout = kind.startswith("timeout")
    calls, timeout_s = (1, 0.6) if is_timeout else (3, 30.0)
    with serving(answer) as port:
        found = asked(job(port, body_limit=300_000, timeout_s=timeout_s, connections=1), calls)

    assert found.kinds == [kind] * calls
    tally = found.tally
    assert tally.errors == {kind: calls}
    assert tally.sent == tally.done == tally.failed.n == tally.service.n == calls
    if is_timeout:
        assert tally.timed_out == calls
        assert tally.service.low == tally.service.high == 600_000_000


def test_a_server_that_becomes_bad_and_well_again_is_seen_as_it_is() -> None:
    """The head of all of these is the same, and known from the first on."""
    answers = [OK, OK, OK[:-1], OK, OK + b"!", OK, OK]
    turn = 0

    async def answer(*streams: object) -> None:
        nonlocal turn
        text = answers[turn]
        turn += 1
        await says(text, then_closes=text != OK)(*streams)  # type: ignore[arg-type]

    with serving(answer) as port:
        found = asked(job(port, connections=1), len(answers))

    assert found.kinds == ["", "", "half_response", "", "wrong_length", "", ""]
    assert found.tally.bytes == sum(map(len, answers))


def test_what_nobody_asked_for_is_counted_and_ends_the_connection() -> None:
    ledger, answered = Ledger(["home"]), threading.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await asyncio.to_thread(answered.wait, 60)
        writer.write(b"more")
        await reader.read()

    async def whole(port: int) -> int:
        told = asyncio.Event()
        pool = Pool(job(port, connections=1), None, lambda _: ledger)
        pool.freed = lambda: told.set() if ledger.errors else None
        pool.submit(Call(0, 0, 0, done=lambda *_: answered.set()))
        await asyncio.wait_for(told.wait(), 60)
        return pool.connections

    with serving(answer) as port:
        assert asyncio.run(whole(port)) == 0

    assert ledger.errors == {"unasked": 1}
    assert ledger.tally().ok.n == 1


@pytest.mark.parametrize(
    ("text", "is_head"),
    [
        (_CHUNKED + b"2\r\nok\r\n0\r\n\r\n", False),
        (_CHUNKED + b"2;name=value\r\nok\r\n0\r\nTrailer: yes\r\n\r\n", False),
        (b"HTTP/1.1 204 No\r\n\r\n", False),
        (b"HTTP/1.1 304 Same\r\nContent-Length: 99\r\n\r\n", False),
        (_HEAD + b"Content-Length: 99\r\n\r\n", True),
        (_CHUNKED, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, False),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK, False),
        (b"HTTP/1.1 302 Away\r\nLocation: http://8.8.8.8/\r\nContent-Length: 0\r\n\r\n", False),
        (_HEAD + b"X-Long: " + b"y" * 8000 + b"\r\nContent-Length: 2\r\n\r\nok", False),
    ],
)
@pytest.mark.parametrize("piece", [0, 7])
def test_answers_of_every_form_keep_their_connection(text: bytes, is_head: bool, piece: int) -> None:
    targets = (_HEAD_REQUEST,) if is_head else (Target("home", REQUEST),)
    with serving(says(text, piece=piece)) as port:
        found = asked(job(port, targets=targets, connections=1), 4)

    assert found.kinds == [""] * 4
    assert (found.tally.connect.n, found.tally.bytes) == (1, 4 * len(text))


def test_an_answer_to_head_has_no_body() -> None:
    with serving(says(OK)) as port:
        assert asked(job(port, targets=(_HEAD_REQUEST,))).kinds == ["wrong_length"]


def test_a_check_reads_the_head_of_the_answer_and_not_of_what_came_before_it() -> None:
    target = Target("home", REQUEST, checks=("header.content-length == 2", "body == ok"))
    early = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n"
    with serving(says(early + OK)) as port:
        assert asked(job(port, targets=(target,)), 3).kinds == [""] * 3


def test_a_server_without_tls_and_one_that_never_shakes_hands_are_told_apart() -> None:
    tls = Tls("localhost", ca_file=str(_TLS / "ca.pem"))
    with serving(says(OK)) as port:
        addresses = (Address("127.0.0.1", port),)
        assert asked(job(port, tls=tls, addresses=addresses, connect_s=0.3)).kinds == ["connect_timeout"]
    with serving(server.greets, greeting=b"220 mail\r\n") as port:
        assert asked(job(port, tls=tls, addresses=(Address("127.0.0.1", port),))).kinds == ["tls"]


def test_tls_has_a_name_an_authority_and_errors_of_its_own() -> None:
    trusted, strange = Tls("localhost", ca_file=str(_TLS / "ca.pem")), Tls("localhost")
    with serving(says(OK), tls=_TLS) as port:
        good = asked(job(port, tls=trusted, connections=1), 3)
        assert asked(job(port, tls=strange)).kinds == ["tls"]
        assert asked(job(port, tls=Tls("elsewhere.test", ca_file=trusted.ca_file))).kinds == ["tls"]

    assert good.kinds == [""] * 3
    assert (good.tally.tls.n, good.tally.connect.n) == (1, 1)
