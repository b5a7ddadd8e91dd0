"""Frames on a stream: four bytes of length, then one message as msgpack."""

from __future__ import annotations

import asyncio
import struct

import msgspec

from perftui.link.messages import MAX_FRAME_BYTES, ClientMessage, Refusal, Reply, SessionMessage, Welcome
from perftui.link.rows import UnreadUpdate, read_rows

_LENGTH = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()
_client_decoder = msgspec.msgpack.Decoder(ClientMessage)
_session_decoder = msgspec.msgpack.Decoder(Welcome | Refusal | UnreadUpdate | Reply)
# the decoder lets the last two through: text that is not UTF-8, and lists in lists without end
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class LinkError(Exception):
    """The other side sent something that is not this protocol."""


def frame(message: ClientMessage | SessionMessage) -> bytes:
    """The bytes of one message. Raises LinkError when it is larger than any reader takes."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise LinkError(f"message of {len(body)} bytes is over the limit of {MAX_FRAME_BYTES}")
    return _LENGTH.pack(len(body)) + body


async def _read_body(reader: asyncio.StreamReader) -> bytes | None:
    try:
        (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if size > MAX_FRAME_BYTES:
            raise LinkError(f"frame of {size} bytes is over the limit of {MAX_FRAME_BYTES}")
        return await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def read_client_message(reader: asyncio.StreamReader) -> ClientMessage | None:
    """The next message of a client; None at the end of the stream. Raises LinkError for garbage."""
    body = await _read_body(reader)
    try:
        return None if body is None else _client_decoder.decode(body)
    except _UNREADABLE as error:
        raise LinkError(f"unreadable message: {error}") from None


async def read_session_message(reader: asyncio.StreamReader) -> SessionMessage | None:
    """The next message of a session; None at the end of the stream. Raises LinkError for garbage."""
    body = await _read_body(reader)
    try:
        message = None if body is None else _session_decoder.decode(body)
        return await read_rows(message) if isinstance(message, UnreadUpdate) else message
    except _UNREADABLE as error:
        raise LinkError(f"unreadable message: {error}") from None
