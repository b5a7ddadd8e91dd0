"""The Agents screen: the figures of a pool, and its agents to sort and to filter."""

from __future__ import annotations

from typing import Any

from perftui.config.keymap import Scope
from perftui.tui.deck import Deck
from perftui.tui.table_screen import TableScreen
from perftui.view.agents import TABLES, Manning, agents_picture, agents_watches
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.watches import Wanted


class AgentsScreen(TableScreen):
    """The agents stay as they were while the console is frozen; keys work on."""

    scope = Scope.AGENTS

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.manning = Manning()
        self._seen: tuple[tuple[int, int], ...] = ()

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return TABLES

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        return agents_watches(self.manning, width, height)

    def current_table(self) -> TableModel[Any]:
        return self.manning.table

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        seen = self.deck.seen(TABLES)
        if seen != self._seen and not (self.deck.still and self._seen):
            self._seen = seen
            self.manning.update(self.deck.mirror)
        return agents_picture(self.deck.scene(), self.manning, width, height)

    def refresh_picture(self) -> None:
        """Drawing tells which agents are in sight; only these are watched."""
        super().refresh_picture()
        self.watch_needed()

    def action_agents_next_pool(self) -> None:
        self.manning.next_pool()
        self.manning.update(self.deck.mirror)
        self.refresh_picture()

    def action_agents_leave(self) -> None:
        self.filter("")
