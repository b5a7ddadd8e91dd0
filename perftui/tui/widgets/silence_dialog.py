"""The dialog of a silence: what it matches, for how long, why, by whom and where, with a live count of what it hides.

The comment has the focus, as everything else is filled in: typing it and enter make a silence. One that is refused, or
that must be asked for again, says so before anything is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from perftui.config.values import parse_span
from perftui.domain.matchers import parse_matchers
from perftui.domain.roles import Role
from perftui.domain.triage import Matcher
from perftui.tui.overlay import Overlay
from perftui.tui.widgets.picture import Picture
from perftui.view.alerts_silencing import Form, Preview, preview_words
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, fit
from perftui.view.wrap import wrapped

# a preview looks through all alerts: not at every key
_TYPING_S = 0.2
_FIELDS = ("matchers", "duration", "comment", "author", "at")
_ROWS = 3
_HINTS = ("enter silences", "tab next field", "duration 15m 1h 4h 8h, or any such as 90m", "esc leaves")


class Given(NamedTuple):
    """What the fields begin with."""

    title: str
    matchers: str
    duration: str
    author: str
    sources: str


class SilenceDialog(Overlay, ModalScreen[None]):
    """``preview`` tells what matchers would hide; ``silence`` makes it (the bool: it was asked for again) and gives
    what is wrong with it, or nothing: then the dialog closes.
    """

    # another field would get what is typed until this one is asked for
    AUTO_FOCUS = "#comment"
    DEFAULT_CSS = """
    SilenceDialog { background: transparent; align: left bottom; }
    SilenceDialog:ansi { background: transparent; }
    SilenceDialog .row { layout: horizontal; height: 1; width: 1fr; background: $surface; }
    SilenceDialog Label { width: 11; color: $accent; padding: 0 0 0 1; }
    SilenceDialog Input { border: none; height: 1; padding: 0; background: $surface; width: 1fr; }
    SilenceDialog Input:focus { border: none; }
    SilenceDialog Picture { width: 1fr; height: 1; background: $surface; }
    """

    def __init__(
        self,
        given: Given,
        *,
        preview: Callable[[tuple[Matcher, ...]], Awaitable[Preview | str]],
        silence: Callable[[Form, bool], Awaitable[str]],
        style_of: Callable[[Role], Style],
        glyphs: GlyphSet,
    ) -> None:
        super().__init__()
        self._given, self._ask_preview, self._silence, self._glyphs = given, preview, silence, glyphs
        values = (given.matchers, given.duration, "", given.author, given.sources)
        self._values = dict(zip(_FIELDS, values, strict=True))
        self._fields = {
            name: Input(value=self._values[name], compact=True, select_on_focus=name == "duration", id=name)
            for name in _FIELDS
        }
        self._fields["at"].placeholder = "all Alertmanagers that allow it"
        plain = not glyphs.braille
        self._head = Picture(style_of, rows=1, ascii_only=plain)
        self._message = Picture(style_of, rows=_ROWS, ascii_only=plain)
        self._previewed: tuple[str, Preview | str] | None = None
        self._previewing = self._asked = False
        # what stood in the fields when it was sent too early, and when it was refused
        self._waits: tuple[str, ...] | None = None
        self._refused: tuple[str, ...] = ()
        self._confirmed = ""
        self._error = ""

    def compose(self) -> ComposeResult:
        from textual.containers import Container  # only the dialog needs it

        yield self._head
        for name in _FIELDS:
            with Container(classes="row"):
                yield Label(name)
                yield self._fields[name]
        yield self._message

    def on_mount(self) -> None:
        self._fields["matchers"].cursor_position = 0
        self._look()
        self._show()

    def on_resize(self) -> None:
        self._show()

    # what it would hide

    def on_input_changed(self, event: Input.Changed) -> None:
        # a field also tells what it began with
        if self._values.get(name := str(event.input.id)) == event.value:
            return
        self._values[name] = event.value
        if self._refused != self._texts():
            # what was typed before enter may be told after it
            self._error = ""
        if name == "matchers":
            self._confirmed = ""
            self._look()
        self._show()

    def _look(self) -> None:
        """Ask what the matchers hide, unless that is being asked: then it is asked again when the answer came."""
        if not self._previewing:
            self._previewing = True
            self.run_worker(self._preview())

    async def _preview(self) -> None:
        try:
            while self._previewed is None or self._previewed[0] != self._text("matchers"):
                text = self._text("matchers")
                self._previewed = text, await self._asked_for(text)
                self._show()
                await asyncio.sleep(_TYPING_S)
        finally:
            self._previewing = False
        waits, self._waits = self._waits, None
        if waits == self._texts():
            self._submit()

    async def _asked_for(self, text: str) -> Preview | str:
        try:
            matchers = parse_matchers(text)
        except ValueError as error:
            return str(error)
        return await self._ask_preview(matchers) if matchers else "at least one matcher: else all would be silent"

    def _known(self) -> Preview | str | None:
        """The preview of what stands there now."""
        known = self._previewed
        return known[1] if known is not None and known[0] == self._text("matchers") else None

    def _text(self, name: str) -> str:
        return self._fields[name].value.strip()

    def _texts(self) -> tuple[str, ...]:
        return tuple(self._text(name) for name in _FIELDS)

    # keys

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._submit()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            self.dismiss(None)
        elif event.key in ("tab", "down", "shift+tab", "up"):
            self._step(1 if event.key in ("tab", "down") else -1)
        elif event.key == "enter":
            # only keys that were typed before a field had the focus come here
            self._submit()
        elif event.is_printable and event.character:
            self._fields["comment"].insert_text_at_cursor(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def _step(self, step: int) -> None:
        names = list(_FIELDS)
        at = next((place for place, name in enumerate(names) if self._fields[name].has_focus), 2)
        self._fields[names[(at + step) % len(names)]].focus()

    def _submit(self) -> None:
        if self._asked:
            return
        try:
            form = self._form()
        except ValueError as error:
            self._refuse(str(error))
            return
        known = self._known()
        if known is None:
            self._waits = self._texts()
            self._look()
        elif isinstance(known, str) or known.problem:
            self._refuse(known if isinstance(known, str) else known.problem)
        elif known.ask and self._confirmed != self._text("matchers"):
            self._confirmed = self._text("matchers")
        else:
            self._asked = True
            self.run_worker(self._make(form))
        self._show()

    def _form(self) -> Form:
        if not self._text("comment"):
            self._fields["comment"].focus()
            raise ValueError("a comment is needed: others want to know why it is silent")
        duration_s = parse_span(self._text("duration"))
        if duration_s <= 0:
            raise ValueError("a silence lasts longer than nothing")
        sources = tuple(name.strip() for name in self._text("at").split(",") if name.strip())
        return Form(
            parse_matchers(self._text("matchers")), duration_s, self._text("comment"), self._text("author"), sources
        )

    async def _make(self, form: Form) -> None:
        try:
            error = await self._silence(form, bool(self._confirmed))
        finally:
            self._asked = False
        if not error:
            self.dismiss(None)
            return
        # what it would hide may be more by now
        self._previewed, self._confirmed = None, ""
        self._look()
        self._refuse(error)

    def _refuse(self, error: str) -> None:
        self._error, self._refused = error, self._texts()
        self._show()

    # what it shows

    def _show(self) -> None:
        if not self.is_mounted:
            return
        width = self.size.width
        self._head.show((fit(((f" {self._given.title}", Role.TITLE),), width, self._glyphs.ellipsis),))
        lines = self._lines(max(1, width - 2))
        self._message.show(tuple(fit(((" ", Role.TEXT), *line), width) for line in lines[:_ROWS]))

    def _lines(self, width: int) -> tuple[Line, ...]:
        glyphs, known = self._glyphs, self._known()
        if self._asked:
            told: tuple[Line, ...] = wrapped("asking for the silence", Role.LABEL, width)
        elif self._error:
            told = wrapped(f"{glyphs.bad} {self._error}", Role.BAD, width)
        elif known is None:
            told = wrapped("counting what it matches", Role.LABEL, width)
        elif isinstance(known, str):
            told = wrapped(f"{glyphs.bad} {known}", Role.BAD, width)
        elif known.problem:
            told = wrapped(f"{glyphs.bad} {known.problem}", Role.BAD, width)
        else:
            told = wrapped(preview_words(known), Role.WATCH if known.others else Role.VALUE, width)
            if known.ask:
                again = "enter again makes it" if self._confirmed else "it will be asked again"
                told = (*told, *wrapped(f"{glyphs.watch} {known.ask}: {again}", Role.WATCH, width))
        hint = f" {self._glyphs.separator} ".join(_HINTS)
        return (*told[: _ROWS - 1], *wrapped(hint, Role.LABEL, width)[:1])
