"""The palette (ctrl+p): the same commands, actions and themes as the prompt and the keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from perftui.tui.commands import COMMANDS

Entry = tuple[str, str, Callable[[], None]]


class PerftuiCommands(Provider):
    """Asks the app for its entries: titles, explanations and what they do."""

    def _entries(self) -> list[Entry]:
        entries = getattr(self.app, "palette_entries", None)
        return entries() if entries is not None else []

    async def discover(self) -> Hits:
        for title, text, act in self._entries():
            yield DiscoveryHit(title, act, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, text, act in self._entries():
            score = matcher.match(f"{title} {text}")
            if score > 0:
                yield Hit(score, matcher.highlight(title), act, help=text)


def command_entries(run: Callable[[str], None], begin: Callable[[str], None]) -> list[Entry]:
    """Commands without an argument run at once, the others open the prompt with their name."""
    return [
        (command.name, command.description, partial(begin if command.takes else run, command.name))
        for command in COMMANDS
    ]
