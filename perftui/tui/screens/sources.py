"""The Sources screen: the health of every source, of the journal and of the session."""

from __future__ import annotations

from perftui.config.keymap import Scope
from perftui.tui.deck import Deck
from perftui.tui.live_screen import LiveScreen
from perftui.view.sources import sources_picture
from perftui.view.text import Line


class SourcesScreen(LiveScreen):
    """One line a source; the selected one is explained below the list."""

    scope = Scope.SOURCES

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._selected = 0

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        return sources_picture(self.deck.scene(), width, height, selected=self._selected)

    def action_sources_up(self) -> None:
        self._select(self._selected - 1)

    def action_sources_down(self) -> None:
        self._select(self._selected + 1)

    def _select(self, index: int) -> None:
        self._selected = min(max(0, index), max(0, len(self.deck.mirror.sources) - 1))
        self.refresh_picture()
