"""The big chart: what the Metrics screen shows, drawn over the whole terminal with axes, title and legend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from perftui.domain.roles import Role
from perftui.tui.deck import Deck
from perftui.tui.overlay import Overlay
from perftui.tui.plot import Figure, drawn, figure
from perftui.tui.widgets.picture import Picture
from perftui.view.exploring import Exploring
from perftui.view.text import Line, fit


class BigChart(Overlay, ModalScreen[None]):
    """Follows the clock like any other chart; any key closes it."""

    DEFAULT_CSS = "BigChart { background: $background; }"

    def __init__(self, deck: Deck, exploring: Callable[[], Exploring]) -> None:
        super().__init__()
        self._deck, self._exploring = deck, exploring
        self._picture = Picture(deck.skin.style, ascii_only=not deck.glyphs.braille)
        self._shown: tuple[Figure, int, int] | None = None
        self._drawing = False

    def compose(self) -> ComposeResult:
        yield self._picture

    def tick(self) -> None:
        """Newer samples are on the chart."""
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        found = figure(self._deck.scene(), self._exploring(), width, height)
        if found is None:
            text = "Nothing to draw yet: enter draws the selected metric. Any key closes."
            self._picture.show((fit(((text, Role.LABEL),), width),))
        elif not self._drawing and self._shown != (found, width, height):
            self._drawing = True
            self._shown = (found, width, height)
            self.run_worker(self._drawn(found, width, height))

    async def _drawn(self, found: Figure, width: int, height: int) -> None:
        try:
            lines: tuple[Line, ...] = await asyncio.to_thread(drawn, found, width, height)
        finally:
            self._drawing = False
        if self.is_mounted:
            self._picture.show(lines)
        if (width, height) != self.size:
            self._draw()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        self.dismiss(None)

    def on_click(self) -> None:
        self.dismiss(None)
