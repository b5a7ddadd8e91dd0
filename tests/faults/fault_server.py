"""A Prometheus server on loopback that answers as one, until it is told to misbehave.

It is made of bare sockets, because what it has to do is what HTTP servers are written to prevent.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.faults.prometheus_api import PrometheusApi, Response

_BACKLOG = 64


class Request(NamedTuple):
    """What was asked. ``target`` is the second word of the request line as it was sent; ``at`` is monotonic.

    ``params`` holds those of the address, ``form`` those of the body; of a name that is given twice, the last.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def endpoint(self) -> str:
        """What follows ``/api/v1/`` or ``/api/v2/``, else the whole path."""
        return self.path.split("/api/v1/", 1)[-1].split("/api/v2/", 1)[-1]

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        urlencoded = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True)) if urlencoded else {}

    @property
    def query(self) -> str:
        """The expression that is asked, wherever it stands."""
        return self.params.get("query", self.form.get("query", ""))


class Talk:
    """One request, and the socket that its answer goes into; a fault does with it what it wants."""

    def __init__(self, server: FaultServer, sock: socket.socket, request: Request) -> None:
        self.server, self.request, self._sock = server, request, sock
        self.keep = True

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def drip(self, data: bytes, pause_s: float = 0.05) -> None:
        """One byte after the other, until all are sent or the client goes away."""
        for number in range(len(data)):
            self.send(data[number : number + 1])
            if self._gone_within(pause_s):
                raise ConnectionResetError

    def hang(self) -> None:
        """Until the client goes away, or the server is closed."""
        self._sock.settimeout(None)
        while self._sock.recv(4096):
            pass
        raise ConnectionResetError

    def end(self) -> None:
        """Close the connection behind what was sent."""
        self.keep = False

    def reset(self) -> None:
        """Close the connection so that the client gets a reset in place of an end."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.keep = False

    def answer(self, response: Response | None = None) -> None:
        """As a server should; with the answer that belongs to the request, if no other is given."""
        self.send((response or self.server.respond(self.request)).bytes())

    def _gone_within(self, seconds: float) -> bool:
        self._sock.settimeout(seconds)
        try:
            return not self._sock.recv(4096)
        except TimeoutError:
            return False
        finally:
            self._sock.settimeout(None)


Fault = Callable[[Talk], None]


class FaultServer:
    """Listens on a free port of 127.0.0.1 as soon as it is made. ``api`` says what it answers while it is well.

    ``fault`` takes over the requests for which ``where`` is true; every request is recorded in ``requests``.
    """

    def __init__(self, api: PrometheusApi | None = None) -> None:
        self.api = api or PrometheusApi()
        self.requests: list[Request] = []
        self.accepted = 0
        self.fault: Fault | None = None
        self.where: Callable[[Request], bool] = lambda _: True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._fillers: list[socket.socket] = []
        self.port = 0
        self.listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        """Connections that neither side has closed yet."""
        with self._lock:
            return len(self._open)

    def asked(self, endpoint: str) -> list[Request]:
        """The requests for one endpoint, in the order in which they came."""
        return [request for request in list(self.requests) if request.endpoint == endpoint]

    def play(self, fault: Fault | None, where: Callable[[Request], bool] = lambda _: True) -> None:
        """Misbehave from now on; None ends that."""
        self.where, self.fault = where, fault

    def respond(self, request: Request) -> Response:
        """The answer of a healthy server."""
        return self.api.respond(request.method, request.endpoint, {**request.params, **request.form})

    def listen(self) -> None:
        """Take connections (again), on the port that it had before."""
        while self._fillers:
            self._fillers.pop().close()
        if self._listener is None:
            self._listener = _listener(self.port, _BACKLOG)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self) -> None:
        """Close the port and every connection: as a process that was killed."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # accept does not notice a mere close
            listener.close()
        self.hang_up()

    def ignore(self) -> None:
        """Hold the port, but let no connection come about: as a host that a firewall hides."""
        self.refuse()
        full = _listener(self.port, 0)
        self._fillers.append(full)
        for _ in range(8):  # as many as the queue takes; the kernel drops what comes after
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)

    def hang_up(self) -> None:
        """End every open connection; idle ones too."""
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.refuse()
        while self._fillers:
            self._fillers.pop().close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            with self._lock:
                self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        # OSError: the client went away, or the server was closed
        with contextlib.suppress(OSError), sock, sock.makefile("rb") as stream:
            try:
                while (request := _read(stream.readline, stream.read)) is not None:
                    self.requests.append(request)
                    talk = Talk(self, sock, request)
                    fault = self.fault if self.where(request) else None
                    (fault or Talk.answer)(talk)
                    if not talk.keep:
                        return
            finally:
                with self._lock:
                    self._open.discard(sock)


def _listener(port: int, backlog: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(backlog)
    return listener


def _read(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> Request | None:
    words = readline().decode("latin-1").split()
    if len(words) != 3:
        return None
    headers: dict[str, str] = {}
    while line := readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = read(int(headers.get("content-length", "0")))
    return Request(words[0], words[1], headers, body, time.monotonic())
