"""Help: the keys of the screen that one comes from, then those that work everywhere."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from perftui.config.keymap import Scope
from perftui.domain.roles import Role
from perftui.tui.commands import COMMANDS
from perftui.tui.deck import Deck
from perftui.tui.keys import shown, working
from perftui.tui.overlay import Overlay
from perftui.tui.widgets.picture import Picture
from perftui.view.frame import framed
from perftui.view.help import help_lines
from perftui.view.text import Line


class HelpScreen(Overlay, ModalScreen[None]):
    """Scrolls when it is longer than the screen; any other key leaves."""

    DEFAULT_CSS = "HelpScreen { background: $background; }"

    def __init__(self, deck: Deck, scope: Scope) -> None:
        super().__init__()
        self._deck, self._scope = deck, scope
        self._picture = Picture(deck.skin.style)
        self._top = 0

    def compose(self) -> ComposeResult:
        yield self._picture

    def on_resize(self) -> None:
        self._draw()

    def _lines(self, width: int) -> tuple[Line, ...]:
        plain = not self._deck.glyphs.braille
        rows: dict[Scope, list[tuple[str, str]]] = {self._scope: [], Scope.APP: []}
        for binding in working(self._deck.bindings, self._scope):
            keys = " ".join(shown(key, ascii_only=plain) for key in binding.keys[:3])
            section = Scope.APP if binding.scope is Scope.APP else self._scope
            rows[section].append((keys, binding.description))
        sections = [(f"Keys of the {self._scope.value} screen", rows[self._scope]), ("Everywhere", rows[Scope.APP])]
        commands = [(f":{command.name}", command.description) for command in COMMANDS]
        return help_lines([*sections, ("Commands", commands)], width, self._deck.glyphs.ellipsis)

    def _draw(self) -> None:
        width, height = self.size
        lines = self._lines(max(1, width - 4))
        room = max(1, height - 2)
        self._top = min(self._top, max(0, len(lines) - room))
        body = tuple(((" ", Role.TEXT), *line) for line in lines[self._top : self._top + room])
        more = "↑↓ scroll, any other key closes" if len(lines) > room else "any key closes"
        footer = more if self._deck.glyphs.braille else more.replace("↑↓", "up, down")
        self._picture.show(
            framed(body, width=width, height=height, title="Help", footer=footer, glyphs=self._deck.glyphs)
        )

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10, "space": 10}
        if event.key in steps:
            self._top = max(0, self._top + steps[event.key])
            self._draw()
        else:
            self.dismiss(None)

    def on_click(self) -> None:
        self.dismiss(None)
