"""A server that does well up to a rate, and above it becomes slow, answers with errors, or dies."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import deque

from tests.unit.load.misbehaving import OK, Answer

_NO = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
_WINDOW_S = 0.2


class Breakable:
    """``rate`` is what it stands, requests a second; ``how`` is ``slow``, ``errs`` or ``dies`` (``for_s``)."""

    def __init__(self, rate: float, how: str, for_s: float = 0.0) -> None:
        self._most, self._how, self._for_s = rate * _WINDOW_S, how, for_s
        self._seen: deque[float] = deque()
        self._dead_until = 0.0

    @property
    def answer(self) -> Answer:
        return self._answer

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now = time.monotonic()
        if now < self._dead_until:
            self._reset(writer)
            return
        self._seen.append(now)
        while self._seen[0] < now - _WINDOW_S:
            self._seen.popleft()
        if len(self._seen) <= self._most:
            writer.write(OK)
        elif self._how == "errs":
            writer.write(_NO)
        elif self._how == "slow":
            await asyncio.sleep(0.5)
            writer.write(OK)
        else:
            self._dead_until = now + self._for_s
            self._seen.clear()
            self._reset(writer)
            return
        await writer.drain()

    @staticmethod
    def _reset(writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
