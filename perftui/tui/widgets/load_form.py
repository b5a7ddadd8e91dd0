"""The form of a load: every field prefilled, what it would send said below, and nothing sent before that is known.

What has to be typed for a target that is far away, or production, becomes fields of its own once the session asks for
it. In a low terminal the fields scroll.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Label
from textual.widgets.input import Selection

from perftui.domain.roles import Role
from perftui.tui.overlay import Overlay
from perftui.tui.widgets.picture import Picture
from perftui.view.glyphs import GlyphSet
from perftui.view.load_form import (
    CHOICES,
    CONFIRMATIONS,
    ENGINE_FIELDS,
    FIELDS,
    HINTS,
    FieldError,
    Judged,
    field_of,
    missing,
    plan_of,
    preview_lines,
)
from perftui.view.text import Line, fit
from perftui.view.wrap import wrapped

# a plan is judged when somebody stops typing: looking a host up is not free
_TYPING_S = 0.3
_ROWS = 4
_KEYS = ("enter starts", "tab, up, down: next field", "esc leaves")
Plan = Mapping[str, Any]


class _Field(Input):
    """Its keys are the form's: who types fast leaves a field before that has seen all that was typed into it.

    A field of Textual's handles printable keys itself and all others later, when they have come up to the app.
    """

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Key | events.Paste):
            return self.screen.post_message(message)
        return super().post_message(message)

    def put(self, text: str) -> None:
        """In the place of what is selected."""
        self.replace(text, *self.selection)

    def select(self) -> None:
        """All of it: what is typed next replaces it."""
        self.selection = Selection(0, len(self.value))

    async def act(self, key: str) -> bool:
        """What the key does in a line of text; whether it does anything."""
        found = self._bindings.key_to_bindings.get(key, ())
        for binding in found:
            await self.app.run_action(binding.action, self)
        return bool(found)


class LoadForm(Overlay, ModalScreen[bool]):
    """``judge`` says what a plan would send or what is wrong with it; ``start`` begins it and gives what is wrong, or
    nothing: then the form closes with True.
    """

    # what Textual gives the focus to gets it later, when somebody may have gone on already
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    LoadForm { background: transparent; align: left bottom; }
    LoadForm:ansi { background: transparent; }
    LoadForm .row { layout: horizontal; height: 1; width: 1fr; background: $surface; }
    LoadForm Label { width: 14; color: $accent; padding: 0 0 0 1; }
    LoadForm Input { border: none; height: 1; padding: 0; background: $surface; width: 1fr; }
    LoadForm Input:focus { border: none; }
    LoadForm Picture { width: 1fr; height: 1; background: $surface; }
    """

    def __init__(
        self,
        values: Mapping[str, str],
        recent: Sequence[str],
        *,
        judge: Callable[[Plan], Awaitable[Judged | str]],
        start: Callable[[Plan, Mapping[str, str]], Awaitable[str]],
        style_of: Callable[[Role], Style],
        glyphs: GlyphSet,
    ) -> None:
        super().__init__()
        self._judge, self._start, self._glyphs = judge, start, glyphs
        self._choices: dict[str, Sequence[str]] = {**CHOICES, "url": recent}
        self._values = {name: values[name] for name in (*FIELDS, *ENGINE_FIELDS, *CONFIRMATIONS)}
        self._inputs = {
            name: _Field(value=value, compact=True, select_on_focus=False, id=name)
            for name, value in self._values.items()
        }
        plain = not glyphs.braille
        self._head = Picture(style_of, rows=1, ascii_only=plain)
        self._message = Picture(style_of, rows=_ROWS, ascii_only=plain)
        self._judged: tuple[dict[str, Any], Judged | str] | None = None
        self._judging = self._asked = False
        # what stood in the fields when it was sent before it was judged
        self._waits: dict[str, str] | None = None
        self._error: FieldError | None = None
        self._rows: dict[str, Container] = {}
        self._top = 0

    def compose(self) -> ComposeResult:
        yield self._head
        for name, field in self._inputs.items():
            self._rows[name] = Container(Label(name), field, classes="row")
            yield self._rows[name]
        yield self._message

    def on_mount(self) -> None:
        self.set_focus(self._inputs["url"])
        self._look()
        self._show()

    def on_resize(self) -> None:
        self._show()

    @property
    def values(self) -> dict[str, str]:
        """The fields as they stand."""
        return dict(self._values)

    def _texts(self) -> dict[str, str]:
        return {name: field.value for name, field in self._inputs.items()}

    # what it would send

    def on_input_changed(self, event: Input.Changed) -> None:
        name = str(event.input.id)
        if self._values.get(name) == event.value:  # a field also tells what it began with
            return
        self._values[name], self._error = event.value, None
        if name not in CONFIRMATIONS:
            self._look()
        self._show()

    def on_descendant_focus(self) -> None:
        self._show()

    def _plan(self) -> dict[str, Any] | FieldError:
        try:
            return plan_of(self._values)
        except FieldError as error:
            return error

    def _look(self) -> None:
        """Ask what would be sent, unless that is being asked: then it is asked again when the answer came."""
        if not self._judging and isinstance(self._plan(), dict):
            self._judging = True
            self.run_worker(self._ask())

    async def _ask(self) -> None:
        try:
            while isinstance(plan := self._plan(), dict) and self._known() is None:
                await asyncio.sleep(_TYPING_S if self._judged is not None and self._waits is None else 0)
                if self._plan() != plan:
                    continue
                self._judged = plan, await self._judge(plan)
                self._show()
        finally:
            self._judging = False
        waits, self._waits = self._waits, None
        if waits == self._texts():
            self._submit()

    def _known(self) -> Judged | str | None:
        """What the session said of what stands there now."""
        return self._judged[1] if self._judged is not None and self._judged[0] == self._plan() else None

    # keys

    async def on_key(self, event: events.Key) -> None:
        steps = {"tab": 1, "down": 1, "shift+tab": -1, "up": -1}
        if event.key in ("escape", "ctrl+c"):
            self.dismiss(False)
        elif event.key in steps:
            self._step(steps[event.key])
        elif event.key in ("pageup", "pagedown"):
            self._choose(-1 if event.key == "pageup" else 1)
        elif event.key == "enter":
            self._submit()
        elif event.is_printable and event.character:
            self._field().put(event.character)
        elif not await self._field().act(event.key):
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """One line; a tab leads to the next field, as if it was typed."""
        for at, part in enumerate(event.text.partition("\n")[0].split("\t")):
            if at:
                self._step(1)
            self._field().put("".join(char for char in part if char.isprintable()))
        event.stop()

    def _names(self) -> list[str]:
        """The fields that are there: an engine's where there are several, a confirmation's once it is needed."""
        known = self._judged[1] if self._judged is not None else None
        needs = known.needs if isinstance(known, Judged) else ()
        if isinstance(known, Judged):
            self._choices["engine"] = known.engines
        several = len(self._choices.get("engine", ())) > 1
        ours = ENGINE_FIELDS if self._inputs["engine"].value.strip().lower() == "locust" else ENGINE_FIELDS[:1]
        return [*FIELDS, *(ours if several else ()), *(name for name in CONFIRMATIONS if name in needs)]

    def _focused(self) -> str:
        # a field learns a moment later that it has the focus; the first keys come before one has it
        return next((name for name, field in self._inputs.items() if field is self.focused), "url")

    def _field(self) -> _Field:
        return self._inputs[self._focused()]

    def _step(self, step: int) -> None:
        names = self._names()
        at = names.index(self._focused()) if self._focused() in names else 0
        # at once: what is typed next is meant for that field
        self.set_focus(self._inputs[names[(at + step) % len(names)]])
        self._field().select()

    def _choose(self, step: int) -> None:
        """The next value of a field that has a few."""
        name = self._focused()
        choices = self._choices.get(name, ())
        if choices:
            field = self._inputs[name]
            now = field.value.strip()
            at = choices.index(now) + step if now in choices else 0
            field.value = choices[at % len(choices)]
            field.cursor_position = len(field.value)

    def _submit(self) -> None:
        if self._asked:
            return
        # what was typed before a field had the focus is told a moment later
        self._values = self._texts()
        plan, known = self._plan(), self._known()
        if isinstance(plan, FieldError):
            self._refuse(plan)
        elif known is None:
            self._waits = dict(self._values)
            self._look()
        elif isinstance(known, str):
            self._refuse(FieldError(field_of(known), known))
        elif known.problems:
            self._refuse(FieldError(field_of(known.problems[0]), "; ".join(known.problems)))
        elif (lacks := missing(known, self._values)) is not None:
            self._refuse(lacks)
        else:
            self._asked = True
            self.run_worker(self._begin(plan))
        self._show()

    async def _begin(self, plan: Plan) -> None:
        try:
            error = await self._start(plan, {name: self._values[name].strip() for name in CONFIRMATIONS})
        finally:
            self._asked = False
        if not error:
            self.dismiss(True)
            return
        self._refuse(FieldError(field_of(error), error))

    def _refuse(self, error: FieldError) -> None:
        self._error = error
        if self.is_mounted:
            self.set_focus(self._inputs[error.field])
            self._show()

    # what it shows

    def _show(self) -> None:
        if not self.is_mounted:
            return
        width, height = self.size
        names = self._names()
        room = max(1, height - 1 - _ROWS)
        at = names.index(self._focused()) if self._focused() in names else 0
        self._top = max(0, min(self._top, at, len(names) - room), at - room + 1)
        seen = names[self._top : self._top + room]
        for name in self._inputs:
            self._rows[name].display = name in seen
        self._message.styles.height = max(1, min(_ROWS, height - len(seen)))
        self._head.display = height > len(seen) + 1
        title = (
            "New load"
            if len(seen) == len(names)
            else f"New load, fields {self._top + 1} to {self._top + len(seen)} of {len(names)}"
        )
        self._head.show((fit(((f" {title}", Role.TITLE),), width, self._glyphs.ellipsis),))
        lines = self._lines(max(1, width - 2))
        self._message.show(tuple(fit(((" ", Role.TEXT), *line), width) for line in lines[:_ROWS]))

    def _lines(self, width: int) -> tuple[Line, ...]:
        """What is wrong or what would be sent, what this field takes, then the keys."""
        told = self._told(width)
        hint = wrapped(f"{self._focused()}: {HINTS[self._focused()]}", Role.LABEL, width)[:1]
        keys = wrapped(f" {self._glyphs.separator} ".join(_KEYS), Role.KEY, width)[:1]
        return (*told[: _ROWS - len(hint) - len(keys)], *hint, *keys)

    def _told(self, width: int) -> tuple[Line, ...]:
        plan, known, bad = self._plan(), self._known(), self._glyphs.bad
        if self._asked:
            return wrapped("starting: one request first", Role.LABEL, width)
        if self._error is not None:
            return wrapped(
                f"{bad} {self._error.field}: {str(self._error).removeprefix(f'{self._error.field}: ')}", Role.BAD, width
            )
        if isinstance(plan, FieldError):
            role = Role.LABEL if plan.field == "url" and not self._values["url"] else Role.BAD
            return wrapped(str(plan) if role is Role.LABEL else f"{bad} {plan}", role, width)
        if known is None:
            return wrapped("looking the host up and judging the plan", Role.LABEL, width)
        if isinstance(known, str) or known.problems:
            text = known if isinstance(known, str) else "; ".join(known.problems)
            return wrapped(f"{bad} {text}", Role.BAD, width)
        lacks = missing(known, self._values)
        needs = () if lacks is None else wrapped(f"{self._glyphs.watch} {lacks}", Role.WATCH, width)
        return (
            (*preview_lines(self._values, known, width)[:1], *needs)
            if needs
            else preview_lines(self._values, known, width)
        )
