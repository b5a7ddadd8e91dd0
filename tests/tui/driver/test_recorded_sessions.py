"""Sessions on every screen, with keys, overlays, prompts and resizes: our terminal shows what Textual's own would."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from textual.drivers import headless_driver
from textual.drivers.headless_driver import HeadlessDriver

from perftui.config.schema import Screen
from tests.tui.console import Console, console
from tests.tui.driver.pair import Pair
from tests.tui.snapshots import loaded
from tests.tui.snapshots.pictures import explore
from tests.tui.snapshots.stage import Stage, stage
from tests.tui.snapshots.worlds import WORLDS
from tests.tui.test_any_keys import rows
from tests.unit.view.work_rows import CONFIG

SIZE = (120, 40)
SIZES = [(80, 24), (40, 10), (20, 5), (3, 2), (150, 45)]


class Recorder(HeadlessDriver):
    """Takes what is drawn, as a driver with a terminal does."""

    frames: list[str]

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.frames.append(data)


class Watched:
    """A console beside the two terminals that it is drawn on."""

    def __init__(self, one: Console | Stage, frames: list[str]) -> None:
        self.one, self._frames = one, frames
        self.pair = Pair(*SIZE)
        self.compared = 0

    def look(self) -> None:
        """Every frame since the last look is shown and compared."""
        frames, self._frames[:] = self._frames[:], []
        for frame in frames:
            self.pair.frame(frame)
            if "H" in frame:
                self.compared += 1
                assert self.pair.differences() == []

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.one.pilot.press(key)
            await self.one.pilot.pause()
            self.look()

    async def resize(self, width: int, height: int) -> None:
        self.look()
        await self.one.pilot.resize_terminal(width, height)
        # frames of the old size that were on their way are of no interest: a full one follows
        frames, self._frames[:] = self._frames[:], []
        self.pair.resize(width, height)
        for frame in frames:
            self.pair.frame(frame)
        assert self.pair.differences() == []


def recording(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on every console without a terminal puts what it draws here."""
    frames: list[str] = []
    monkeypatch.setattr(Recorder, "frames", frames, raising=False)
    monkeypatch.setattr(headless_driver, "HeadlessDriver", Recorder)
    monkeypatch.setattr("textual.pilot.HeadlessDriver", Recorder)
    return frames


def watch(monkeypatch: pytest.MonkeyPatch, play: Any, **more: Any) -> Watched:
    frames = recording(monkeypatch)

    async def opened() -> Watched:
        async with console(CONFIG, SIZE, **more) as one:
            watched = Watched(one, frames)
            await one.until(lambda: one.session.received)
            await play(watched)
            watched.look()
            return watched

    return asyncio.run(opened())


@pytest.mark.parametrize("screen", [screen.value for screen in Screen])
def test_a_session_on_every_screen_looks_the_same(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(screen)

    async def play(watched: Watched) -> None:
        session = watched.one.session
        for value in (0.2, 0.7, 0.71):
            session.fill(value)
            session.push(tables=rows(chance))
            await watched.press("down")
        await watched.press("question_mark", "escape", "colon", "w", "backspace", "escape", "T", "down", "escape")
        await watched.press("ctrl+p", "m", "escape", "e", "escape", "slash", "x", "escape")
        for width, height in SIZES:
            await watched.resize(width, height)
            await watched.press("down", "question_mark", "escape")

    watched = watch(monkeypatch, play, screen=screen)
    assert watched.compared > 20
    # cells that did not change are what Textual's own driver sends most of
    assert watched.pair.our_bytes < watched.pair.stock_bytes / 2


@pytest.mark.parametrize("screen", [screen.value for screen in Screen])
def test_screens_full_of_real_figures_look_the_same(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = recording(monkeypatch)

    async def play() -> Watched:
        async with stage(WORLDS["normal"](), "dark", screen, SIZE) as on:
            watched = Watched(on, frames)
            if screen == "metrics":
                await explore(on)
                await watched.press("B")
                await on.until(lambda: on.shows("/checkout"))
                await watched.press("escape")
            if screen == "load":
                await on.become(loaded.listed())
                await watched.press("N")
                await on.until(lambda: on.shows("3 000 requests"))
                await watched.press("escape", "enter")
                for state in (loaded.starting, loaded.sending, loaded.done):
                    await on.become(state())
                    await watched.press("enter", "escape")
            for world in ("overloaded", "failing", "empty", "normal"):
                await on.become(WORLDS[world]())
                await watched.press("down", "tab")
            await watched.resize(80, 24)
            await watched.press("space", "shift+left", "e")
            return watched

    watched = asyncio.run(play())
    assert watched.compared > 8
    assert watched.pair.our_bytes < watched.pair.stock_bytes
