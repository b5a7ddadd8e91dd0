"""The console's dealings with its session: starts it, asks it, and says how it ended and what can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from perftui.domain.units import format_duration
from perftui.link.client import Launcher, LinkState
from perftui.tui.deck import Deck

_SILENT_S = 5.0
# the stream ends a moment before the process can be waited for
_REAPED_S = 0.3


class Uplink:
    """``draw`` shows the banner, ``fail`` takes an error of our own, ``say`` an answer (text, ``bad`` or not)."""

    def __init__(
        self,
        deck: Deck,
        launcher: Launcher,
        draw: Callable[[], None],
        fail: Callable[[Exception], None],
        say: Callable[..., None],
    ) -> None:
        self._deck, self._launcher, self._draw, self._fail, self._say = deck, launcher, draw, fail, say
        self._link: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lasting: dict[str, dict[str, Any]] = {}

    def start(self) -> None:
        """Start the session, also again after it ended; what was watched is watched again. Nothing while it runs."""
        if self._link is not None and not self._link.done():
            return
        try:
            sock = self._launcher.start()
        except OSError as error:
            self._show(f"the session can't be started: {error.strerror}; r tries again")
            return
        self._show("")
        self._link = self._keep(self._deck.client.run(sock))

    def ask(self, action: str, done: str, *, lasting: bool = False, **args: Any) -> None:
        """Ask without waiting; the answer is said when it comes. ``lasting``: asked of a new session again."""
        if lasting:
            self._lasting[action] = args
        self._keep(self._asked(action, done, args))

    async def _asked(self, action: str, done: str, args: dict[str, Any]) -> None:
        reply = await self._deck.client.request(action, **args)
        self._say(reply.error or done, bad=bool(reply.error))

    def changed(self) -> None:
        """The state of the link is another one."""
        if self._deck.client.state is LinkState.ENDED:
            self._keep(self._tell_end())
        elif self._deck.client.state is LinkState.LIVE:
            for action, args in self._lasting.items():
                self._keep(self._asked(action, "", args))

    async def _tell_end(self) -> None:
        reason = self._deck.client.reason or self._launcher.ended()
        self._show_end(reason)
        if not reason:
            await asyncio.sleep(_REAPED_S)
            self._show_end(self._launcher.ended())

    def _show_end(self, reason: str) -> None:
        if self._deck.client.state is LinkState.ENDED:
            self._show(f"the session has ended{': ' + reason if reason else ''}; r starts it again")

    def look(self, silent_s: float) -> None:
        """Say so when a session that is there has told nothing for long."""
        if silent_s > _SILENT_S and self._deck.client.state is LinkState.LIVE:
            self._show(f"the session has been silent for {format_duration(silent_s)}")

    def _show(self, banner: str) -> None:
        if banner != self._deck.banner:
            self._deck.banner = banner
            self._draw()

    def _keep(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        """An error in a task of ours ends the console like any other: it must not pass for the session's end."""
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._fail(error)
