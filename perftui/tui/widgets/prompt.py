"""The prompt at the bottom: one line to type a command or a filter, with completion and a history."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widgets import Input, Label

from perftui.tui.overlay import Overlay


class _Completer(Suggester):
    def __init__(self, complete: Callable[[str], list[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next((line for line in self._complete(value) if line != value), None)


# when what was drawn is on its way to the terminal
_AFTER_S = 0.03


def _nothing(_: str) -> list[str]:
    return []


class Prompt(Overlay, ModalScreen[str | None]):
    """Dismissed with the line, or with None on escape. ``on_typing`` is told every change."""

    DEFAULT_CSS = """
    Prompt { background: transparent; align: left bottom; }
    Prompt:ansi { background: transparent; }
    Prompt #row { layout: horizontal; height: 1; width: 1fr; background: $surface; }
    Prompt Label { width: auto; color: $accent; text-style: bold; padding: 0 0 0 1; }
    Prompt Input { border: none; height: 1; padding: 0; background: $surface; width: 1fr; }
    Prompt Input:focus { border: none; }
    """

    def __init__(
        self,
        sign: str,
        *,
        text: str = "",
        complete: Callable[[str], list[str]] | None = None,
        history: list[str] | None = None,
        on_typing: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._sign, self._text, self._complete = sign, text, complete or _nothing
        self._history = history if history is not None else []
        self._place = len(self._history)
        self._draft = text
        self._on_typing = on_typing
        self._below_is_old = False
        # selected when it gets the focus, what was typed until then would be typed over
        completer = None if complete is None else _Completer(complete)
        self._input = Input(value=text, suggester=completer, compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        from textual.containers import Container  # only the prompt needs it

        with Container(id="row"):
            yield Label(self._sign)
            yield self._input

    @property
    def top(self) -> int | None:
        """The terminal's row from which on the prompt hides everything; None where more lies over what is below."""
        tops = []
        for child in self.children:
            if child.display and (child.children or not child.is_container):
                if child.region.width < self.size.width:
                    return None
                if child.region.height:
                    tops.append(child.region.y)
        return min(tops, default=None)

    def forget_below(self) -> None:
        """What lies below was drawn without Textual: it looks at it anew before it paints, or soon.

        Textual takes all that is below for each letter, so it is ready when the next one comes.
        """
        if not self._below_is_old:
            self._below_is_old = True
            self.set_timer(_AFTER_S, self._compositor.render_strips)

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._below_is_old:
            self._below_is_old = False
            self._set_dirty()
        return super().render_lines(crop)

    def on_mount(self) -> None:
        self._input.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._on_typing(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            self.dismiss(None)
        elif event.key == "tab":
            self._accept()
        elif event.key in ("up", "down"):
            self._recall(-1 if event.key == "up" else 1)
        elif event.key == "enter":
            # only keys that were typed before the input had the focus come here
            self.dismiss(self._input.value)
        elif event.is_printable and event.character:
            self._input.replace(event.character, *self._input.selection)
        else:
            return
        event.stop()
        event.prevent_default()

    def _accept(self) -> None:
        """The longest beginning that all completions of the text before the cursor share, or the only one."""
        at = self._input.cursor_position
        head, tail = self._input.value[:at], self._input.value[at:]
        found = self._complete(head)
        if not found:
            return
        # what the first and the last in the alphabet share, all of them do
        low, high = min(found), max(found)
        shared = low[: next((at for at, char in enumerate(low) if high[at : at + 1] != char), len(low))]
        longer = shared if len(shared) > len(head) else found[0]
        self._input.value = longer + tail
        self._input.cursor_position = len(longer)

    def _recall(self, step: int) -> None:
        """An older line or a newer one; behind the newest stands what was being typed."""
        place = min(max(0, self._place + step), len(self._history))
        if place == self._place:
            return
        if self._place == len(self._history):
            self._draft = self._input.value
        self._place = place
        self._input.value = self._history[place] if place < len(self._history) else self._draft
        self._input.cursor_position = len(self._input.value)
