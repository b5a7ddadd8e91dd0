"""What the app does when a key or a command asks for it: everything that is the same on all screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.config.keymap import Scope
from perftui.config.paths import state_folder
from perftui.config.themes import load_theme, theme_names
from perftui.config.values import parse_span
from perftui.domain.errors import PerftuiError
from perftui.domain.units import format_span
from perftui.tui.commands import completions, parse
from perftui.tui.driver.terminal import TerminalDriver
from perftui.tui.export import as_csv, as_json, write
from perftui.tui.palette import Palette
from perftui.tui.playhead import Playhead
from perftui.tui.table_screen import TableScreen
from perftui.tui.themes import textual_theme
from perftui.tui.widgets.prompt import Prompt
from perftui.view.marks import fault_is_on, marks_of
from perftui.view.text import plain

if TYPE_CHECKING:
    from perftui.tui.app import PerftuiApp
    from perftui.tui.screens.host import HostScreen
    from perftui.tui.screens.load import LoadScreen
    from perftui.tui.screens.metrics import MetricsScreen


class Actions:
    """One method a binding (``screen.host`` is ``screen_host``) and one a command (``do_window``)."""

    def __init__(self, app: PerftuiApp) -> None:
        self._app = app
        self._deck = app.deck
        self._history: list[str] = []
        self._warned_of = ""

    def act(self, binding_id: str) -> None:
        """Carry out a binding; what it can't do is said."""
        self._attempt(getattr(self, binding_id.replace(".", "_")))

    def run(self, line: str) -> None:
        """Carry out a command line; what is wrong with it is said, nothing is lost."""
        if not line.strip():
            return
        self._history.append(line)

        def carry_out() -> None:
            command, argument = parse(line, self._app.control_commands)
            if command in self._app.control_commands:
                self._app.say(self._app.controls[command.name](argument))
            else:
                getattr(self, f"do_{command.name}")(argument)

        self._attempt(carry_out)

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (ValueError, PerftuiError) as error:
            self._app.say(str(error), bad=True)
        except OSError as error:
            self._app.say(f"{error.filename}: {error.strerror}", bad=True)

    # screens

    def screen_overview(self) -> None:
        self._app.go("overview")

    def screen_workflow(self) -> None:
        self._app.go("workflow")

    def screen_agents(self) -> None:
        self._app.go("agents")

    def screen_metrics(self) -> None:
        self._app.go("metrics")

    def screen_alerts(self) -> None:
        self._app.go("alerts")

    def screen_load(self) -> None:
        self._app.go("load")

    def screen_host(self) -> None:
        self._app.go("host")

    def screen_sources(self) -> None:
        self._app.go("sources")

    def do_overview(self, _: str) -> None:
        self._app.go("overview")

    def do_workflow(self, _: str) -> None:
        self._app.go("workflow")

    def do_agents(self, _: str) -> None:
        self._app.go("agents")

    def do_metrics(self, expr: str) -> None:
        screen = self._metrics()
        if expr:
            screen.draw(expr)

    def do_alerts(self, words: str) -> None:
        screen = self._app.go("alerts")
        if words and isinstance(screen, TableScreen):
            screen.filter(words)

    def do_load(self, words: str) -> None:
        if words == "stop":
            self.app_panic()
            return
        screen = self._load()
        if words:
            from perftui.view.load_form import from_command

            screen.new_load(from_command(words))

    def _load(self) -> LoadScreen:
        from perftui.tui.screens.load import LoadScreen

        screen = self._app.go("load")
        if not isinstance(screen, LoadScreen):
            raise TypeError("the load screen is not what it should be")
        return screen

    def app_panic(self) -> None:
        self._app.stop_load()

    def do_host(self, _: str) -> None:
        self._app.go("host")

    def do_sources(self, _: str) -> None:
        self._app.go("sources")

    # the app

    def app_quit(self) -> None:
        """A load that ends with this console is worth a second press."""
        held = self._deck.loads.held if self._deck.loads.running is not None else ""
        if held and self._warned_of != held:
            self._warned_of = held
            self._app.say(
                "a load runs and stops with this console: D on screen 7 detaches it, q again leaves", bad=True
            )
        else:
            self._app.exit(0)

    def do_quit(self, _: str) -> None:
        self.app_quit()

    def app_help(self) -> None:
        from perftui.tui.screens.help import HelpScreen

        screen = self._app.live_screen
        self._app.push_screen(HelpScreen(self._deck, screen.scope if screen is not None else Scope.APP))

    def do_help(self, _: str) -> None:
        self.app_help()

    def app_palette(self) -> None:
        self._app.push_screen(Palette())

    def app_command(self) -> None:
        def complete(line: str) -> list[str]:
            screen = self._app.live_screen
            columns = _columns(screen) if isinstance(screen, TableScreen) else ()
            return completions(line, theme_names(), columns, self._app.control_commands)

        self._app.push_screen(Prompt(":", complete=complete, history=self._history), lambda line: self.run(line or ""))

    def app_redraw(self) -> None:
        driver = self._app._driver
        if isinstance(driver, TerminalDriver):
            # whatever the terminal shows
            driver.redraw()
        self._app.refresh(layout=True)

    def app_suspend(self) -> None:
        self._app.action_suspend_process()

    def app_theme(self) -> None:
        from perftui.tui.screens.themes import ThemesScreen

        self._app.push_screen(ThemesScreen(self._deck, theme_names(), self.wear))

    def do_theme(self, name: str) -> None:
        if not name:
            self.app_theme()
        elif self.wear(name):
            self._app.say(f'theme "{name}"; keep it with theme = "{name}" in perftui.toml')

    def wear(self, name: str) -> bool:
        """Put a theme on; says what is wrong with it when it can't be worn."""
        try:
            theme = load_theme(name)
        except PerftuiError as error:
            self._app.say(str(error), bad=True)
            return False
        self._deck.skin.wear(theme)
        self._app.register_theme(textual_theme(theme))
        self._app.theme = f"perftui-{theme.name}"
        self._app.restyle()
        return True

    def app_copy(self) -> None:
        screen = self._app.live_screen
        if screen is not None:
            self._app.copy_to_clipboard("\n".join(plain(line).rstrip() for line in screen.focused_text()))
            self._app.say("copied, if the terminal allows it (OSC 52)" if self._app.size.width >= 60 else "copied")

    def do_copy(self, _: str) -> None:
        self.app_copy()

    def app_screenshot(self) -> None:
        self.do_screenshot("")

    def do_screenshot(self, name: str) -> None:
        path = Path(name).expanduser() if name else self._stamped("screenshot", ".svg")
        text = "\n".join(plain(line).rstrip() for line in self._app.shown_lines())
        write(path, self._app.export_screenshot(title="perftui"))
        write(path.with_suffix(".txt"), text + "\n")
        self._app.say(f"wrote {path} and {path.with_suffix('.txt').name}")

    def app_export(self) -> None:
        self.do_export("csv")
        self.do_export("json")

    def do_export(self, argument: str) -> None:
        form, _, name = argument.partition(" ")
        if form not in ("csv", "json"):
            raise ValueError(f'export writes csv or json, not "{form}"')
        windows = self._deck.mirror.windows
        if not windows:
            raise ValueError("there is no window to export on this screen")
        catalogue = self._deck.mirror.catalogue
        text = as_csv(windows, catalogue) if form == "csv" else as_json(windows, catalogue, self._deck.wall())
        path = Path(name).expanduser() if name else self._stamped("window", f".{form}")
        self._app.say(f"wrote {write(path, text)}")

    def _stamped(self, what: str, ending: str) -> Path:
        stamp = self._deck.face.text(self._deck.wall()).replace(":", "")
        folder = state_folder() / "exports"
        number = 1
        while (path := folder / f"{what}-{stamp}{'' if number == 1 else f'-{number}'}{ending}").exists():
            number += 1
        return path

    def app_fault(self) -> None:
        """Lift the fault that is on, else put one on."""
        self.run(f"fault {'off' if fault_is_on(marks_of(self._deck.mirror)) else 'on'}")

    def app_restart(self) -> None:
        self._app.restart_session()

    def do_config(self, _: str) -> None:
        path = self._app.config_path
        self._app.say(f"configuration: {path}" if path else "no configuration file: defaults (perftui init writes one)")

    def do_mark(self, text: str) -> None:
        self._app.ask("mark", f'marked "{text}"', name=text)

    # time

    def _look(self, playhead: Playhead) -> None:
        self._deck.playhead = playhead
        self._deck.cursor = None
        screen = self._app.live_screen
        if screen is not None:
            screen.rewatch()

    def _now(self) -> float:
        return self._deck.mirror.at or self._deck.wall()

    def time_freeze(self) -> None:
        self._look(self._deck.playhead.toggled(self._now()))

    def do_freeze(self, _: str) -> None:
        if not self._deck.playhead.frozen:
            self.time_freeze()

    def time_back(self) -> None:
        self._look(self._deck.playhead.scrolled(-0.5, self._now()))

    def time_forward(self) -> None:
        self._look(self._deck.playhead.scrolled(0.5, self._now()))

    def time_zoom_in(self) -> None:
        self._look(self._deck.playhead.zoomed(-1))

    def time_zoom_out(self) -> None:
        self._look(self._deck.playhead.zoomed(1))

    def time_live(self) -> None:
        self._look(self._deck.playhead.live())

    def do_live(self, _: str) -> None:
        self.time_live()

    def time_goto(self) -> None:
        self._app.push_screen(Prompt("go to ", history=[]), lambda line: self.run(f"goto {line}") if line else None)

    def do_goto(self, text: str) -> None:
        now = self._deck.wall()
        # the moment is shown in the middle of the window
        end = self._deck.face.parse(text, now) + self._deck.playhead.span_s / 2
        self._look(self._deck.playhead.moved_to(end, now))

    def do_window(self, text: str) -> None:
        self._look(self._deck.playhead.spanning(parse_span(text)))
        self._app.say(f"window {format_span(self._deck.playhead.span_s)}")

    # metrics

    # screens that are not shown at the start are imported when they are asked for

    def _metrics(self) -> MetricsScreen:
        from perftui.tui.screens.metrics import MetricsScreen

        screen = self._app.go("metrics")
        if not isinstance(screen, MetricsScreen):
            raise TypeError("the metrics screen is not what it should be")
        return screen

    def metrics_big(self) -> None:
        from perftui.tui.screens.big_chart import BigChart

        screen = self._metrics()
        self._app.push_screen(BigChart(self._deck, lambda: screen.exploring))

    # tables and processes

    def _host(self) -> HostScreen:
        from perftui.tui.screens.host import HostScreen

        screen = self._app.go("host")
        if not isinstance(screen, HostScreen):
            raise TypeError("the host screen is not what it should be")
        return screen

    def _table(self) -> TableScreen:
        """The table in sight; that of processes where there is none."""
        screen = self._app.live_screen
        return screen if isinstance(screen, TableScreen) else self._host()

    def table_filter(self) -> None:
        screen = self._table()
        before = screen.current_table().filter

        def done(line: str | None) -> None:
            screen.filter(before if line is None else line)

        prompt = Prompt("filter ", text=before, on_typing=screen.filter)
        self._app.push_screen(prompt, done)
        prompt.call_after_refresh(screen.current_table().prepare_filter)

    def do_filter(self, words: str) -> None:
        self._table().filter(words)

    def do_sort(self, column: str) -> None:
        screen = self._table()
        known = _columns(screen)
        if column not in known:
            raise ValueError(f'no column "{column}" (known: {", ".join(known)})')
        screen.sort(column)

    def do_follow(self, text: str) -> None:
        if text != "none" and not text.isdigit():
            raise ValueError("follow takes a process id, or none")
        pid = None if text == "none" else int(text)
        self._host().show_followed(pid)
        self._app.ask("follow", "" if pid is None else f"following {pid}", lasting=True, pid=pid)


def _columns(screen: TableScreen) -> tuple[str, ...]:
    return tuple(column.id for column in screen.current_table().columns)
