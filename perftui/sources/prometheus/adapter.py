"""What is mounted below prometheus-api-client: bodies bounded in time and size, warnings kept, nothing retried.

By itself the library retries for 6 s, obeys ``Retry-After`` for hours, follows redirects to login pages, reads
passwords from ~/.netrc, loses warnings and the server's words, and waits for a dripping body for as long as it drips.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.text import clean
from perftui.sources.body import Body
from perftui.sources.failures import named_exception, named_status, timed_out, web_page

_CONNECT_S = 2.0
_PIECE = 65536
_MOST_ADDRESSES = 64
# of the API's kinds of errors those that are not the server's own trouble
_ERRORS = {
    "bad_data": ErrorKind.BAD_QUERY,
    "execution": ErrorKind.BAD_QUERY,
    "timeout": ErrorKind.TIMEOUT,
    "canceled": ErrorKind.TIMEOUT,
    "unavailable": ErrorKind.OVERLOADED,
    "not_found": ErrorKind.MISSING,
}


class Sockets:
    """Which socket each thread is waiting for, so that a wait can be ended from outside; and what it is about to ask.

    urllib3 looks at every character of an address, in Python, whether it is escaped: for ten expressions that takes as
    long as all the rest of a request. ``requests`` has escaped them already, so they go around urllib3.
    """

    def __init__(self) -> None:
        self._connections: dict[int, HTTPConnection] = {}
        self._queries: dict[int, str] = {}

    def asks(self, query: str) -> None:
        """What follows the question mark in the address of this thread's next request, escaped."""
        self._queries[threading.get_ident()] = query

    def taken(self, connection: HTTPConnection, url: str) -> str:
        """This thread is going to use the connection; its address with the query."""
        thread = threading.get_ident()
        self._connections[thread] = connection
        query = self._queries.pop(thread, "")
        return f"{url}?{query}" if query else url

    def left(self) -> None:
        thread = threading.get_ident()
        self._connections.pop(thread, None)
        self._queries.pop(thread, None)

    def end(self, thread: int) -> None:
        """Shut the socket that a thread waits for: its read ends at once, with an error."""
        connection = self._connections.get(thread)
        sock = getattr(connection, "sock", None)
        if sock is not None:
            # AttributeError, ValueError: a TLS socket that another thread is just closing
            with contextlib.suppress(OSError, AttributeError, ValueError):
                sock.shutdown(socket.SHUT_RDWR)


class Reply(requests.Response):
    """An answer whose JSON is read once, by a faster parser; ``said`` keeps what the library throws away."""

    said: Said | None = None

    def json(self, **_: Any) -> Any:
        """The whole object. Raises QueryError when it is no answer of Prometheus."""
        answer = decoded(self.content)
        if self.said is not None:
            self.said.take(answer)
        return answer


class AskingSession(requests.Session):
    """The same questions come again and again: a request is made once, and given to the adapter as it is.

    There are no redirects to follow and no cookies to keep, which is what a session does besides, for half of the time
    that an answer takes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[Any, ...], requests.PreparedRequest] = {}

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **how: Any) -> requests.Response:
        """What is asked by its ``params``, a dictionary, within ``timeout`` seconds; all else is the session's."""
        params = how.get("params") or {}
        key = (method, url, *params.items())
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= _MOST_ADDRESSES:
                self._made.clear()
            request = requests.Request(str(method), str(url), params=params, headers=how.get("headers"))
            made = self._made[key] = self.prepare_request(request)
        return self.get_adapter(made.url or "").send(
            made, timeout=how.get("timeout"), verify=self.verify, cert=self.cert, proxies=self.proxies
        )


class Said:
    """Warnings of the answers that one thread got."""

    def __init__(self) -> None:
        self.warnings: tuple[str, ...] = ()

    def take(self, answer: Mapping[str, Any]) -> None:
        self.warnings = warnings_of(answer)


