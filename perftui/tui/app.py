"""The console: one app that owns link, clock and playhead, and shows one screen at a time."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual.await_complete import AwaitComplete
from textual.filter import NoColor

from perftui import __version__
from perftui.config.schema import Config
from perftui.config.themes import Theme, theme_names
from perftui.config.watch import ConfigWatch
from perftui.domain.text import clean
from perftui.link.client import Client, Launcher
from perftui.link.cost import CostMeter
from perftui.link.mirror import Mirror
from perftui.tui.actions import Actions
from perftui.tui.all_screens import made
from perftui.tui.commands import COMMANDS, control_commands
from perftui.tui.deck import Deck
from perftui.tui.driver.meter import LinkFigures
from perftui.tui.heard import Heard
from perftui.tui.live_screen import LiveScreen
from perftui.tui.messages import Act, Run
from perftui.tui.palette import Entry, command_entries, key_entries, theme_entries
from perftui.tui.panic import PanicApp
from perftui.tui.settling import settle
from perftui.tui.themes import Skin, begin_in
from perftui.tui.ticking import Ticking
from perftui.tui.uplink import Uplink
from perftui.tui.widgets.prompt import Prompt
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line


class PerftuiApp(PanicApp, inherit_bindings=False):
    """Everything is handed in. ``launcher`` None means that the mirror is filled already (a picture to be taken).

    ``controls`` are commands of whoever opens the console: they take what follows the name, never wait, and give what
    is to be said. ``news`` is asked once a second whether there is more to say, ``link`` how the terminal is reached,
    ``budgeted`` whether no more than a budget may be sent.
    """

    TITLE = "perftui"
    ENABLE_COMMAND_PALETTE = False  # with Textual's own key for it, which nobody could remap; ours is in palette.py
    CSS = """
    SearchIcon { display: none; }
    CommandPalette #--input, CommandPalette #--input.--list-visible, CommandPalette CommandList { border: none; }
    Toast { width: auto; max-width: 70%; padding: 0 1; }
    """

    def __init__(
        self,
        config: Config,
        *,
        theme: Theme,
        glyphs: GlyphSet,
        mirror: Mirror,
        launcher: Launcher | None,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        config_watch: ConfigWatch | None = None,
        config_path: Path | None = None,
        screen: str = "",
        colour: bool = True,
        controls: Mapping[str, Callable[[str], str]] | None = None,
        news: Callable[[], str] = lambda: "",
        link: Callable[[], LinkFigures | None] = lambda: None,
        budgeted: bool = False,
    ) -> None:
        super().__init__()
        if not colour:
            self.no_color = True
            self._filters.append(NoColor())
        client = Client(mirror, __version__, self._updated, self._link_changed)
        self.deck = Deck(
            config, mirror, client, Skin(theme), glyphs, wall, CostMeter(monotonic), monotonic, controls or (), link,
            budgeted,
        )  # fmt: skip
        self.config_path = config_path
        self._config_watch, self._monotonic = config_watch, monotonic
        self._first = screen or config.screen.value
        self._live: dict[str, LiveScreen] = {}
        self._updated_at: float | None = None
        self._uplink = (
            None if launcher is None else Uplink(self.deck, launcher, self._draw, self._handle_exception, self.say)
        )
        self.controls, self._news = dict(controls or {}), news
        self.control_commands = control_commands(self.controls)
        self._actions = Actions(self)
        self._heard = Heard(lambda: self._driver, urxvt=os.environ.get("TERM", "").startswith("rxvt"))
        self._leaving: int | None = None
        self.failure: str | None = None
        begin_in(self, theme)

    def get_default_screen(self) -> LiveScreen:
        """Where we begin is the first screen that there is: one below it would be made, styled and never seen."""
        screen = self._live_screen(self._first)
        # what is shown last gives way to another screen; Textual forgets to keep this for the one that it begins with
        screen._push_result_callback(self, None)
        return screen

    def leave(self, code: int) -> None:
        """End with this exit code, at any moment: a signal may come before there is anything to end."""
        self._leaving = code
        if self.is_running:
            self.exit(code)

    def _fatal_error(self) -> None:
        """Keep the traceback for the log; the terminal is restored before anybody hears of it.

        Textual would print it with the values of variables, which may hold what nobody should read.
        """
        if (error := self._exception) is not None:
            self.failure = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self._close_messages_no_wait()

    def on_mount(self) -> None:
        if self._leaving is not None:
            self.exit(self._leaving)
            return
        if self._uplink is not None:
            self._uplink.start()
            self.set_interval(1.0, self._tick)
        self.call_after_refresh(settle)

    def go(self, name: str) -> LiveScreen:
        """Show a screen."""
        screen = self._live_screen(name)
        if self.screen is not screen:
            while not isinstance(self.screen, LiveScreen):
                self.pop_screen()
            self.switch_screen(screen)
        return screen

    def _live_screen(self, name: str) -> LiveScreen:
        """The screen of that name; it is made when it is asked for first."""
        if name not in self._live:
            self._live[name] = made(name, self.deck)
            # an installed screen outlives being switched away from
            self.install_screen(self._live[name], name)
        return self._live[name]

    def pop_screen(self) -> AwaitComplete:
        """What is left twice, by two keys in one moment, must not take the live screen below it along."""
        return AwaitComplete() if isinstance(self.screen, LiveScreen) else super().pop_screen()

    @property
    def live_screen(self) -> LiveScreen | None:
        """The live screen on top, also when a prompt or a list lies over it."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, LiveScreen)), None)

    def shown_lines(self) -> tuple[Line, ...]:
        screen = self.live_screen
        return () if screen is None else screen.picture(*screen.body_size)

    def restyle(self) -> None:
        for screen in self._live.values():
            if screen.is_attached:
                screen.restyle()

    def say(self, text: str, *, bad: bool = False) -> None:
        """A short notice that goes by itself."""
        if text:
            self.notify(
                clean(text, 400), severity="error" if bad else "information", timeout=6 if bad else 3, markup=False
            )

    def on_act(self, message: Act) -> None:
        self._actions.act(message.binding)
        message.done = True
        for key in message.ahead:
            self.screen.post_message(key)

    def on_run(self, message: Run) -> None:
        self._actions.run(message.command)

    def palette_entries(self) -> list[Entry]:
        def begin(name: str) -> None:
            self.push_screen(Prompt(":", text=f"{name} "), lambda line: self._actions.run(line or ""))

        screen = self.live_screen
        keys = [] if screen is None else key_entries(self.deck.bindings, screen.scope, screen.perform)
        own = command_entries((*COMMANDS, *self.control_commands), self._actions.run, begin)
        return [*own, *keys, *theme_entries(self._actions.run, theme_names())]

    def restart_session(self) -> None:
        if self._uplink is not None:
            self._uplink.start()

    def ask(self, action: str, done: str, *, lasting: bool = False, **args: Any) -> None:
        """Ask the session without waiting; its answer is said when it comes."""
        if self._uplink is not None:
            self._uplink.ask(action, done, lasting=lasting, **args)

    def _updated(self) -> None:
        self._updated_at = self._monotonic()
        self._heard.look(self.deck.mirror.alerts, self.deck.config().notify)
        if self.deck.profiles_changed():
            self._rewatch()
        changed = self.deck.windows_changed() or not self.deck.still
        if changed or self.deck.banner:
            self.deck.banner = ""
            self._draw()

    def _link_changed(self) -> None:
        if self._uplink is not None and self.is_running:
            self._uplink.changed()

    def _draw(self) -> None:
        screen = self.live_screen
        if screen is not None and screen.is_attached:
            screen.refresh_picture()

    def _rewatch(self) -> None:
        screen = self.live_screen
        if screen is not None:
            screen.rewatch()

    def _tick(self) -> None:
        """Once a second: is the configuration another one, is the session still talking?"""
        self._reload()
        self.say(self._news())
        for screen in list(self.screen_stack):
            if isinstance(screen, Ticking):
                screen.tick()
        if self._uplink is not None and self._updated_at is not None:
            self._uplink.look(self._monotonic() - self._updated_at)

    def _reload(self) -> None:
        loaded = None if self._config_watch is None else self._config_watch.poll()
        if loaded is None:
            return
        if loaded.problems:
            more = f" (and {len(loaded.problems) - 1} more)" if len(loaded.problems) > 1 else ""
            self.say(f"{loaded.problems[0]}{more}; the configuration before stays in force", bad=True)
            return
        old = self.deck.config()
        self.deck.configure(loaded.config)
        if loaded.config.theme != old.theme:
            self._actions.wear(loaded.config.theme)
        self._rewatch()
        self.say("configuration read again")
