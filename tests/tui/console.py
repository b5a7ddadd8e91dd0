"""A console without a terminal, and a session at the other end of its link that does what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from textual import events
from textual.pilot import Pilot

from perftui.config.defaults import DEFAULTS
from perftui.config.load import Loaded
from perftui.config.problems import Problem
from perftui.config.schema import Config
from perftui.config.themes import load_theme
from perftui.config.watch import ConfigWatch
from perftui.domain.samples import SeriesWindow, Window
from perftui.link.framing import frame, read_client_message
from perftui.link.messages import (
    PROTOCOL,
    ClientMessage,
    Hello,
    Reply,
    Request,
    SessionInfo,
    SessionMessage,
    Update,
    Watch,
    Welcome,
    WindowPart,
)
from perftui.link.mirror import Mirror
from perftui.tui.app import PerftuiApp
from perftui.tui.live_screen import LiveScreen
from perftui.tui.widgets.picture import Picture
from perftui.view.glyphs import UTF8
from perftui.view.text import Line, plain

NOW = 1_800_000_000.0
DEADLINE_S = 20.0


class FakeSession:
    """Greets, remembers what it is told, answers requests, and sends Updates only when asked to.

    ``answers`` give a request's data from its arguments, a ValueError is its error; ``hangs`` are actions that are
    only answered when they are cancelled.
    """

    def __init__(self) -> None:
        self.received: list[ClientMessage] = []
        self.starts = 0
        self.words = ""
        self.refuses: dict[str, str] = {}
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.hangs: set[str] = set()
        self._hanging: set[int] = set()
        self._seq = 0
        self._writer: asyncio.StreamWriter | None = None
        self._serving: asyncio.Future[None] | None = None

    def start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.starts += 1
        self._seq = 0
        self.received = []
        self._serving = asyncio.ensure_future(self._serve(theirs))
        return ours

    def ended(self) -> str:
        return self.words

    def stop(self) -> None:
        """Its end is the end of the link."""

    async def _serve(self, sock: socket.socket) -> None:
        reader, self._writer = await asyncio.open_unix_connection(sock=sock)
        try:
            while (message := await read_client_message(reader)) is not None:
                self._take(message)
        finally:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    def _take(self, message: ClientMessage) -> None:
        self.received.append(message)
        if isinstance(message, Hello):
            self._send(Welcome(PROTOCOL, SessionInfo("box", "me", 1, "test", NOW + self.starts - 1)))
            self.push()
        elif isinstance(message, Request):
            self._send_reply(message)

    def _send_reply(self, request: Request) -> None:
        if request.action in self.hangs:
            self._hanging.add(request.number)
            return
        if request.action == "cancel" and request.args["number"] in self._hanging:
            self._hanging.discard(request.args["number"])
            self._send(Reply(request.args["number"], "cancelled"))
        error, data = self.refuses.get(request.action, ""), None
        if not error and request.action in self.answers:
            try:
                data = self.answers[request.action](request.args)
            except ValueError as wrong:
                error = str(wrong)
        self._send(Reply(request.number, error, data))

    def answer_hanging(self, data: Any) -> None:
        """The answer to every request that hangs."""
        while self._hanging:
            self._send(Reply(self._hanging.pop(), "", data))

    def _send(self, message: SessionMessage) -> None:
        assert self._writer is not None
        self._writer.write(frame(message))

    def push(self, at: float = NOW, **changes: Any) -> None:
        """One Update; the first is a full one."""
        self._seq += 1
        self._send(Update(self._seq, self._seq - 1, at, full=self._seq == 1, **changes))

    def fill(self, value: float, at: float = NOW) -> None:
        """One Update with a whole window for everything that is watched, all of one value."""
        self.push(
            at,
            windows={
                watch.watch: WindowPart(True, window(watch.selectors, value, at))
                for watch in self.received
                if isinstance(watch, Watch)
            },
        )

    def watches(self) -> dict[str, Watch]:
        """The newest Watch of each name."""
        return {watch.watch: watch for watch in self.received if isinstance(watch, Watch)}

    def asked(self, action: str) -> list[dict[str, Any]]:
        """The arguments of its requests, in their order."""
        return [args for name, args in self.requests() if name == action]

    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        return [(request.action, request.args) for request in self.received if isinstance(request, Request)]

    def die(self, words: str) -> None:
        self.words = words
        assert self._writer is not None
        self._writer.close()


def window(names: tuple[str, ...], value: float, end: float) -> Window:
    """Ten buckets of 1 s that end at ``end``."""
    column = (value,) * 10
    return Window(
        end - 10, 1.0, 10, tuple(SeriesWindow(name, column, column, column, value, end - 1) for name in names)
    )


class FakeConfigWatch:
    """Tells what a test puts into ``news``, once."""

    def __init__(self) -> None:
        self.news: Loaded | None = None

    def poll(self) -> Loaded | None:
        news, self.news = self.news, None
        return news

    def changed(self, config: Config, *problems: str) -> None:
        file = "perftui.toml"
        self.news = Loaded(config, tuple(Problem(file, 3, "", text) for text in problems), Path(file))


@dataclass
class Console:
    """What a test sees and does."""

    app: PerftuiApp
    pilot: Pilot[int]
    session: FakeSession
    config_watch: FakeConfigWatch

    @property
    def screen(self) -> LiveScreen:
        screen = self.app.live_screen
        assert screen is not None
        return screen

    @property
    def text(self) -> str:
        """The pictures of the live screen, from top to bottom."""
        return "\n".join(plain(line) for picture in self.screen.query(Picture) for line in picture.lines)

    @property
    def lines(self) -> list[Line]:
        """The pictures of the screen on top."""
        return [line for picture in self.app.screen.query(Picture) for line in picture.lines]

    @property
    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]

    def type(self, keys: str) -> None:
        """All at once, as a terminal sends what is pasted; newline is enter."""
        for char in keys:
            key = {"\n": "enter", ":": "colon", " ": "space", "/": "slash", "?": "question_mark"}.get(char, char)
            self.app.post_message(events.Key(key, None if char == "\n" else char))

    async def until(self, condition: Callable[[], Any]) -> None:
        """Let the console work until the condition holds."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f"it never happened; on the screen:\n{self.text}\n{self.notices}"
            await asyncio.sleep(0.005)

    async def shows(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    async def command(self, line: str) -> None:
        """Type a command; ends when the prompt is gone."""
        self.type(f":{line}\n")
        await self.until(lambda: line in self.app._actions._history)
        await self.until(lambda: self.app.screen is self.app.live_screen)


@contextlib.asynccontextmanager
async def console(config: Config = DEFAULTS, size: tuple[int, int] = (120, 40), **more: Any) -> AsyncIterator[Console]:
    """A console that is connected and shows its first screen."""
    session, watch = FakeSession(), FakeConfigWatch()
    app = PerftuiApp(
        config,
        theme=load_theme("dark"),
        glyphs=UTF8,
        mirror=Mirror(),
        launcher=session,
        wall=lambda: NOW,
        monotonic=time.monotonic,
        config_watch=cast(ConfigWatch, watch),
        **more,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        opened = Console(app, pilot, session, watch)
        await opened.until(lambda: app.deck.mirror.version)
        yield opened
