"""A server whose latency has a known, continuous distribution, and which keeps what each answer really took.

Log-normal around 10 ms: no cliff near any percentile, so that one answer more or less moves none of them far. The truth
begins when the request was read and ends when the answer was given to the socket.
"""

from __future__ import annotations

import contextlib
import heapq
import math
import multiprocessing
import random
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_MEDIAN_S, _SIGMA = 0.010, 0.35


class _Server:
    """One loop of plain sockets: what lies between the wire and its clock is as little as can be."""

    def __init__(self, pipe: Connection, sigma: float) -> None:
        self._pipe, self._sigma = pipe, sigma
        self._chance = random.Random(7)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._clients: dict[int, socket.socket] = {}
        self._due: list[tuple[float, float, int]] = []
        self._took: list[float] = []
        pipe.send(self._listener.getsockname()[1])

    def serve(self) -> None:
        listener, pipe = self._listener.fileno(), self._pipe.fileno()
        while True:
            # not epoll: that rounds to milliseconds, and answers would come in bursts
            wait_s = max(0.0, self._due[0][0] - time.perf_counter()) if self._due else None
            for fd in select.select([listener, pipe, *self._clients], [], [], wait_s)[0]:
                if fd == listener:
                    client, _ = self._listener.accept()
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._clients[client.fileno()] = client
                elif fd == pipe:
                    self._pipe.recv()
                    self._pipe.send(self._took)
                    self._took = []
                else:
                    self._read(fd)
            self._answer()

    def _read(self, fd: int) -> None:
        now = time.perf_counter()
        with contextlib.suppress(ConnectionError):
            if self._clients[fd].recv(4096):
                delay_s = _MEDIAN_S * math.exp(self._chance.gauss(0.0, self._sigma))
                heapq.heappush(self._due, (now + delay_s, now, fd))
                return
        self._clients.pop(fd).close()

    def _answer(self) -> None:
        while self._due and self._due[0][0] <= time.perf_counter():
            _, read_at, fd = heapq.heappop(self._due)
            if fd in self._clients:
                with contextlib.suppress(ConnectionError):
                    self._clients[fd].send(_OK)
                self._took.append(time.perf_counter() - read_at)


def _main(pipe: Connection, sigma: float) -> None:
    _Server(pipe, sigma).serve()


class Truth:
    """A server that runs; ``take`` gives the seconds of all answers since the last time."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.port, self._pipe = port, pipe

    def take(self) -> list[float]:
        self._pipe.send(None)
        took: list[float] = self._pipe.recv()
        return took


@contextmanager
def serving(sigma: float = _SIGMA) -> Iterator[Truth]:
    """In a process of its own; ``sigma`` 0 is 10 ms always."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_main, args=(theirs, sigma), daemon=True)
    server.start()
    try:
        yield Truth(ours.recv(), ours)
    finally:
        server.kill()
        server.join()
