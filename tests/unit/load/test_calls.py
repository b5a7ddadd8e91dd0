"""A pool tells whoever asks what came of a call: the answer with its body, and the kind of error."""

from __future__ import annotations

from perftui.load.job import Target
from tests.unit.load.asking import asked
from tests.unit.load.misbehaving import OK, says, serving
from tests.unit.load.runs import REQUEST, job

_POST = b"POST /made HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"


def test_a_call_is_told_its_answer_with_head_and_body() -> None:
    target = Target("home", REQUEST, keeps_answer=True)
    with serving(says(OK)) as port:
        told = asked(job(port, targets=(target,)), 3).told

    # the second and the third have a head that is known by then
    for answer, error in told:
        assert answer is not None
        assert (answer.status, answer.body, error) == (200, b"ok", "")
        assert answer.head.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 2")
        assert answer.service_ns > 0


def test_a_call_may_bring_a_request_of_its_own() -> None:
    seen: list[bytes] = []
    with serving(says(OK), seen=seen) as port:
        asked(job(port), 1, (_POST,))

    assert seen == [_POST]


def test_a_call_without_an_answer_is_told_why() -> None:
    with serving(says(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        assert asked(job(port)).told == [(None, "garbage")]
    assert asked(job(port)).told == [(None, "refused")]


def test_a_call_that_finds_no_place_is_told_that_it_was_dropped() -> None:
    with serving(says(OK)) as port:
        found = asked(job(port, connections=1, backlog=1), 3, at_once=True)

    assert sorted(found.kinds) == ["", "", "dropped"]
    assert (found.tally.dropped, found.tally.sent, found.tally.done) == (1, 2, 2)
