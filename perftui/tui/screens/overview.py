"""The Overview screen: arranged panels, a focused one, one that fills the screen, and a cursor that reads values."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events

from perftui.config.keymap import Scope
from perftui.config.schema import PanelKind
from perftui.tui.deck import Deck
from perftui.tui.live_screen import LiveScreen
from perftui.view.layout import Region
from perftui.view.overview import overview_length, overview_picture, overview_regions, overview_tables, overview_watches
from perftui.view.text import Line, Span, char_width, text_width
from perftui.view.watches import Wanted


class OverviewScreen(LiveScreen):
    """Panels from the configuration's ``overview`` layout."""

    scope = Scope.OVERVIEW

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._focused = ""
        self._expanded = ""
        self._top = 0

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        return overview_picture(
            self.deck.scene(), width, height, focused=self._focused, expanded=self._expanded, top=self._top
        )

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        return overview_watches(self.deck.config(), self._regions(width, height), self.deck.mirror)

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return overview_tables(self.deck.config(), self._regions(width, height))

    def refresh_picture(self) -> None:
        """Agents come into sight and leave it while nobody touches a key; other panels watch what they watched."""
        super().refresh_picture()
        panels = self.deck.config().panels
        if any(panels[name].kind is PanelKind.AGENTS for name in self._regions(*self.body_size)):
            self.watch_needed()

    def focused_text(self) -> tuple[Line, ...]:
        """The focused panel's lines; the whole picture when none is focused."""
        width, height = self.body_size
        region = self._regions(width, height).get(self._focused)
        lines = self.picture(width, height)
        if region is None or self._expanded:
            return lines
        return tuple(cut(line, region.x, region.width) for line in lines[region.y : region.y + region.height])

    def action_panel_next(self) -> None:
        self._focus_panel(1)

    def action_panel_previous(self) -> None:
        self._focus_panel(-1)

    def action_panel_expand(self) -> None:
        if self._expanded:
            self.action_panel_collapse()
            return
        if not self._focused:
            self._focus_panel(1)
        self._expanded, self._top = self._focused, 0
        self.rewatch()

    def action_panel_up(self) -> None:
        self._scroll(-1)

    def action_panel_down(self) -> None:
        self._scroll(1)

    def _scroll(self, lines: int) -> None:
        """Through an expanded panel that says more than there is room for."""
        if self._expanded:
            width, height = self.body_size
            most = overview_length(self.deck.scene(), self._expanded, width) - height
            self._top = max(0, min(self._top + lines, most))
            self.refresh_picture()

    def action_panel_collapse(self) -> None:
        if self.deck.cursor is not None:
            self.deck.cursor = None
        elif self._expanded:
            self._expanded = ""
        else:
            self._focused = ""
        self.rewatch()

    def action_panel_cursor_left(self) -> None:
        self.deck.move_cursor(-1)
        self.refresh_picture()

    def action_panel_cursor_right(self) -> None:
        self.deck.move_cursor(1)
        self.refresh_picture()

    def on_click(self, event: events.Click) -> None:
        width, height = self.body_size
        row = event.y - 1
        for name, region in self._regions(width, height).items():
            inside = region.x <= event.x < region.x + region.width and region.y <= row < region.y + region.height
            if inside:
                again, self._focused = self._focused == name, name
                if again:
                    self.action_panel_expand()
        self.refresh_picture()

    def _regions(self, width: int, height: int) -> dict[str, Region]:
        return overview_regions(self.deck.config(), width, height, self._expanded)

    def _focus_panel(self, step: int) -> None:
        width, height = self.body_size
        names = list(overview_regions(self.deck.config(), width, height))
        if not names:
            return
        at = names.index(self._focused) + step if self._focused in names else (0 if step > 0 else -1)
        self._focused = names[at % len(names)]
        if self._expanded:
            self._expanded, self._top = self._focused, 0
            self.rewatch()
        self.refresh_picture()


def cut(line: Line, x: int, width: int) -> Line:
    """The part of a line that stands in ``width`` cells from ``x`` on."""
    result: list[Span] = []
    at = 0
    for text, role in line:
        piece = "".join(char for offset, char in _placed(text, at) if x <= offset < x + width)
        if piece:
            result.append((piece, role))
        at += text_width(text)
    return tuple(result)


def _placed(text: str, at: int) -> Iterator[tuple[int, str]]:
    for char in text:
        yield at, char
        at += char_width(char)
