"""Rows that our pictures draw without Textual look like what Textual would draw, whatever lies over them."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Screen
from perftui.tui.driver.writer import Writer
from perftui.tui.live_screen import LiveScreen
from tests.tui.console import Console, console
from tests.tui.driver.pair import Pair
from tests.tui.driver.test_recorded_sessions import SIZE, Recorder
from tests.tui.test_any_keys import rows
from tests.unit.view.work_rows import CONFIG


class Drawing(Recorder):
    """A driver with a canvas."""

    pair: Pair

    @property
    def canvas(self) -> Writer:
        return self.pair.writer

    def write(self, data: str) -> None:
        self.pair.writer.write(data)

    def flush(self) -> None:
        self.pair.writer.flush()


class Drawn:
    """A console on our terminal, beside what Textual's compositor says that is to be seen."""

    def __init__(self, one: Console, pair: Pair) -> None:
        self.one, self.pair = one, pair

    def same(self) -> bool:
        """Whether our terminal shows what Textual would paint if it painted everything now."""
        return self.differing_rows() == set()

    def differing_rows(self) -> set[int]:
        """The rows that do not look so. To look is to have Textual paint everything once more, a moment later."""
        app = self.one.app
        whole = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        self.pair.stock.write(whole.render_segments(app.console).replace("\n", "\r\n"))  # type: ignore[union-attr]
        while self.pair.writer.pending:
            sent, _ = self.pair.writer.take(1_000_000)
            self.pair.ours.write(sent.decode())
        return {y for y, *_ in self.pair.differences()}

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.one.pilot.press(key)
            await self.one.until(self.same)

    async def fill(self, value: float, **more: Any) -> None:
        """Something new is to be shown."""
        before = self.one.app.deck.mirror.version
        self.one.session.fill(value)
        self.one.session.push(**more)
        await self.one.until(lambda: self.one.app.deck.mirror.version >= before + 2)
        await self.one.until(self.same)


class Pictures:
    """Those that were drawn without Textual: their rows, and which of them did not look right at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: list[set[int]] = []
        self.wrong: list[set[int]] = []
        self._patch = monkeypatch

    def beside(self, drawn: Drawn) -> Drawn:
        """Look at all that is drawn from now on: Textual heals it when it next paints for another reason."""
        draw, paint = drawn.pair.writer.draw, LiveScreen._paint

        def counted(rows: Any, *others: Any) -> bool:
            done = draw(rows, *others)
            self.rows.extend([set(rows)] * done)
            return done

        def compared(screen: LiveScreen, changed: Any) -> None:
            before = len(self.rows)
            paint(screen, changed)
            self.wrong.extend(drawn.differing_rows() & rows for rows in self.rows[before:])

        self._patch.setattr(drawn.pair.writer, "draw", counted)
        self._patch.setattr(LiveScreen, "_paint", compared)
        return drawn


def draw(monkeypatch: pytest.MonkeyPatch, play: Any, config: Config = CONFIG, **more: Any) -> list[int]:
    """How many rows each picture had that was drawn without Textual; they looked right at once."""
    pair, pictures = Pair(*SIZE), Pictures(monkeypatch)
    monkeypatch.setattr(Drawing, "pair", pair, raising=False)
    monkeypatch.setattr("textual.pilot.HeadlessDriver", Drawing)
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", Drawing)

    async def opened() -> None:
        async with console(config, SIZE, **more) as one:
            await one.until(lambda: one.session.received)
            await play(pictures.beside(Drawn(one, pair)))

    asyncio.run(opened())
    assert not any(pictures.wrong)
    return [len(rows) for rows in pictures.rows]


@pytest.mark.parametrize("screen", [screen.value for screen in Screen])
def test_what_changes_on_a_screen_looks_as_textual_would_draw_it(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(screen)

    async def play(drawn: Drawn) -> None:
        for value in (0.2, 0.7, 0.71):
            await drawn.fill(value, tables=rows(chance))
            await drawn.press("down")
        for keys in (("question_mark",), ("escape", "colon", "w"), ("escape", "ctrl+p"), ("escape", "T", "down")):
            await drawn.press(*keys)
            await drawn.fill(chance.random(), tables=rows(chance))
        await drawn.press("escape", "space", "space")
        await drawn.fill(0.9)

    assert draw(monkeypatch, play, screen=screen)


def test_nothing_is_drawn_over_what_lies_above(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(drawn: Drawn) -> None:
        await drawn.fill(0.2)
        drawn.one.app.notify("a notice", timeout=600)
        await drawn.one.until(lambda: drawn.same() and "a notice" in drawn.pair.ours.text)
        monkeypatch.setattr(drawn.pair.writer, "draw", lambda *_: pytest.fail("the notice may be painted over"))
        await drawn.fill(0.8)
        assert "a notice" in drawn.pair.ours.text

    assert draw(monkeypatch, play)


def test_what_changes_above_a_prompt_is_drawn_without_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(drawn: Drawn) -> None:
        await drawn.fill(0.2)
        await drawn.press("colon", "w")
        textual = "perftui.tui.widgets.picture.Picture.repaint"
        monkeypatch.setattr(textual, lambda *_: pytest.fail("Textual paints what is above"))
        await drawn.fill(0.8)
        await drawn.press("x")

    assert draw(monkeypatch, play)


def test_another_theme_is_worn_by_rows_that_are_drawn_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(drawn: Drawn) -> None:
        await drawn.fill(0.2)
        await drawn.one.command("theme light")
        drawn.one.app.clear_notifications()
        await drawn.one.until(lambda: not drawn.one.screen.query("Toast"))
        await drawn.fill(0.8)
        await drawn.fill(0.1)

    # how many updates are one picture is a matter of speed; what each looks like was compared
    assert len(draw(monkeypatch, play)) > 1


def test_blanks_of_what_is_turned_over_without_colours_stay_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(drawn: Drawn) -> None:
        await drawn.fill(0.2)
        await drawn.one.command("theme monochrome")
        drawn.one.app.clear_notifications()
        await drawn.one.until(lambda: not drawn.one.screen.query("Toast"))
        # beyond every limit
        for value in (0.99, 1.0):
            await drawn.fill(value)

    assert len(draw(monkeypatch, play, DEFAULTS)) > 1
