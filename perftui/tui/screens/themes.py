"""The theme chooser: moving previews, enter keeps, escape goes back to what was worn before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from perftui.domain.roles import Role
from perftui.tui.deck import Deck
from perftui.tui.widgets.picture import Picture
from perftui.view.frame import framed
from perftui.view.text import Line, left


class ThemesScreen(ModalScreen[None]):
    """``wear`` puts a theme on; the screen behind shows what it looks like."""

    DEFAULT_CSS = """
    ThemesScreen { background: transparent; align: right top; }
    ThemesScreen Picture { width: 34; height: auto; margin: 1 1; background: $surface; }
    """

    def __init__(self, deck: Deck, names: Sequence[str], wear: Callable[[str], bool]) -> None:
        super().__init__()
        self._deck, self._names, self._wear = deck, list(names), wear
        self._before = deck.skin.theme.name
        self._at = self._names.index(self._before) if self._before in self._names else 0
        self._picture = Picture(deck.skin.style)

    def compose(self) -> ComposeResult:
        yield self._picture

    def on_mount(self) -> None:
        self._draw()

    def _draw(self) -> None:
        glyphs = self._deck.glyphs
        rows: list[Line] = []
        for index, name in enumerate(self._names):
            chosen = index == self._at
            sign = glyphs.folded if chosen else " "
            rows.append(((left(f" {sign} {name}", 32), Role.SELECTED if chosen else Role.TEXT),))
        footer = "enter keeps, esc cancels"
        self._picture.styles.height = len(rows) + 2
        self._picture.show(
            framed(rows, width=34, height=len(rows) + 2, title="Theme", footer=footer, focused=True, glyphs=glyphs)
        )

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in ("up", "k", "down", "j"):
            self._at = (self._at + (-1 if event.key in ("up", "k") else 1)) % len(self._names)
            self._wear(self._names[self._at])
            self._picture.restyle()
            self._draw()
        elif event.key == "enter":
            self.dismiss(None)
        elif event.key in ("escape", "q", "ctrl+c"):
            self._wear(self._before)
            self.dismiss(None)
