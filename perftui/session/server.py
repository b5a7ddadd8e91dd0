"""Serves a Monitor to consoles over stream sockets: a greeting, then one Update a tick for each that keeps up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from perftui.link.framing import LinkError, frame, read_client_message
from perftui.link.messages import (
    PROTOCOL,
    ClientMessage,
    Hello,
    Refusal,
    Reply,
    Request,
    Resync,
    SessionInfo,
    SessionMessage,
    Unwatch,
    UnwatchTable,
    Watch,
    WatchTable,
    Welcome,
)
from perftui.session.actions import MAX_ASKING, Actions
from perftui.session.monitor import Monitor

_HELLO_DEADLINE_S = 10.0
# within this moment what is ready leaves together: each Update costs the console a picture
_MOMENT_S = 0.02


class Connection:
    """One console. While its last frame has not left, nothing is queued: it gets the merged state when it can."""

    def __init__(
        self,
        monitor: Monitor,
        actions: Actions,
        info: SessionInfo,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        wall: Callable[[], float],
    ) -> None:
        self._monitor, self._actions, self._info = monitor, actions, info
        self._reader, self._writer, self._wall = reader, writer, wall
        self._subscriber = monitor.subscribe(self.push_soon)
        self._due, self._pushed_at = False, float("-inf")
        self._greeted = False
        self._behind = False
        self._asking: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Until the console is gone or speaks another language."""
        try:
            if await self._greet():
                while (message := await read_client_message(self._reader)) is not None:
                    self._take(message)
                    if isinstance(message, Request):
                        await self._writer.drain()  # who asks without reading the answers has to wait
                    await asyncio.sleep(0)  # a burst of messages is answered by one push, after them
        except LinkError as error:
            self._send(Refusal(str(error)))
        except ConnectionError:
            return  # the console went away while it was answered
        finally:
            for task in self._asking.values():
                task.cancel()
            self._monitor.unsubscribe(self._subscriber)
            self._writer.close()

    async def _greet(self) -> bool:
        try:
            hello = await asyncio.wait_for(read_client_message(self._reader), _HELLO_DEADLINE_S)
        except asyncio.TimeoutError:
            raise LinkError("no greeting") from None
        if hello is None:
            return False
        if not isinstance(hello, Hello):
            raise LinkError("the first message must be a greeting")
        if hello.protocol != PROTOCOL:
            raise LinkError(
                f"this session speaks protocol {PROTOCOL} (perftui {self._info.version}), "
                f"the console {hello.protocol} (perftui {hello.version}): use the same version"
            )
        self._send(Welcome(PROTOCOL, self._info))
        self._greeted = True
        return True

    def _take(self, message: ClientMessage) -> None:
        subscriber = self._subscriber
        if isinstance(message, Watch):
            subscriber.watch(message)
        elif isinstance(message, Unwatch):
            subscriber.unwatch(message.watch)
        elif isinstance(message, WatchTable | UnwatchTable):
            subscriber.watch_table(message.table, isinstance(message, WatchTable))
            self._monitor.look()
        elif isinstance(message, Resync):
            subscriber.resync()
        elif isinstance(message, Request):
            self._request(message)
        if not isinstance(message, Request):
            self.push_soon()

    def _request(self, request: Request) -> None:
        if request.action == "cancel":
            task = self._asking.get(request.args.get("number", -1))
            if task is not None:
                task.cancel()
            self._send(Reply(request.number))
        elif not self._actions.takes_time(request):
            self._send(self._actions.answer(request))
        elif len(self._asking) >= MAX_ASKING:
            self._send(Reply(request.number, f"{MAX_ASKING} questions are under way already"))
        else:
            task = asyncio.ensure_future(self._ask(request))
            self._asking[request.number] = task
            task.add_done_callback(lambda _: self._asking.pop(request.number, None))

    async def _ask(self, request: Request) -> None:
        reply = await self._actions.ask(request)
        try:
            self._send(reply)
        except LinkError as error:
            self._send(Reply(request.number, f"the answer is too large: {error}"))

    def push_soon(self) -> None:
        """At once, or a moment after the last one: windows are asked for, and read, several at a time."""
        if not self._due:
            self._due = True
            loop = asyncio.get_running_loop()
            loop.call_at(max(loop.time(), self._pushed_at + _MOMENT_S), self._push_due)

    def _push_due(self) -> None:
        self._due, self._pushed_at = False, asyncio.get_running_loop().time()
        self.push()

    def push(self) -> None:
        """Send what changed, unless the console is behind."""
        if not self._greeted or self._writer.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() > 0:
            self._behind = True
            return
        if self._behind:
            self._behind = False
            self._subscriber.resync()
        update = self._subscriber.update(self._wall())
        if update is None:
            return
        try:
            self._send(update)
        except LinkError as error:
            self._send(Refusal(f"{error}: watch fewer series"))
            self._writer.close()

    def _send(self, message: SessionMessage) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame(message))
