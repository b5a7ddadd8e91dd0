"""The key that stops a load works whatever lies over the screens: nobody closes a dialog first in need."""

from __future__ import annotations

from abc import abstractmethod

from textual.app import App
from textual.events import Event, Key

from perftui.config.keymap import PANIC
from perftui.tui.deck import Deck


class PanicApp(App[int], inherit_bindings=False):
    """An app whose panic key reaches no widget while a load runs."""

    deck: Deck

    @abstractmethod
    def say(self, text: str, *, bad: bool = False) -> None:
        """A short notice that goes by itself."""

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and self.deck.loads.running is not None and event.key in self._panic_keys():
            event.stop()
            self.stop_load()
            return
        await super().on_event(event)

    def _panic_keys(self) -> frozenset[str]:
        return frozenset(key for binding in self.deck.bindings if binding.id == PANIC for key in binding.keys)

    def stop_load(self) -> None:
        """Stop the load that runs, at once and without a question."""
        if self.deck.loads.running is None:
            self.say("no load runs")
        else:
            self.run_worker(self._stopped())

    async def _stopped(self) -> None:
        error = await self.deck.loads.stop()
        self.say(error or "load stopped", bad=bool(error))
