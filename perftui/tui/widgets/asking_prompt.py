"""A prompt that stays until what was typed is taken: it tells what is wrong with it, and how long an answer takes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from perftui.domain.roles import Role
from perftui.tui.widgets.picture import Picture
from perftui.tui.widgets.prompt import Prompt
from perftui.view.glyphs import GlyphSet
from perftui.view.query_error import error_place
from perftui.view.text import Line, fit, text_width
from perftui.view.wrap import wrapped

_MESSAGE_ROWS = 4
_LAST_WORD = re.compile(r"[a-zA-Z0-9_:]*\Z")
_MOST_SHOWN = 40


class AskingPrompt(Prompt):
    """``ask`` takes the line and gives what is wrong with it, or nothing; ``cancel`` ends that early, ``progress`` says
    how it goes. ``told`` stands above the line, ``hint`` below it while there is nothing else to say.
    """

    DEFAULT_CSS = """
    AskingPrompt #told, AskingPrompt #message { width: 1fr; height: 0; background: $surface; }
    """

    def __init__(
        self,
        sign: str,
        *,
        ask: Callable[[str], Awaitable[str]],
        style_of: Callable[[Role], Style],
        glyphs: GlyphSet,
        cancel: Callable[[], None] = lambda: None,
        progress: Callable[[], str] = lambda: "",
        told: Callable[[int], tuple[Line, ...]] = lambda _: (),
        hint: str = "",
        text: str = "",
        complete: Callable[[str], list[str]] | None = None,
        history: list[str] | None = None,
    ) -> None:
        super().__init__(sign, text=text, complete=complete, history=history)
        self._ask, self._cancel, self._progress, self._hint = ask, cancel, progress, hint
        self._glyphs, self._tell = glyphs, told
        plain = not glyphs.braille
        self._told = Picture(style_of, ascii_only=plain, id="told")
        self._message = Picture(style_of, ascii_only=plain, id="message")
        self._asked = False
        self._error = ""
        self._refused = ""

    def compose(self) -> ComposeResult:
        yield self._told
        yield from super().compose()
        yield self._message

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def tick(self) -> None:
        """What is waited for gets older, and what completes the line may be known by now."""
        self._show()

    def on_resize(self) -> None:
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._submit()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c") and self._asked:
            self._cancel()
        elif event.key == "enter":
            self._submit()
        else:
            super().on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _submit(self) -> None:
        if not self._asked:
            self._asked, self._error = True, ""
            self.run_worker(self._wait(self._input.value))
            self._show()

    async def _wait(self, line: str) -> None:
        try:
            error = await self._ask(line)
        finally:
            self._asked = False
        if not error:
            self.dismiss(line)
            return
        self._error, self._refused = error, line
        place = error_place(error, line)
        if place is not None and self._input.value == line:
            self._input.cursor_position = place
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        width, height = self.size
        message = self._lines(width)[: max(0, min(_MESSAGE_ROWS, height - 1))]
        above = self._tell(width)[: max(0, height - 1 - len(message))]
        for picture, lines in ((self._told, above), (self._message, message)):
            picture.styles.height = len(lines)
            picture.show(lines)

    def _lines(self, width: int) -> tuple[Line, ...]:
        if self._asked:
            return self._said(f"{self._progress() or 'asking'}, esc cancels", Role.LABEL, width)
        # what is wrong stays until the line is another one, and then as long as nothing completes it
        found = () if self._error and self._input.value == self._refused else self._completions(width)
        if found:
            return (found,)
        if self._error:
            return (*self._caret(width), *self._said(f"{self._glyphs.bad} {self._error}", Role.BAD, width))
        return self._said(self._hint, Role.LABEL, width)

    @staticmethod
    def _said(text: str, role: Role, width: int) -> tuple[Line, ...]:
        return tuple(((" ", role), *line) for line in wrapped(text, role, max(1, width - 1))) if text else ()

    def _caret(self, width: int) -> tuple[Line, ...]:
        """A mark below the place that the error names, while the line is as it was refused and not scrolled."""
        place = error_place(self._error, self._refused)
        before = text_width(self._sign) + 1
        if place is None or self._input.value != self._refused or before + text_width(self._refused) >= width:
            return ()
        return (fit(((" " * (before + text_width(self._refused[:place])) + "^", Role.BAD),), width),)

    def _completions(self, width: int) -> Line:
        head = self._input.value[: self._input.cursor_position]
        word = _LAST_WORD.search(head)
        # within quotes everything since the quote belongs together
        start = head.rindex('"') + 1 if head.count('"') % 2 else word.start() if word is not None else len(head)
        found = [text[start:] for text in self._complete(head)[:_MOST_SHOWN] if text != head]
        if not found:
            return ()
        return fit(((" " + "  ".join(found), Role.LABEL),), width, self._glyphs.ellipsis)
