"""The console's end of the link: keeps a Mirror up to date, and remembers what is watched across reconnections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any, Protocol

from perftui.link.framing import LinkError, frame, read_session_message
from perftui.link.messages import (
    PROTOCOL,
    ClientMessage,
    Hello,
    Refusal,
    Reply,
    Request,
    Resync,
    SessionMessage,
    Unwatch,
    UnwatchTable,
    Update,
    Watch,
    WatchTable,
    Welcome,
)
from perftui.link.mirror import Mirror

REQUEST_DEADLINE_S = 5.0


class Launcher(Protocol):
    """Who can start a session for the console, and knows how it ended."""

    def start(self) -> socket.socket: ...

    def ended(self) -> str: ...

    def stop(self) -> None: ...


class LinkState(Enum):
    """``ENDED``: the stream ended or the session refused; the reason stands beside it."""

    CONNECTING = "connecting"
    LIVE = "live"
    ENDED = "ended"


class Client:
    """``on_update`` is called after each Update that was applied, ``on_state`` when the link's state changed."""

    def __init__(
        self, mirror: Mirror, version: str, on_update: Callable[[], None], on_state: Callable[[], None]
    ) -> None:
        self.mirror = mirror
        self.state = LinkState.CONNECTING
        self.reason = ""
        self._version, self._on_update, self._on_state = version, on_update, on_state
        self._writer: asyncio.StreamWriter | None = None
        self._watches: dict[str, Watch] = {}
        self._tables: set[str] = set()
        self._requests: dict[int, asyncio.Future[Reply]] = {}
        self._number = 0

    async def run(self, sock: socket.socket) -> None:
        """Greet, ask again for all that is watched, and apply what comes until the stream ends."""
        self.mirror.reset()
        self._enter(LinkState.CONNECTING, "")
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        self._writer = writer
        reason = ""
        try:
            self._send(Hello(PROTOCOL, self._version))
            for watch in self._watches.values():
                self._send(watch)
            for table in sorted(self._tables):
                self._send(WatchTable(table))
            while (answer := await read_session_message(reader)) is not None:
                if isinstance(answer, Refusal):
                    reason = answer.reason
                    break
                self._take(answer)
        except (LinkError, ConnectionError) as error:
            reason = str(error)
        finally:
            self._writer = None
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            for number, waiting in self._requests.items():
                if not waiting.done():
                    waiting.set_result(Reply(number, "the session has ended"))
            self._requests.clear()
            self._enter(LinkState.ENDED, reason)

    def _enter(self, state: LinkState, reason: str) -> None:
        self.state, self.reason = state, reason
        self._on_state()

    def _take(self, message: SessionMessage) -> None:
        if isinstance(message, Welcome):
            self.mirror.session = message.session
            self._enter(LinkState.LIVE, "")
        elif isinstance(message, Update):
            if self.mirror.apply(message):
                for name in message.windows.keys() - self._watches.keys():
                    # it was on its way when the watch ended
                    self.mirror.windows.pop(name, None)
                    self.mirror.window_errors.pop(name, None)
                self._on_update()
            else:
                self._send(Resync())
        elif isinstance(message, Reply):
            waiting = self._requests.pop(message.number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    def _send(self, message: ClientMessage) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(frame(message))

    def watch(self, watch: Watch) -> None:
        """Watch a window, now and after every reconnection; the same watch again costs nothing."""
        if self._watches.get(watch.watch) != watch:
            self._watches[watch.watch] = watch
            self._send(watch)

    def unwatch(self, name: str) -> None:
        if self._watches.pop(name, None) is not None:
            self.mirror.windows.pop(name, None)
            self.mirror.window_errors.pop(name, None)
            self._send(Unwatch(name))

    @property
    def watched(self) -> frozenset[str]:
        return frozenset(self._watches)

    @property
    def watched_tables(self) -> frozenset[str]:
        return frozenset(self._tables)

    def watch_table(self, name: str, wanted: bool) -> None:
        """Begin or end to watch a table."""
        if wanted == (name in self._tables):
            return
        if wanted:
            self._tables.add(name)
            self._send(WatchTable(name))
        else:
            self._tables.discard(name)
            self._send(UnwatchTable(name))

    async def request(self, action: str, timeout_s: float = REQUEST_DEADLINE_S, **args: Any) -> Reply:
        """Ask the session to do something; an error in the Reply when it can't be asked or does not answer."""
        _, answer = self.begin(action, timeout_s, **args)
        return await answer

    def begin(
        self, action: str, timeout_s: float = REQUEST_DEADLINE_S, **args: Any
    ) -> tuple[int, Coroutine[Any, Any, Reply]]:
        """The same, with the number that ``cancel`` takes."""
        self._number += 1
        number = self._number
        if self._writer is not None:
            self._requests[number] = asyncio.get_running_loop().create_future()
            self._send(Request(number, action, args))
        return number, self._answer(number, timeout_s)

    def cancel(self, number: int) -> None:
        """Take a question back: its Reply says so."""
        self._number += 1
        self._send(Request(self._number, "cancel", {"number": number}))

    async def _answer(self, number: int, timeout_s: float) -> Reply:
        waiting = self._requests.get(number)
        if waiting is None:
            return Reply(number, "there is no session")
        try:
            return await asyncio.wait_for(waiting, timeout_s)
        except asyncio.TimeoutError:
            return Reply(number, "the session does not answer")
        finally:
            self._requests.pop(number, None)
