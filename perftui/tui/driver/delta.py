"""A driver that sends changed cells only, waits for nobody, and never has more on its way than the link carries.

Textual's own re-sends whole pieces of lines, and stops the console while a slow link takes them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from perftui.tui.driver.abilities import Depth, at_depth
from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.pacing import Pace
from perftui.tui.driver.terminal import EarlyScreen, TerminalDriver
from perftui.tui.driver.writer import Writer


@dataclass(frozen=True)
class Abilities:
    """What the terminal and its link are able to; ``spell`` writes a text with the characters that it has."""

    depth: Depth
    erases_in_colour: bool
    spell: Callable[[str], str]
    budget: float | None


class DeltaDriver(TerminalDriver):
    """``abilities`` and ``meter`` belong to a class that ``choice`` makes: its object is made by Textual."""

    abilities: Abilities
    meter: LinkMeter

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._writer = Writer(
            self._quiet.send,
            super()._get_terminal_size(),
            look=partial(at_depth, depth=self.abilities.depth),
            pace=Pace(self.abilities.budget),
            meter=self.meter,
            monotonic=time.monotonic,
            erases_in_colour=self.abilities.erases_in_colour,
        )

    def send(self, data: str) -> None:
        self._writer.write(self.abilities.spell(data))

    def flush(self) -> None:
        self._writer.flush()

    def redraw(self) -> None:
        self._writer.redraw()

    @property
    def canvas(self) -> Writer:
        """Where our own pictures put their rows while nothing lies over them."""
        return self._writer

    def _get_terminal_size(self) -> tuple[int, int]:
        """Asked when the size changed, also in a signal handler; nobody knows what the terminal made of the picture."""
        size = super()._get_terminal_size()
        self._writer.resize(*size)
        return size

    def shows(self, early: EarlyScreen) -> None:
        self._writer.shows(early.drawn, early.width, early.height)

    def start_application_mode(self) -> None:
        self._quiet.shut = False
        self._writer.start()
        super().start_application_mode()
        if self._writer_thread is not None:
            # Textual's own: nothing was given to it
            self._writer_thread.stop()
            self._writer_thread = None
        self._writer.listen()

    def stop_application_mode(self) -> None:
        if not self._gone.is_set():
            self._writer.hush()
        super().stop_application_mode()

    def close(self) -> None:
        if not self._writer.stop():
            self._force()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition):
            self._writer.answered()
            return
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            # frames are marked here, where it is known how long they are
            self._writer.syncs = True
            return
        if isinstance(message, events.Resize):
            self._writer.told_size(*message.size)
        super().process_message(message)
