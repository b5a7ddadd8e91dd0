"""A session inside of the test: what a console would see of it, and waiting for events instead of sleeping."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from perftui.config.schema import Config
from perftui.domain.health import SourceHealth
from perftui.domain.samples import Window
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.session.build import build_monitor

_PATIENCE_S = 30.0


class Watching:
    """``mirror`` is filled by the Updates of the session, as that of a console is."""

    def __init__(self, config: Config) -> None:
        self.monitor = build_monitor(config, keep=False)
        self.mirror = Mirror()
        self._changed = asyncio.Event()
        self._subscriber = self.monitor.subscribe(self._take)

    def _take(self) -> None:
        update = self._subscriber.update(time.time())
        if update is not None:
            assert self.mirror.apply(update)
        self._changed.set()

    def watch(self, name: str, *selectors: str, span_s: float = 60.0, cells: int = 120) -> None:
        self._subscriber.watch(Watch(name, selectors, span_s, None, cells))

    def watch_table(self, name: str) -> None:
        self._subscriber.watch_table(name, True)
        self.monitor.look()

    def health(self, source: str) -> SourceHealth:
        return next(health for health in self.mirror.sources if health.name == source)

    def window(self, name: str) -> Window:
        return self.mirror.windows[name]

    async def until(self, condition: Callable[[], Any], patience_s: float = _PATIENCE_S) -> float:
        """Seconds until the condition holds, looked at with every Update."""
        started = time.monotonic()
        while True:
            with contextlib.suppress(KeyError, StopIteration, IndexError):
                if condition():
                    return time.monotonic() - started
            left = started + patience_s - time.monotonic()
            assert left > 0, f"it never happened; {self.mirror.sources} {self.mirror.troubles}"
            self._changed.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)


@contextlib.asynccontextmanager
async def watching(config: Config) -> AsyncIterator[Watching]:
    """A running session; ended with the block."""
    one = Watching(config)
    running = asyncio.ensure_future(one.monitor.run())
    try:
        yield one
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


class Cable:
    """A connection to a port that can be cut: what is behind it lives on."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.AbstractServer | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Connections are reset, new ones refused."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, there}
        await asyncio.gather(_copy(reader, there), _copy(there_reader, writer))
        self._writers -= {writer, there}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
