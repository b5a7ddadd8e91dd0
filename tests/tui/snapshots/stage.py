"""The console on a made-up system: what a person would see, cell by cell, after some keys and at some size.

The mirror is filled in the same moment in which something is watched, and no clock moves, so that there is nothing to
wait for and a picture is the same on every machine.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import lru_cache
from typing import Any, cast

from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Input

from perftui.config.themes import load_theme
from perftui.domain.health import OwnCost
from perftui.link.client import Client, LinkState
from perftui.link.cost import CostMeter
from perftui.link.messages import Reply, Watch
from perftui.link.mirror import Mirror
from perftui.tui.app import PerftuiApp
from perftui.tui.driver.cells import cells_of
from perftui.tui.driver.meter import LinkFigures
from perftui.view.glyphs import UTF8
from tests.tui.snapshots.curves import NOW
from tests.tui.snapshots.worlds import World

DEADLINE_S = 60.0
# a text that takes one or more cells, and its look
Cell = tuple[str, str]


class Direct:
    """A client without a link: what is watched is there at once, and a question is answered at once."""

    state = LinkState.LIVE
    reason = ""

    def __init__(self, mirror: Mirror, world: World) -> None:
        self.mirror, self.world = mirror, world
        self._windows: dict[str, Watch] = {}
        self._tables: set[str] = set()

    @property
    def watched(self) -> frozenset[str]:
        return frozenset(self._windows)

    @property
    def watched_tables(self) -> frozenset[str]:
        return frozenset(self._tables)

    def watch(self, watch: Watch) -> None:
        self._windows[watch.watch] = watch
        if self.mirror.version:
            self.mirror.windows[watch.watch] = self.world.window(watch)

    def unwatch(self, name: str) -> None:
        self._windows.pop(name, None)
        self.mirror.windows.pop(name, None)

    def watch_table(self, name: str, wanted: bool) -> None:
        (self._tables.add if wanted else self._tables.discard)(name)
        table = self.world.table(name)
        if wanted and table is not None and name not in self.mirror.tables:
            self.mirror.tables[name] = table

    async def request(self, action: str, _: float = 0.0, **args: Any) -> Reply:
        return await self.begin(action, **args)[1]

    def begin(self, action: str, _: float = 0.0, **args: Any) -> tuple[int, Coroutine[Any, Any, Reply]]:
        return 1, self._answer(action, args)

    async def _answer(self, action: str, args: dict[str, Any]) -> Reply:
        if action not in self.world.answers:
            return Reply(1)
        try:
            return Reply(1, "", self.world.answers[action](args))
        except ValueError as wrong:
            return Reply(1, str(wrong))

    def cancel(self, number: int) -> None:
        """Nothing is ever under way."""


class _Cost:
    def read(self) -> OwnCost:
        return OwnCost(0.004, 31e6)


class Stage:
    """One console; ``play`` does something, ``cells`` is what is to be seen then."""

    def __init__(self, app: PerftuiApp, pilot: Pilot[int], direct: Direct) -> None:
        self.app, self.pilot, self._direct = app, pilot, direct

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, "it never happened"
            await self.pilot.pause(0.002)

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)

    async def become(self, world: World) -> None:
        """The world is another one from now on, and the screen shows it."""
        vars(self._direct.mirror).update(vars(world.mirror()))
        self._direct.world = world
        if self.app.live_screen is not None:
            self.app.live_screen.rewatch()
        await self.pilot.pause()

    async def cells(self) -> list[list[Cell]]:
        """Rows of cells, once everything has found its place."""
        for field in self.app.screen.query(Input):
            field.cursor_blink = False
        # what completes a line and what fills a list is looked up by workers
        await self.until(lambda: all(worker.is_finished for worker in self.app.workers))
        seen: list[list[Cell]] = []
        end = time.monotonic() + DEADLINE_S
        while True:
            if self.app.live_screen is not None:
                self.app.live_screen.rewatch()
            # every message is handled then; a pause without a time would wait for an idle machine besides
            await self.pilot.pause(0)
            before, seen = seen, self._read()
            if before == seen:
                return seen
            assert time.monotonic() < end, "the picture never comes to rest"

    def shows(self, text: str) -> bool:
        """Whether a line of the picture holds this text."""
        return any(text in "".join(cell for cell, _ in row) for row in self._read())

    def _read(self) -> list[list[Cell]]:
        rows = []
        for strip in self.app.screen._compositor.render_strips():
            row: list[Cell] = []
            for text, style, control in strip:
                if not control:
                    words = look(style)
                    row += [(cell, words) for cell in cells_of(text)]
            rows.append(row)
        return rows


@lru_cache(maxsize=4096)
def look(style: Style | None) -> str:
    """Colours and attributes in words: ``#d0d0d0 on #101010 bold``; empty is the terminal's own."""
    if style is None:
        return ""
    names = ("bold", "dim", "italic", "underline", "reverse", "strike")
    words = [_colour(style.color)]
    if style.bgcolor is not None and (ground := _colour(style.bgcolor)):
        words += ["on", ground]
    return " ".join(filter(None, (*words, *(name for name in names if getattr(style, name)))))


def _colour(colour: Any) -> str:
    if colour is None or colour.is_default:
        return ""
    return str(colour.triplet.hex if colour.triplet is not None else colour.name)


@contextlib.asynccontextmanager
async def stage(world: World, theme: str, screen: str, size: tuple[int, int]) -> AsyncIterator[Stage]:
    mirror = world.mirror()
    app = PerftuiApp(
        world.config,
        theme=load_theme(theme),
        glyphs=UTF8,
        mirror=mirror,
        launcher=None,
        wall=lambda: NOW,
        monotonic=lambda: 0.0,
        screen=screen,
        colour=theme != "monochrome",
        link=lambda: LinkFigures(0.038, 1100.0, 1.0, False),
    )
    direct = Direct(mirror, world)
    app.deck.client = cast(Client, direct)
    app.deck._cost = cast(CostMeter, _Cost())
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Stage(app, pilot, direct)
