from __future__ import annotations

import asyncio
import contextlib
import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.link.framing import LinkError, frame, read_client_message, read_session_message
from perftui.link.messages import MAX_FRAME_BYTES, ClientMessage, Hello, Request, Update, Watch


def read(data: bytes) -> list[ClientMessage]:
    """The client messages in a stream of bytes that ends there."""

    async def main() -> list[ClientMessage]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        found = []
        while (message := await read_client_message(reader)) is not None:
            found.append(message)
        return found

    return asyncio.run(main())


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def test_messages_arrive_as_they_were_sent_in_their_order() -> None:
    sent: list[ClientMessage] = [Hello(1, "0.1"), Watch("cpu", ("host/load1",), 300.0, None, 60), Request(1, "ping")]
    assert read(b"".join(frame(message) for message in sent)) == sent


def test_a_stream_that_ends_inside_of_a_message_is_at_its_end() -> None:
    assert read(frame(Hello(1, "0.1")) + frame(Hello(1, "0.1"))[:-1]) == [Hello(1, "0.1")]


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(LinkError, match="over the limit"):
        read(struct.pack(">I", MAX_FRAME_BYTES + 1))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        b"GET / HTTP/1.1\r\n",
        msgspec.msgpack.encode({"type": "nonsense"}),
        msgspec.msgpack.encode({"type": "hello", "protocol": "one", "version": "0.1"}),
        b"\x83\xa4type\xa5hello\xa8protocol\x01\xa7version\xa1\xff",
        b"\x84\xa4type\xa7request\xa6number\x01\xa6action\xa1x\xa4args\x81\xa1a" + b"\x91" * 100_000 + b"\x00",
    ],
    ids=["empty", "opcode", "http", "unknown", "type", "utf8", "nested"],
)
def test_garbage_is_named_as_garbage(body: bytes) -> None:
    with pytest.raises(LinkError, match="unreadable message"):
        read(framed(body))


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    with contextlib.suppress(LinkError):
        read(framed(body))


def test_a_message_that_no_reader_would_take_is_not_sent() -> None:
    with pytest.raises(LinkError, match="over the limit"):
        frame(Request(1, "x" * (MAX_FRAME_BYTES + 1)))


def test_what_did_not_change_takes_no_bytes() -> None:
    assert len(frame(Update(7, 6, 1.0))) < 64


def test_the_end_of_the_session_is_the_end_of_the_stream() -> None:
    async def main() -> object:
        reader = asyncio.StreamReader()
        reader.set_exception(ConnectionResetError())
        return await read_session_message(reader)

    assert asyncio.run(main()) is None
