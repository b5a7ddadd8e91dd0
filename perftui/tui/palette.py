"""The palette (ctrl+p): the same commands, actions and themes as the prompt and the keys."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.errors import NoWidget
from textual.geometry import Region
from textual.widget import Widget
from textual.worker import Worker

from perftui.config.keymap import Binding, Scope
from perftui.tui.commands import Command
from perftui.tui.keys import shown, working

# the palette itself, screens that are commands already, and steps that nobody takes through a list
_MOVES = re.compile(r"palette|^screen\.|\.(up|down|page_up|page_down|first|last)$")

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


class Palette(CommandPalette):
    """Textual's, with our entries only."""

    def __init__(self) -> None:
        super().__init__(providers=[PerftuiCommands])

    def run_worker(self, work: Any, *args: Any, **options: Any) -> Worker[Any]:
        """Its search may still run when it is left, and then finds no list to fill: no reason to end the console."""
        return super().run_worker(work, *args, **{**options, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        """A list that has no lines yet (a terminal of one row) has nowhere to move; Textual would raise."""
        with contextlib.suppress(KeyError):
            super()._action_command_list(action)

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """A click that comes before it has a layout hits the palette itself, where Textual would raise."""
        try:
            return super().get_widget_at(x, y)
        except NoWidget:
            return self, self.region


def command_entries(
    commands: Iterable[Command], run: Callable[[str], None], begin: Callable[[str], None]
) -> list[Entry]:
    """Commands without an argument run at once, the others open the prompt with their name."""
    return [
        (command.name, command.description, partial(begin if command.takes else run, command.name))
        for command in commands
    ]


def key_entries(bindings: Iterable[Binding], scope: Scope, perform: Callable[[str], None]) -> list[Entry]:
    """What the keys of a screen do; keys that only move about in it are left out."""
    return [
        (binding.description, f"key {shown(binding.keys[0])}", partial(perform, binding.id))
        for binding in working(bindings, scope)
        if not _MOVES.search(binding.id)
    ]


def theme_entries(run: Callable[[str], None], names: Iterable[str]) -> list[Entry]:
    return [(f"theme {name}", "wear this theme", partial(run, f"theme {name}")) for name in names]
