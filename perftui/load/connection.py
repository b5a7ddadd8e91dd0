"""One connection to the target: a request out, an answer in, and a name for everything that can go wrong between them.

The parser is httptools; callbacks are as few as possible, headers stay bytes until a check wants them. Nothing here
reads more than ``body_limit`` of a body or ``_HEAD_LIMIT`` of a head.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import httptools

from perftui.load.checks import Answer
from perftui.load.job import Target

_HEAD_LIMIT = 64 * 1024
# no kind of error: the errand of a call goes on
ONWARD = "onward"
_clock = time.perf_counter_ns


class Errand(Protocol):
    """What is known of a call beyond its moments: it may take several requests, as redirects do.

    ``began`` are start, end of sending and first byte of the first of them. ``error`` is a kind of error that the call
    counts as, whatever its checks say; empty for none.
    """

    began: tuple[int, int, int] | None
    error: str

    def weigh(self, answer: Answer, connection: Connection) -> bool:
        """An answer has come, and is not counted yet. False: it is not the last, and not to be counted."""


class Call:
    """A request that is meant to be: when (ns), when our loop handled it, and which target it counts for.

    ``request`` are its bytes when they are not those of the target. ``done`` is told once it has been counted: with the
    answer (its body when the target keeps it; None when there was none) and the kind of error, empty for none and
    ``dropped`` when it was never sent; ``ONWARD`` when its errand says that it is not over. A pool
    that is closed tells nobody.
    """

    __slots__ = ("done", "errand", "handled", "intended", "is_head", "request", "target")

    def __init__(
        self,
        intended: int,
        handled: int,
        target: int,
        request: bytes = b"",
        *,
        is_head: bool = False,
        done: Done | None = None,
        errand: Errand | None = None,
    ) -> None:
        self.intended, self.handled, self.target = intended, handled, target
        self.request, self.is_head, self.done, self.errand = request, is_head, done, errand


Done = Callable[[Call, Answer | None, str], None]


class Owner(Protocol):
    """Whoever gives connections their work."""

    body_limit: int

    def answered(self, connection: Connection, error: str) -> None: ...
    def lost(self, connection: Connection) -> None: ...
    def unasked(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """At most one call at a time. All moments are ns of the monotonic clock, 0 while they have not come."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self.is_open = False
        self.call: Call | None = None
        self.started = self.written = self.first = self.ended = 0
        self.received = self.status = 0
        self.head = b""
        self.is_headed = False
        self._keep_alive = self._is_complete = self._is_head = False

    @property
    def keeps_alive(self) -> bool:
        return self.is_open and self._keep_alive

    @property
    def body(self) -> bytes:
        """What is kept of the body: nothing here."""
        return b""

    def start(self, call: Call, target: Target) -> None:
        """Send a call's request now."""
        self.call = call
        self.first = self.received = 0
        self.head, self.is_headed, self._is_complete = b"", False, False
        self._is_head = call.is_head if call.request else target.is_head
        transport = self._transport
        self.started = _clock()
        if transport is not None:
            transport.write(call.request or target.request)
        self.written = _clock()

    def abort(self) -> None:
        """Close at once; nothing is told any more."""
        self.call = None
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: str) -> None:
        """The call ends in an error, and the connection with it."""
        self.ended = _clock()
        self._keep_alive = False
        self._owner.answered(self, error)

    # what the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self.call is None:
            if self.is_open:
                self._owner.unasked(self)
            return
        if not self.first:
            self.first = _clock()
        self.received += len(data)
        if not self.is_headed:
            self.head = self.head + data if self.head else data
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            # more than was announced, or no HTTP at all
            self.fail("wrong_length" if self._is_complete else "garbage")
            return
        if self._is_complete:
            self._finished()
        elif not self.is_headed and len(self.head) > _HEAD_LIMIT:
            self.fail("garbage")
        elif self.received > self._owner.body_limit:
            self.fail("body_too_large")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self.call is None:
            self._owner.lost(self)
        elif self.is_headed and exc is None and self._ends_with_connection():
            self._keep_alive = False
            self._finished()
        elif isinstance(exc, ConnectionError):
            self.fail("reset")
        elif exc is not None:
            self.fail("tls")
        else:
            self.fail("half_response" if self.received else "closed")

    # what the parser tells

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.is_headed = True
        self._keep_alive = self._parser.should_keep_alive()
        if self._is_head:
            self._is_complete = True

    def on_message_complete(self) -> None:
        if self.status >= 200:
            self._is_complete = True
        else:
            # 100 Continue and its like: the answer is still to come
            self.is_headed = False

    def _ends_with_connection(self) -> bool:
        head = self.head.split(b"\r\n\r\n", 1)[0].lower()
        return b"\r\ncontent-length:" not in head and b"\r\ntransfer-encoding:" not in head

    def _finished(self) -> None:
        self.ended = _clock()
        if self._is_head:
            # the parser waits for a body that does not come
            self._parser = httptools.HttpResponseParser(self)
            head = self.head.lower()
            self._keep_alive = b"\r\nconnection: close" not in head and head.startswith(b"http/1.1")
        self._owner.answered(self, "")


class ReadingConnection(Connection):
    """Keeps the body, for checks that read it."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner)
        self._chunks: list[bytes] = []

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    def start(self, call: Call, target: Target) -> None:
        self._chunks = []
        super().start(call, target)

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
