"""A server that stands still for 1 s of every 5 s, 100 requests a second.

The truth follows from the arrivals: a fifth of them falls into a stall, evenly, so p90, p95 and p99 are 500, 750 and
950 ms.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from multiprocessing.connection import Connection

from benchmarks.load.engine import job, run
from perftui.load.record import limited_by

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_EVERY_S, _STALL_S, _RATE = 5.0, 1.0, 100.0
_TRUTH = ((0.9, 500.0), (0.95, 750.0), (0.99, 950.0), (0.999, 995.0))


async def _serve(pipe: Connection) -> None:
    origin = time.monotonic()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                within = (time.monotonic() - origin) % _EVERY_S
                # the end of each period is the stall
                if within >= _EVERY_S - _STALL_S:
                    await asyncio.sleep(_EVERY_S - within)
                writer.write(_OK)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _server(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


def measure(seconds: float) -> None:
    """The table of truth and measurement; ``seconds`` are whole periods of 5 s."""
    print(f"\na server that stands still for {_STALL_S:g} s of every {_EVERY_S:g} s, open loop, {seconds:g} s\n")
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_server, args=(theirs,), daemon=True)
    server.start()
    try:
        what = job(ours.recv(), _RATE, seconds)
        result = run(what)
    finally:
        server.kill()
    response = result.tally.response()
    print("| | truth ms | measured ms | off |\n|---|---|---|---|")
    for q, truth in _TRUTH:
        seen = (response.quantile(q) or 0.0) / 1e6
        print(f"| p{q * 100:g} | {truth:.0f} | {seen:.1f} | {(seen / truth - 1) * 100:+.2f} % |")
    lag = (result.tally.lag.quantile(0.99) or 0.0) / 1e6
    print(f"\n{response.n} requests, {what.connections} connections, lag p99 {lag:.2f} ms")
    print(f"limited by: {limited_by(result, what)} (not the generator)")
