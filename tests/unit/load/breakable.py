"""A server that does well up to a rate, and answers with errors above it."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from tests.unit.load.misbehaving import OK, Answer

_NO = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
_WINDOW_S = 0.2


class Breakable:
    """``rate`` is what it stands, requests a second."""

    def __init__(self, rate: float) -> None:
        self._most = rate * _WINDOW_S
        self._seen: deque[float] = deque()

    @property
    def answer(self) -> Answer:
        return self._answer

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now = time.monotonic()
        self._seen.append(now)
        while self._seen[0] < now - _WINDOW_S:
            self._seen.popleft()
        writer.write(OK if len(self._seen) <= self._most else _NO)
        await writer.drain()
