"""A server that answers as it is told, also wrongly: in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def says(text: bytes, *, then_closes: bool = False, piece: int = 0) -> Answer:
    """Send these bytes for every request, all at once or in pieces of so many."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(text), piece) if piece else (0,):
            writer.write(text[start : start + piece] if piece else text)
            await writer.drain()
            await asyncio.sleep(0)
        if then_closes:
            writer.close()

    return answer


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing until the client has gone."""
    await reader.read()


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End the connection with RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def resets_halfway(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Half an answer, which is sent before the RST is."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.05)
    await resets(_, writer)


async def heads_for_ever(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _endlessly(writer, b"X-More: " + b"y" * 1000 + b"\r\n")


async def continues_for_ever(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Always 100 Continue, never an answer."""
    await _endlessly(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


async def chunks_for_ever(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Chunk after chunk."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await _endlessly(writer, b"1000\r\n" + b"x" * 4096 + b"\r\n")


async def drips_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body, one byte after the other, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.02)


async def greets(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Nothing more than the greeting."""
    await reader.read()


async def _endlessly(writer: asyncio.StreamWriter, text: bytes) -> None:
    while not writer.is_closing():
        writer.write(text)
        await writer.drain()


async def drips(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Headers, one byte after the other, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.02)


async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


@contextmanager
def serving(
    answer: Answer,
    host: str = "127.0.0.1",
    path: str = "",
    seen: list[bytes] | None = None,
    greeting: bytes = b"",
    tls: Path | None = None,
) -> Iterator[int]:
    """The port (0 for a unix socket); the server is gone at the end.

    ``seen`` takes every request's head, ``greeting`` is said before any, ``tls`` is a folder with server.pem and .key.
    """
    loop = asyncio.new_event_loop()
    gone: list[asyncio.StreamWriter] = []

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # cancelled by stop() alone, and a task of a client that ends so is told as an error by asyncio's streams
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                writer.write(greeting)
                while not writer.is_closing():
                    head = await reader.readuntil(b"\r\n\r\n")
                    if seen is not None:
                        seen.append(head)
                    await answer(reader, writer)
        finally:
            writer.close()
            gone.append(writer)

    async def start() -> asyncio.Server:
        if path:
            return await asyncio.start_unix_server(client, path)
        context = None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls / "server.pem", tls / "server.key")
        return await asyncio.start_server(client, host, 0, ssl=context)

    async def stop(server: asyncio.Server) -> None:
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in gone:
            # also what waits to be sent: nobody reads it any more
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = loop.run_until_complete(start())
    port = 0 if path else server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
