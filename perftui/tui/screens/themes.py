"""The theme chooser: moving previews, enter keeps, escape goes back to what was worn before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from perftui.domain.roles import Role
from perftui.tui.deck import Deck
from perftui.tui.overlay import Overlay
from perftui.tui.widgets.picture import Picture
from perftui.view.frame import framed
from perftui.view.text import Line, left

_WIDTH = 34


class ThemesScreen(Overlay, ModalScreen[None]):
    """``wear`` puts a theme on; the screen behind shows what it looks like."""

    DEFAULT_CSS = """
    ThemesScreen { background: transparent; align: right top; }
    ThemesScreen:ansi { background: transparent; }
    ThemesScreen Picture { margin: 1 1; background: $surface; }
    """

    def __init__(self, deck: Deck, names: Sequence[str], wear: Callable[[str], bool]) -> None:
        super().__init__()
        self._deck, self._names, self._wear = deck, list(names), wear
        self._before = deck.skin.theme.name
        self._at = self._names.index(self._before) if self._before in self._names else 0
        self._picture = Picture(deck.skin.style)

    def compose(self) -> ComposeResult:
        yield self._picture

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        glyphs = self._deck.glyphs
        # the margin around it takes a cell on each side; a short screen shows the names around the chosen one
        width, room = min(_WIDTH, self.size.width - 2), max(1, self.size.height - 4)
        top = min(max(0, self._at - room // 2), max(0, len(self._names) - room))
        rows: list[Line] = []
        for index, name in list(enumerate(self._names))[top : top + room]:
            chosen = index == self._at
            sign = glyphs.folded if chosen else " "
            text = left(f" {sign} {name}", width - 2, glyphs.ellipsis)
            rows.append(((text, Role.SELECTED if chosen else Role.TEXT),))
        self._picture.styles.width, self._picture.styles.height = width, len(rows) + 2
        footer = "enter keeps, esc cancels" if width == _WIDTH else ""
        self._picture.show(
            framed(rows, width=width, height=len(rows) + 2, title="Theme", footer=footer, focused=True, glyphs=glyphs)
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
