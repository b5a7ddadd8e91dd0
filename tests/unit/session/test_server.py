from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import pytest

from perftui.config.schema import Config
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError
from perftui.domain.samples import Batch
from perftui.link.client import Client, LinkState
from perftui.link.framing import frame, read_session_message
from perftui.link.messages import PROTOCOL, Hello, Refusal, SessionInfo, Update, Watch, Welcome
from perftui.link.mirror import Mirror
from perftui.session.actions import Actions
from perftui.session.monitor import Monitor
from perftui.session.server import Connection
from perftui.store.audit import Audit
from tests.fakes import FakeClock, FakeSource

INFO = SessionInfo("host", "me", 1, "0.1", 0.0)
_T = TypeVar("_T")


class Session:
    """A monitor that ticks only when told to, and its consoles."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.source = FakeSource([Batch("fake", 0.0, 0.0, error=SourceError(ErrorKind.MISSING, "unused"))])
        self.monitor = Monitor(
            Config(), [self.source], None, wall=self.clock, monotonic=self.clock, random=lambda: 0.5
        )  # fmt: skip
        self.tasks: list[asyncio.Task[None]] = []

    async def plug(self) -> socket.socket:
        """The console's end of a new connection."""
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=theirs)
        actions = Actions(self.monitor, "me", Audit(None, "me", self.clock), self.clock, lambda: None)
        connection = Connection(self.monitor, actions, INFO, reader, writer, self.clock)
        self.tasks.append(asyncio.ensure_future(connection.serve()))
        return ours

    async def console(self, *watches: Watch) -> Client:
        client = Client(Mirror(), "0.1", lambda: None, lambda: None)
        for watch in watches:
            client.watch(watch)
        self.tasks.append(asyncio.ensure_future(client.run(await self.plug())))
        await until(lambda: client.mirror.seq > 0 or client.state is LinkState.ENDED)
        return client

    async def tick(self, value: float = 1.0) -> None:
        self.clock.advance(1.0)
        self.monitor.state.take(Batch("fake", self.clock.now, 0.0, {"fake/value": value}), 1.0)
        self.monitor.tick(self.clock.now)
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to that")


def hosted(main: Callable[[Session], Coroutine[Any, Any, _T]]) -> _T:
    async def run() -> _T:
        session = Session()
        try:
            return await main(session)
        finally:
            for task in session.tasks:
                task.cancel()
            await asyncio.gather(*session.tasks, return_exceptions=True)

    return asyncio.run(run())


LIVE = Watch("w", ("fake/value",), 30.0, None, 31)


async def answers(sock: socket.socket, data: bytes) -> list[object]:
    """What the session says to these bytes until it hangs up."""
    reader, writer = await asyncio.open_unix_connection(sock=sock)
    writer.write(data)
    said: list[object] = []
    while (message := await asyncio.wait_for(read_session_message(reader), 10.0)) is not None:
        said.append(message)
    writer.close()
    return said


def test_two_consoles_on_one_session_see_the_same() -> None:
    async def main(session: Session) -> None:
        one = await session.console(LIVE)
        for number in range(5):
            await session.tick(float(number))
        other = await session.console(LIVE)
        for number in range(5):
            await session.tick(float(number))
            await until(lambda: one.mirror.at == other.mirror.at == session.clock.now)
            assert one.mirror.windows == other.mirror.windows
        assert one.mirror.windows["w"].series[0].last == 4.0
        assert (one.mirror.sources, one.mirror.storage) == (other.mirror.sources, other.mirror.storage)

    hosted(main)


def test_windows_that_are_asked_for_at_once_come_together() -> None:
    async def main(session: Session) -> None:
        await session.tick()
        heard: list[int] = []
        client = Client(Mirror(), "0.1", lambda: heard.append(len(client.mirror.windows)), lambda: None)
        for number in range(40):
            client.watch(Watch(f"w{number}", ("fake/value",), 30.0, None, 31))
        session.tasks.append(asyncio.ensure_future(client.run(await session.plug())))
        await until(lambda: len(client.mirror.windows) == 40)
        assert len(heard) < 20

    hosted(main)


def test_a_console_that_does_not_read_gets_the_latest_state_and_not_a_queue() -> None:
    async def main(session: Session) -> None:
        await session.tick()
        sock = await session.plug()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        watches = b"".join(frame(Watch(f"w{n}", ("fake/value",), 4000.0, None, 4000)) for n in range(64))
        sock.sendall(frame(Hello(PROTOCOL, "0.1")) + watches)
        for _ in range(200):
            await session.tick()
            await asyncio.sleep(0)
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        updates: list[Update] = []
        while not updates or updates[-1].at < session.clock.now or not updates[-1].full:
            message = await asyncio.wait_for(read_session_message(reader), 10.0)
            if isinstance(message, Update):
                updates.append(message)
            session.monitor.tick(session.clock.now)
        assert len(updates) < 100, "frames that nobody took were not queued"
        writer.close()

    hosted(main)


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x01\xc1"])
def test_garbage_is_refused_and_the_session_lives_on(data: bytes) -> None:
    async def main(session: Session) -> None:
        well = await session.console(LIVE)
        said = await answers(await session.plug(), data)
        assert [type(message) for message in said] == [Refusal]
        said = await answers(await session.plug(), frame(Hello(PROTOCOL, "0.1")) + b"\x00\x00\x00\x01\xc1")
        assert [type(message) for message in said if not isinstance(message, Update)] == [Welcome, Refusal]
        await session.tick()
        await until(lambda: well.mirror.at == session.clock.now)

    hosted(main)


def test_another_protocol_is_refused_with_both_versions() -> None:
    async def main(session: Session) -> None:
        (refusal,) = await answers(await session.plug(), frame(Hello(PROTOCOL + 1, "9.9")))
        assert isinstance(refusal, Refusal)
        assert "9.9" in refusal.reason
        assert "0.1" in refusal.reason

    hosted(main)


def test_requests_are_answered_and_mistakes_are_errors() -> None:
    async def main(session: Session) -> None:
        client = await session.console(LIVE)
        assert (await client.request("ping")).data == "pong"
        assert "unknown action" in (await client.request("dance")).error
        assert "above 0" in (await client.request("follow", pid=-1)).error
        assert "no journal" in (await client.request("mark", name="deploy")).error

    hosted(main)


def test_a_request_in_flight_is_answered_when_the_session_ends() -> None:
    async def main(session: Session) -> None:
        ours, theirs = socket.socketpair()
        client = Client(Mirror(), "0.1", lambda: None, lambda: None)
        running = asyncio.ensure_future(client.run(ours))
        await asyncio.sleep(0)
        asking: Awaitable[Any] = asyncio.ensure_future(client.request("ping"))
        await asyncio.sleep(0.01)
        theirs.close()
        await running
        assert (await asking).error in ("the session has ended", "there is no session")
        assert client.state is LinkState.ENDED

    hosted(main)


def test_what_was_watched_is_watched_again_after_a_reconnection() -> None:
    async def main(session: Session) -> None:
        client = await session.console(LIVE)
        await session.tick()
        running = asyncio.ensure_future(client.run(await session.plug()))
        session.tasks.append(running)
        client.mirror.windows.clear()
        await until(lambda: client.mirror.seq > 0)
        await session.tick()
        await until(lambda: "w" in client.mirror.windows)

    hosted(main)
