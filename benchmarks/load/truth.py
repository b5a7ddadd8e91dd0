"""A server whose latency has a known, continuous distribution, and which keeps what each answer really took.

Log-normal around 10 ms: no cliff near any percentile, so that one answer more or less moves none of them far. The truth
begins when the request was read and ends when the answer was given to the socket.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_MEDIAN_S, _SIGMA = 0.010, 0.35


class _Server(asyncio.Protocol):
    """One connection; ``took`` is shared by all."""

    def __init__(self, took: list[float], chance: random.Random, sigma: float) -> None:
        self._took, self._chance, self._sigma = took, chance, sigma

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        delay_s = _MEDIAN_S * math.exp(self._chance.gauss(0.0, self._sigma)) if self._sigma else _MEDIAN_S
        asyncio.get_running_loop().call_later(delay_s, self._answer, now)

    def _answer(self, read_at: float) -> None:
        if not self._transport.is_closing():
            self._took.append(time.perf_counter() - read_at)
            self._transport.write(_OK)


async def _serve(pipe: Connection, sigma: float) -> None:
    took: list[float] = []
    chance = random.Random(7)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(took, chance, sigma), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])

    def asked() -> None:
        pipe.recv()
        pipe.send(list(took))
        took.clear()

    loop.add_reader(pipe.fileno(), asked)
    await server.serve_forever()


def _main(pipe: Connection, sigma: float) -> None:
    asyncio.run(_serve(pipe, sigma))


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