def decoded(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer with status "success". Raises QueryError otherwise."""
    page = web_page(body)
    if page is not None:
        raise page
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise QueryError(ErrorKind.BAD_DATA, "the answer is not JSON, or cut in the middle") from None
    if not isinstance(answer, dict) or "status" not in answer:
        raise QueryError(ErrorKind.BAD_DATA, "the answer is JSON, but none of Prometheus: is the URL right?")
    if answer["status"] != "success":
        kind = _ERRORS.get(words(answer.get("errorType")), ErrorKind.BAD_DATA)
        raise QueryError(kind, words(answer.get("error")) or "the answer says error, and not which")
    if "data" not in answer:
        raise QueryError(ErrorKind.BAD_DATA, "the answer has not the form that the API promises")
    return answer


def warnings_of(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """What the server says of the quality of its answer: partial results and the like."""
    listed = [text for key in ("warnings", "infos") if isinstance(texts := answer.get(key), list) for text in texts]
    if answer.get("isPartial") is True:  # VictoriaMetrics
        listed.insert(0, "the answer is partial: not every storage node answered")
    return tuple(dict.fromkeys(words(text) for text in listed[:20]))


def words(text: object) -> str:
    """Text of the server's, cleaned."""
    return clean(text.strip(), 300) if isinstance(text, str) else ""


class BoundedAdapter(HTTPAdapter):
    """``timeout`` of a request is for the whole answer; ``max_body`` bounds it; one try, no redirects.

    All requests go to one server, in one way.
    """

    def __init__(self, workers: int, max_body: int, monotonic: Callable[[], float]) -> None:
        self.sockets = Sockets()
        self.said = threading.local()
        self._lock = threading.Lock()
        self._closed, self._under_way = False, 0
        self._max_body, self._monotonic = max_body, monotonic
        self._pool: HTTPConnectionPool | None = None
        self._targets: dict[str, str] = {}
        super().__init__(pool_connections=2, pool_maxsize=workers, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = _pools(self.sockets)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Raises QueryError for everything but status 200."""
        with self._lock:
            self._under_way += 1
        try:
            return self._answered(request, float(timeout), verify, cert, proxies)
        finally:
            self.sockets.left()
            with self._lock:
                self._under_way -= 1
                self._close_idle()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        """What it is found by costs as much as a tenth of a request."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **options)
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """The address as it is sent; its query is kept for the connection, except on the way to a proxy."""
        address = request.url or ""
        target = self._targets.get(address)
        if target is None:
            if len(self._targets) >= _MOST_ADDRESSES:
                self._targets.clear()
            target = self._targets[address] = super().request_url(request, proxies)
        if not target.startswith("/"):
            return target
        path, _, query = target.partition("?")
        self.sockets.asks(query)
        return path

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> Reply:
        """What we look at."""
        reply = Reply()
        reply.request, reply.raw, reply.status_code, reply.headers = req, resp, resp.status, resp.headers
        reply.url = req.url or ""
        reply.said = getattr(self.said, "here", None)
        return reply

    def _answered(
        self, request: requests.PreparedRequest, limit: float, verify: bool | str, cert: Any, proxies: Any
    ) -> requests.Response:
        end = self._monotonic() + limit
        try:
            response = super().send(request, True, (min(_CONNECT_S, limit), limit), verify, cert, proxies)
            body = self._read(response, end, limit)
        except QueryError:
            raise
        except Exception as error:  # noqa: BLE001 (urllib3, http.client and ssl each have their own family)
            raise named_exception(error, limit) from None
        if response.status_code != 200:
            raise named_status(response.status_code, body, {k.lower(): v for k, v in response.headers.items()})
        response._content = body
        return response

    def close(self) -> None:
        """Connections are closed as soon as no request is under way, so that none loses its own."""
        with self._lock:
            self._closed = True
            self._close_idle()

    def _close_idle(self) -> None:
        if not self._closed or self._under_way:
            return
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            # clearing alone leaves the pools to the garbage collector
            for key in manager.pools.keys():  # noqa: SIM118 (it can't be iterated otherwise)
                pool = manager.pools.get(key)
                if pool is not None:
                    pool.close()
        self._pool = None
        super().close()

    def _read(self, response: requests.Response, end: float, limit: float) -> bytes:
        whole = False
        try:
            body = Body(response.headers.get("content-encoding", ""), self._max_body)
            # read1 gives what is there: read would wait until a dripping server has filled the piece
            while piece := response.raw.read1(_PIECE, decode_content=False):
                if self._monotonic() > end:
                    raise timed_out(limit)
                body.add(piece)
            whole = True
            return body.whole()
        finally:
            if whole:
                response.raw.release_conn()
            else:
                response.raw.close()


def _pools(sockets: Sockets) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose connections tell ``sockets`` who uses them."""

    class Plain(HTTPConnection):
        def request(self, method: str, url: str, *args: Any, **options: Any) -> None:
            super().request(method, sockets.taken(self, url), *args, **options)

    class Secure(HTTPSConnection):
        def request(self, method: str, url: str, *args: Any, **options: Any) -> None:
            super().request(method, sockets.taken(self, url), *args, **options)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
