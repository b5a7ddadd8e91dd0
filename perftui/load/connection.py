"""One connection to the target: a request out, an answer in, and a name for everything that can go wrong between them.

httptools parses; but most answers of a run have the same head as one before (but for the second of its Date), so what
it found out about a head is remembered, and an answer that is exactly that head and its length needs no parser. What is
sent goes straight to the socket: a loop would keep it until it has handled everything else.

Nothing here reads more than ``body_limit`` of a body or ``_HEAD_LIMIT`` of a head.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

import httptools

from perftui.load.checks import Answer

_HEAD_LIMIT = 64 * 1024
# no kind of error: the errand of a call goes on
ONWARD = "onward"
_KNOWN_LIMIT, _KNOWN_HEAD_LIMIT = 256, 4096
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


class Known(NamedTuple):
    """What the parser said of a head: the length of the whole answer in bytes, and its status.

    ``head`` ends with the empty line.
    """

    size: int
    status: int
    head: bytes


_END = b"\r\n\r\n"
_UNKNOWN = Known(-1, 0, b"")


class Owner(Protocol):
    """Whoever gives connections their work. ``known`` are the heads of whole answers on connections that were kept."""

    body_limit: int
    known: dict[bytes, Known]

    def prompt(self, connection: Connection, call: Call, known: Known, now: int) -> bool: ...
    def answered(self, connection: Connection, error: str) -> None: ...
    def lost(self, connection: Connection) -> None: ...
    def unasked(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """At most one call at a time. All moments are ns of the monotonic clock, 0 while they have not come.

    ``sock`` is that of the transport when nothing lies between them, as TLS does.
    """

    reads = False

    def __init__(self, owner: Owner, sock: socket.socket | None) -> None:
        self._owner, self._sock = owner, sock
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._known, self._last = owner.known, _UNKNOWN
        self.is_open = False
        self.call: Call | None = None
        self.started = self.written = self.first = self.ended = 0
        self.received = self.status = 0
        self.head = self.body = b""
        self.is_headed = False
        self._keep_alive = self._is_complete = self._is_more = self._is_head = False

    @property
    def keeps_alive(self) -> bool:
        return self.is_open and self._keep_alive

    @property
    def has_head(self) -> bool:
        """Whether the head of the answer that is awaited is there."""
        return self.is_headed and self.received > 0

    def start(self, call: Call, request: bytes, is_head: bool, now: int) -> None:
        """Send a call's request now."""
        self.call = call
        self.received = self.first = 0
        self._is_head = is_head
        self.started = now
        if self._sock is not None:
            try:
                sent = self._sock.send(request)
            except OSError:
                # what is wrong with it, the transport will find out and tell
                sent = 0
            if sent < len(request):
                self._sock = None
                self._write(request[sent:])
        else:
            self._write(request)
        self.written = _clock()

    def keep(self) -> None:
        """It has nothing under way, and may be used again."""
        self.call = None
        self._keep_alive = True

    def abort(self) -> None:
        """Close at once; nothing is told any more."""
        self.call = None
        self.is_open = False
        self._sock = None
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: str) -> None:
        """The call ends in an error, and the connection with it."""
        self.ended = _clock()
        self._keep_alive = False
        self._owner.answered(self, error)

    # what the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a socket, so that it can be written to
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        call = self.call
        if call is None:
            if self.is_open:
                self._owner.unasked(self)
            return
        if not self.received and not self._is_head:
            # most probably it is what it was the last time
            known = self._last
            if known[0] != len(data) or not data.startswith(known[2]):
                known = self._known.get(data[: data.find(_END) + len(_END)], _UNKNOWN)
            if known[0] == len(data):
                self._last = known
                now = _clock()
                if not self._owner.prompt(self, call, known, now):
                    self._prompt(known, data, now)
                return
        self._parse(data)

    def _prompt(self, known: Known, data: bytes, now: int) -> None:
        self.received, self.status, self.head = known
        self.first = self.ended = now
        self._keep_alive = True
        if self.reads:
            self.body = data[len(known.head) :]
        self._owner.answered(self, "")

    def _parse(self, data: bytes) -> None:
        if not self.received:
            self.first = _clock()
            self.head, self.body = b"", b""
            self.is_headed = self._is_complete = self._is_more = False
        self.received += len(data)
        if not self.is_headed:
            self.head = self.head + data if self.head else data
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            # more than was announced, chunks that are none, or no HTTP at all
            self.fail("wrong_length" if self._is_complete else "bad_chunk" if self.is_headed else "garbage")
            return
        if self._is_complete:
            self._finished(data)
        elif not self.is_headed and len(self.head) > _HEAD_LIMIT:
            self.fail("garbage")
        elif self.received > self._owner.body_limit:
            self.fail("body_too_large")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._sock = None
        if self.call is None:
            self._owner.lost(self)
        elif self.has_head and exc is None and self._ends_with_connection():
            self._keep_alive = False
            self._finished(b"")
        elif isinstance(exc, ConnectionError):
            self.fail("reset")
        elif exc is not None:
            self.fail("tls")
        else:
            self.fail("half_response" if self.received else "closed")

    # what the parser tells

    def on_message_begin(self) -> None:
        self._is_more = self._is_complete

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
            self.head = self.head.partition(_END)[2]

    def _ends_with_connection(self) -> bool:
        head = self.head.split(_END, 1)[0].lower()
        return b"\r\ncontent-length:" not in head and b"\r\ntransfer-encoding:" not in head

    def _finished(self, data: bytes) -> None:
        """The answer is whole, and ``data`` is its last piece."""
        self.ended = _clock()
        if self._is_head:
            # the parser waits for a body that does not come
            self._parser = httptools.HttpResponseParser(self)
            head, _, rest = self.head.partition(_END)
            head = head.lower()
            self._is_more = bool(rest)
            self._keep_alive = b"\r\nconnection: close" not in head and head.startswith(b"http/1.1")
        elif len(data) == self.received and self._keep_alive and not self._is_more:
            self._remember(data)
        if self._is_more:
            self._keep_alive = False
        self._owner.answered(self, "wrong_length" if self._is_more else "")

    def _remember(self, data: bytes) -> None:
        """A head that fixes the length of its answer: that is any that comes first, is not chunked, and keeps alive."""
        head = data[: data.find(_END) + len(_END)]
        if len(head) > _KNOWN_HEAD_LIMIT or head[9:12] != b"%d" % self.status or b"transfer-encoding" in head.lower():
            return
        if len(self._known) >= _KNOWN_LIMIT:
            self._known.clear()
        self._known[head] = Known(len(data), self.status, head)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


class ReadingConnection(Connection):
    """Keeps head and body, for checks that read them and for whoever is told of the answer."""

    reads = True

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def _parse(self, data: bytes) -> None:
        if not self.received:
            self._chunks: list[bytes] = []
        super()._parse(data)

    def _finished(self, data: bytes) -> None:
        self.body = b"".join(self._chunks)
        super()._finished(data)
