"""What all live screens share: a status line, a picture, a key line, and keys that come from the keymap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from perftui.config.keymap import Binding, Scope
from perftui.tui.deck import Deck
from perftui.tui.keys import action_name, key_table, shown, working
from perftui.tui.messages import Act
from perftui.tui.widgets.picture import Canvas, Picture
from perftui.tui.widgets.prompt import Prompt
from perftui.view.status import key_line, status_line
from perftui.view.text import Line
from perftui.view.watches import Wanted


class LiveScreen(Screen[None]):
    """Subclasses say what the picture is and which windows and tables it needs; the rest is handed in as the deck."""

    scope = Scope.APP

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self.deck = deck
        plain = not deck.glyphs.braille
        self._status = Picture(deck.skin.style, rows=1, ascii_only=plain, id="status")
        self._body = Picture(deck.skin.style, ascii_only=plain, id="body")
        self._fitted = (0, 0)
        self._asked: Act | None = None
        self._key_line: tuple[tuple[Binding, ...], int, frozenset[str], Line] | None = None
        self._keys = Picture(deck.skin.style, rows=1, ascii_only=plain, id="keys")

    def compose(self) -> ComposeResult:
        yield self._status
        yield self._body
        yield self._keys

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        """``height`` lines of ``width`` cells."""
        raise NotImplementedError

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        """The windows that the picture is drawn from."""
        return ()

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        """The tables that the picture is drawn from."""
        return ()

    def focused_text(self) -> tuple[Line, ...]:
        """What copying takes."""
        return self.picture(*self.body_size)

    @property
    def body_size(self) -> tuple[int, int]:
        """The room between status line and key line; below 4 lines the status line is all there is."""
        width, height = self.size
        return width, max(0, height - 2)

    def on_screen_resume(self) -> None:
        self.rewatch()

    def on_resize(self) -> None:
        # Textual tells one size several times over while it begins
        if self.body_size != self._fitted:
            self._fitted = self.body_size
            self.rewatch()

    def rewatch(self) -> None:
        """The picture's size, or its moment, changed: watch what it needs now, and draw."""
        self.watch_needed()
        self.refresh_picture()

    def watch_needed(self) -> None:
        """Watch exactly what the picture needs now; what is watched already costs nothing."""
        width, height = self.body_size
        if width and height and self.is_current:
            self.deck.watch(self.wanted(width, height))
            self.deck.watch_tables(self.tables(width, height))

    def refresh_picture(self) -> None:
        """Draw what is known now; rows that did not change are not sent."""
        width, height = self.body_size
        if not width or not self.is_attached:
            return
        scene = self.deck.scene()
        pictures: dict[Picture, tuple[Line, ...]] = {
            self._status: (status_line(scene, width, self.deck.own_cost(), self.deck.link_line()),),
            self._keys: (self.key_line(width),),
        }
        if height:
            pictures[self._body] = self.picture(width, height)
        self._paint({picture: picture.take(lines) for picture, lines in pictures.items()})

    def _paint(self, changed: Mapping[Picture, Sequence[int]]) -> None:
        canvas, until = self._canvas(), self._uncovered()
        if canvas is not None and until is not None:
            drawn = (item for one, ours in changed.items() for item in one.spans(ours, canvas).items())
            rows = {y: spans for y, spans in drawn if y < until}
            if not rows or canvas.draw(rows, self._body.pen(None, canvas), self.size):
                if isinstance(above := self.app.screen, Prompt):
                    above.forget_below()
                return
        for picture, ours in changed.items():
            picture.repaint(ours)

    def _canvas(self) -> Canvas | None:
        """Where rows can be drawn without Textual: a driver of ours, while nothing lies over the pictures."""
        if not self._body.region:
            return None
        for child in self.children:
            if child.display and not isinstance(child, Picture) and (child.children or not child.is_container):
                return None
        # Textual has no public name for it; drivers that know no cells have no canvas
        return getattr(self.app._driver, "canvas", None)

    def _uncovered(self) -> int | None:
        """Rows from the top that nothing hides: all, or those above a prompt; None where more may lie over them."""
        above = self.app.screen
        if above is self:
            return self.size.height
        if isinstance(above, Prompt) and self.app.screen_stack[-2:] == [self, above]:
            return above.top
        return None

    def key_line(self, width: int) -> Line:
        """The keys that matter here; help last, as it stays longest."""
        known, idle = self._key_line, self.idle_keys()
        if known is None or known[:3] != (self.deck.bindings, width, idle):
            known = self._key_line = (self.deck.bindings, width, idle, self._written_keys(width, idle))
        return known[3]

    def idle_keys(self) -> frozenset[str]:
        """Ids of bindings that would do nothing with what is shown now."""
        return frozenset()

    def _written_keys(self, width: int, idle: frozenset[str]) -> Line:
        works = working(self.deck.bindings, self.scope)
        chosen = [binding for binding in works if binding.footer and binding.id not in idle]
        # a screen's own keys, then time and commands; other screens come before help
        chosen.sort(key=lambda binding: (binding.id == "app.help", binding.scope is Scope.APP))
        plain = not self.deck.glyphs.braille
        pairs = [(shown(binding.keys[0], ascii_only=plain), binding.description) for binding in chosen]
        return key_line(pairs, width, self.deck.glyphs.ellipsis)

    def restyle(self) -> None:
        """Another theme is worn."""
        for picture in self.query(Picture):
            picture.restyle()

    def on_key(self, event: events.Key) -> None:
        """Our keymap decides; what it does not know is left to Textual."""
        if self._typed_ahead(event):
            return
        binding = key_table(self.deck.bindings, self.scope).get(event.key)
        if binding is None:
            return
        _take(event)
        self.perform(binding.id)

    def perform(self, binding_id: str) -> None:
        """What a key does: the screen's own action, else one of the app's."""
        action = getattr(self, action_name(binding_id), None)
        if action is not None:
            action()
        else:
            self._asked = Act(binding_id)
            self.post_message(self._asked)

    def _typed_ahead(self, event: events.Key) -> bool:
        """Whether the key came too late for this screen: what lies above it, or will in a moment, gets it."""
        if self._asked is not None and not self._asked.done:
            self._asked.ahead.append(_copy(event))
        elif not self.is_active:  # below a prompt that lets it shine through it is still "current"
            self.app.screen.post_message(_copy(event))
        else:
            return False
        _take(event)
        return True


def _take(event: events.Key) -> None:
    event.stop()
    event.prevent_default()


def _copy(event: events.Key) -> events.Key:
    return events.Key(event.key, event.character)
