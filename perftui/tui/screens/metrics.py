"""The Metrics screen: choose a metric or type an expression, see it drawn, compare it, keep it as a panel."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from textual import events

from perftui.config.keymap import Scope
from perftui.config.meaning import id_problem
from perftui.config.panel_file import append_panel
from perftui.domain.errors import PerftuiError
from perftui.domain.roles import Role
from perftui.tui.deck import Deck
from perftui.tui.exploration import DRAW, EXEMPLARS, Exploration
from perftui.tui.live_screen import LiveScreen
from perftui.tui.promql import complete
from perftui.tui.widgets.asking_prompt import AskingPrompt
from perftui.tui.widgets.prompt import Prompt
from perftui.view.exploring import WATCH, Exploring, suggested
from perftui.view.frame import framed
from perftui.view.metrics import metrics_picture, metrics_watches
from perftui.view.metrics_chart import plot_entries
from perftui.view.panel_text import panel_id, panel_toml
from perftui.view.panels import indented
from perftui.view.text import Line, left
from perftui.view.watches import Wanted

_CANCELLED = "cancelled"
_HINT = "tab completes, up and down recall, ctrl+u clears, enter draws, esc leaves"


class MetricsScreen(LiveScreen):
    """What is explored stays while other screens are shown."""

    scope = Scope.METRICS

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.exploration = Exploration(deck, self.refresh_picture, self.rewatch, self._start)
        self._history: list[str] = []

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work)

    @property
    def exploring(self) -> Exploring:
        return self.exploration.exploring()

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        return metrics_picture(self.deck.scene(), self.exploring, width, height)

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        return metrics_watches(self.exploring, width, height, self.deck.playhead.span_s)

    def tick(self) -> None:
        """What is waited for gets older, and what failed may be asked again."""
        if self.is_current:
            self.exploration.look()
        if self.exploration.asking.busy:
            self.refresh_picture()

    def on_screen_resume(self) -> None:
        self.exploration.entered()
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        self.exploration.left()

    def refresh_picture(self) -> None:
        if self.is_current:
            self.exploration.look()
        super().refresh_picture()
        # labels that were asked for while somebody types complete the line at once
        if self.is_attached and isinstance(self.app.screen, AskingPrompt):
            self.app.screen.tick()

    # choosing

    def action_metrics_up(self) -> None:
        self._move(-1)

    def action_metrics_down(self) -> None:
        self._move(1)

    def action_metrics_page_up(self) -> None:
        self._move(-max(1, self.body_size[1] // 2))

    def action_metrics_page_down(self) -> None:
        self._move(max(1, self.body_size[1] // 2))

    def action_metrics_first(self) -> None:
        self._move(-len(self.exploring.listing.infos))

    def action_metrics_last(self) -> None:
        self._move(len(self.exploring.listing.infos))

    def _move(self, rows: int) -> None:
        self.exploration.move(rows)
        self.refresh_picture()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._move(3)

    def action_metrics_next_source(self) -> None:
        self.exploration.next_source(1)
        self.refresh_picture()

    def action_metrics_previous_source(self) -> None:
        self.exploration.next_source(-1)
        self.refresh_picture()

    def action_metrics_filter(self) -> None:
        before = self.exploration.filter

        def done(line: str | None) -> None:
            self.filter(before if line is None else line)

        self.app.push_screen(Prompt("filter ", text=before, on_typing=self.filter), done)

    def filter(self, text: str) -> None:
        """Leave only the metrics that match."""
        self.exploration.set_filter(text)
        self.refresh_picture()

    # the chart

    def draw(self, text: str, *, add: bool = False) -> None:
        """Put an expression on the chart; what is wrong with it stands there."""
        self._start(self._draw(text, add))

    async def _draw(self, text: str, add: bool) -> None:
        self.exploration.error = ""
        error = await self.exploration.draw(self.exploration.source, text, add=add)
        if error and error != _CANCELLED:
            self.exploration.error = f"{text}: {error}"
        self.refresh_picture()

    def _suggestion(self) -> str:
        info, source = self.exploration.selected, self.exploration.source
        return "" if info is None else suggested(info, expressions=self.exploration.takes_expressions(source))

    def action_metrics_draw(self) -> None:
        if text := self._suggestion():
            self.draw(text)

    def action_metrics_add(self) -> None:
        if text := self._suggestion():
            self.draw(text, add=True)

    def action_metrics_type(self) -> None:
        plots = self.exploration.plots
        known = len(plots) == 1 and plots[0].source == self.exploration.source
        self._type(plots[0].expr if known else self._suggestion(), add=False)

    def action_metrics_type_more(self) -> None:
        self._type("", add=True)

    def _type(self, text: str, *, add: bool) -> None:
        source = self.exploration.source
        if not source:
            self.app.notify("there is no source to ask yet: see above", severity="warning", markup=False)
            return
        takes = self.exploration.takes_expressions(source)

        async def ask(line: str) -> str:
            if not line.strip():
                return ""
            if line not in self._history[-1:]:
                self._history.append(line)
            return await self.exploration.draw(source, line, add=add)

        def completions(head: str) -> list[str]:
            return complete(head, self.exploration.names, self.exploration.labels_of, functions=takes)

        self.app.push_screen(
            AskingPrompt(
                f"{source}> ", text=text, ask=ask, complete=completions, history=self._history, hint=_HINT,
                cancel=lambda: self._cancel(DRAW), progress=lambda: self.exploration.asking.progress(DRAW),
                style_of=self.deck.skin.style, glyphs=self.deck.glyphs,
            )
        )  # fmt: skip

    def _cancel(self, purpose: str) -> None:
        self.exploration.asking.cancel(purpose)

    def action_metrics_remove(self) -> None:
        self.exploration.remove()

    def action_metrics_compare(self) -> None:
        self.exploration.compare()

    def action_metrics_exemplars(self) -> None:
        if self.exploration.shows_exemplars:
            self.exploration.hide_exemplars()
            return
        scene = self.deck.scene()
        self._start(self.exploration.ask_exemplars(scene.start, scene.end))

    def action_metrics_cursor_left(self) -> None:
        self.deck.move_cursor(-1)
        self.refresh_picture()

    def action_metrics_cursor_right(self) -> None:
        self.deck.move_cursor(1)
        self.refresh_picture()

    def action_metrics_leave(self) -> None:
        """One step back at a time."""
        exploration = self.exploration
        if exploration.asking.cancel(DRAW) or exploration.asking.cancel(EXEMPLARS):
            pass
        elif exploration.error:
            exploration.error = ""
        elif self.deck.cursor is not None:
            self.deck.cursor = None
        elif exploration.shows_exemplars:
            exploration.hide_exemplars()
        elif exploration.filter:
            exploration.set_filter("")
        self.refresh_picture()

    # keeping

    def action_metrics_save(self) -> None:
        exploring = self.exploring
        if not exploring.plots:
            self.app.notify("draw something first: it becomes the panel", severity="warning", markup=False)
            return
        taken = self.deck.config().panels

        async def check(line: str) -> str:
            name = line.strip()
            return f'there is a panel "{name}" already' if name in taken else id_problem(name)

        self.app.push_screen(
            AskingPrompt(
                "panel id ", text=panel_id(exploring.plots, taken), ask=check, hint="enter shows its text; esc leaves",
                style_of=self.deck.skin.style, glyphs=self.deck.glyphs,
            ),
            lambda line: self._keep(line.strip() if line else ""),
        )  # fmt: skip

    def _keep(self, name: str) -> None:
        """Show the panel's text; it goes into the file that is named, or only to the clipboard."""
        if not name:
            return
        scene, exploring = self.deck.scene(), self.exploring
        window = scene.window(WATCH)
        try:
            text = panel_toml(name, exploring.plots, () if window is None else plot_entries(scene, exploring, window))
        except PerftuiError as error:
            self.app.notify(str(error), severity="error", markup=False)
            return

        async def write(line: str) -> str:
            return self._write(line.strip(), name, text)

        self.app.push_screen(
            AskingPrompt(
                "add to file ", ask=write, told=lambda width: self._shown(text, width),
                hint="enter without a name copies it and writes nothing; esc leaves",
                style_of=self.deck.skin.style, glyphs=self.deck.glyphs,
            )
        )  # fmt: skip

    def _shown(self, text: str, width: int) -> tuple[Line, ...]:
        rows: list[Line] = [
            ((left(row, max(0, width - 4), self.deck.glyphs.ellipsis), Role.VALUE),) for row in text.splitlines()
        ]
        return framed(
            indented(rows), width=width, height=len(rows) + 2, title="Panel", focused=True, glyphs=self.deck.glyphs
        )

    def _write(self, file: str, name: str, text: str) -> str:
        """What is wrong, or nothing."""
        if not file:
            self.app.copy_to_clipboard(text)
            self.app.notify("copied, if the terminal allows it; nothing was written", markup=False)
            return ""
        try:
            path = append_panel(Path(file), name, text)
        except PerftuiError as error:
            return str(error)
        except OSError as error:
            return f"{file}: {error.strerror}"
        self.app.notify(f"{path}: [panels.{name}] is there; name it in [layouts.overview] to see it", markup=False)
        return ""
