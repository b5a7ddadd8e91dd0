"""A small server that counts what reaches it, and a console without a screen that has a load sent to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil

from perftui.config.paths import journal_path, state_folder
from perftui.link.client import Client, LinkState
from perftui.link.mirror import Mirror
from perftui.session.launch import SessionProcess

_PATIENCE_S = 60.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLIENT = "a console of the tests"


async def until(condition: Callable[[], Any], what: str) -> None:
    """Wait for it, for a minute at most."""
    latest = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < latest, f"it never happened: {what}"
        await asyncio.sleep(0.01)


class Site:
    """``hits`` are requests that came, ``open`` connections that are there now."""

    def __init__(self) -> None:
        self.hits = self.open = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Site:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.hits += 1
                writer.write(_ANSWER)
                await writer.drain()
        self.open -= 1
        writer.close()

    async def let_go(self) -> None:
        """Wait until nobody is connected, and everything that was sent has been read: it can't get more hits."""
        await until(lambda: not self.open, "nobody is connected any more")

    def plan(self, **more: Any) -> dict[str, Any]:
        """No probe and no ramp: what it counts is what the record tells."""
        return {
            "url": f"http://127.0.0.1:{self.port}/", "rate": 100.0, "duration": "60s", "ramp": "0s", "probe": False,
            **more,
        }  # fmt: skip


class Console:
    """The console's end of the link; it renews its lease while ``is_alive``."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self.session = SessionProcess(None)
        self.client = Client(self.mirror, "tests", lambda: None, lambda: None)
        self.is_alive = True
        self.run_id = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Console:
        self._tasks.append(asyncio.ensure_future(self.client.run(self.session.start())))
        await until(lambda: self.client.state is LinkState.LIVE, "a session")
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.session.stop)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, action: str, **args: Any) -> Any:
        """What it gives; an error of it ends the test."""
        reply = await self.client.request(action, _PATIENCE_S, **args)
        assert not reply.error, reply.error
        return reply.data

    async def start(self, plan: dict[str, Any], **more: Any) -> str:
        self.run_id = (await self.ask("load_start", plan=plan, client=CLIENT, **more))["run_id"]
        self._tasks.append(asyncio.ensure_future(self._renew()))
        return self.run_id

    async def _renew(self) -> None:
        while self.is_alive:
            await self.client.request("load_lease", run_id=self.run_id, client=CLIENT)
            await asyncio.sleep(0.3)

    def hang_up(self) -> None:
        """The link ends as with a console that is gone; nobody ends the session."""
        self.is_alive = False
        self._tasks[0].cancel()

    def engine(self) -> psutil.Process:
        return engine_of(self.session.pid or 0)

    async def over(self) -> None:
        await until(lambda: self.mirror.load is not None and self.mirror.load.phase.is_over, "the load is over")


def engine_of(session: int) -> psutil.Process:
    """The engine that a session has started."""
    (found,) = [one for one in psutil.Process(session).children() if "perftui.load" in one.cmdline()]
    return found


def kept(run_id: str) -> dict[str, Any]:
    """A record as it lies in the history; empty while it does not."""
    path = journal_path("")
    if not path.exists():
        return {}
    rows: list[tuple[str]] = []
    # a file that is just being made has no tables yet
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection, contextlib.suppress(sqlite3.Error):
        rows = connection.execute("SELECT summary FROM runs WHERE id = ?", (run_id,)).fetchall()
    return dict(json.loads(rows[0][0])) if rows else {}


def audited() -> list[tuple[str, str]]:
    """What stands in the audit log, as (action, result)."""
    lines = (state_folder() / "audit.jsonl").read_text().splitlines()
    return [(line["action"], line["result"]) for line in map(json.loads, lines)]


async def _sit(port: int) -> None:
    """A console that starts a load, says who is who, and is there until it is killed."""
    site = Site()
    site.port = port
    async with Console() as console:
        run_id = await console.start(site.plan())
        await until(lambda: console.mirror.load is not None and console.mirror.load.done, "answers")
        told = {"run_id": run_id, "session": console.session.pid, "engine": console.engine().pid}
        print(json.dumps(told), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_sit(int(sys.argv[1])))
