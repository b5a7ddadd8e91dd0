"""The console with a scripted session: what it shows, when it draws, and what its keys and commands do."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from textual import events

from perftui.config.defaults import DEFAULTS
from perftui.config.keymap import BINDINGS, Scope
from perftui.config.schema import Screen
from perftui.link.messages import Unwatch, UnwatchTable, WatchTable
from perftui.tui.actions import Actions
from perftui.tui.commands import COMMANDS
from perftui.tui.keys import action_name
from perftui.tui.screens.agents import AgentsScreen
from perftui.tui.screens.alerts import AlertsScreen
from perftui.tui.screens.help import HelpScreen
from perftui.tui.screens.host import HostScreen
from perftui.tui.screens.load import LoadScreen
from perftui.tui.screens.metrics import MetricsScreen
from perftui.tui.screens.overview import OverviewScreen
from perftui.tui.screens.sources import SourcesScreen
from perftui.tui.screens.themes import ThemesScreen
from perftui.tui.screens.workflow import WorkflowScreen
from perftui.tui.table_screen import TableScreen
from perftui.view.scene import Mode
from tests.tui.console import NOW, Console, console

SCREENS = {
    Scope.OVERVIEW: OverviewScreen,
    Scope.WORKFLOW: WorkflowScreen,
    Scope.AGENTS: AgentsScreen,
    Scope.TABLES: TableScreen,
    Scope.METRICS: MetricsScreen,
    Scope.ALERTS: AlertsScreen,
    Scope.LOAD: LoadScreen,
    Scope.HOST: HostScreen,
    Scope.SOURCES: SourcesScreen,
}


def run(test: Callable[[Console], Awaitable[None]], **more: object) -> None:
    """Run a test against a fresh console."""

    async def opened() -> None:
        async with console(**more) as one:  # type: ignore[arg-type]  # the arguments of console()
            await test(one)

    asyncio.run(opened())


def test_every_binding_has_an_action() -> None:
    for binding in BINDINGS:
        screen = SCREENS.get(binding.scope)
        on_screen = screen is not None and hasattr(screen, action_name(binding.id))
        assert on_screen or hasattr(Actions, binding.id.replace(".", "_")), binding.id


def test_every_command_has_an_action() -> None:
    for command in COMMANDS:
        assert hasattr(Actions, f"do_{command.name}"), command.name


def test_the_first_screen_is_the_configured_one() -> None:
    async def test(one: Console) -> None:
        assert isinstance(one.screen, HostScreen)

    run(test, config=msgspec.structs.replace(DEFAULTS, screen=Screen.HOST))


def test_number_keys_show_the_screens_and_only_what_is_shown_is_watched() -> None:
    async def test(one: Console) -> None:
        await one.until(one.session.watches)
        one.type("9")
        await one.until(lambda: WatchTable("processes") in one.session.received)
        assert isinstance(one.screen, HostScreen)
        assert any(isinstance(message, Unwatch) for message in one.session.received)
        one.type("0")
        await one.until(lambda: UnwatchTable("processes") in one.session.received)
        assert isinstance(one.screen, SourcesScreen)
        one.type("1")
        await one.until(lambda: isinstance(one.screen, OverviewScreen))

    run(test)


def test_a_live_console_draws_what_an_update_brings() -> None:
    async def test(one: Console) -> None:
        await one.until(one.session.watches)
        one.session.fill(0.125)
        await one.shows("12 %")
        one.session.fill(0.625)
        await one.shows("62 %")

    run(test)


def test_a_frozen_console_draws_nothing_while_updates_come() -> None:
    async def test(one: Console) -> None:
        await one.until(one.session.watches)
        one.session.fill(0.125)
        await one.shows("12 %")
        one.type(" ")
        await one.shows("FROZEN")
        before, version = one.text, one.app.deck.mirror.version
        one.session.push(NOW + 7, findings=(), problems=("a problem",))
        await one.until(lambda: one.app.deck.mirror.version > version)
        await one.pilot.pause()
        assert one.text == before
        one.type("l")
        await one.shows("LIVE")

    run(test)


def test_a_past_window_is_asked_for_and_drawn_when_it_arrives() -> None:
    async def test(one: Console) -> None:
        await one.until(one.session.watches)
        one.session.fill(0.125)
        await one.shows("12 %")
        one.type("h")  # means nothing here
        await one.pilot.press("left")
        await one.shows("PAST")
        span = DEFAULTS.window
        await one.until(lambda: all(watch.end == NOW - span / 2 for watch in one.session.watches().values()))
        one.session.fill(0.375, NOW - span / 2)
        await one.shows("38 %")

    run(test)


def test_the_end_of_the_session_is_said_and_r_starts_a_new_one_that_is_asked_for_the_same() -> None:
    async def test(one: Console) -> None:
        await one.command("follow 42")
        await one.until(lambda: ("follow", {"pid": 42}) in one.session.requests())
        watched = set(one.session.watches())
        one.session.die("killed by SIGKILL")
        await one.shows("the session has ended: killed by SIGKILL; r starts it again")
        one.type("r")
        await one.until(lambda: one.session.starts == 2)
        await one.shows("LIVE")
        await one.until(lambda: ("follow", {"pid": 42}) in one.session.requests())
        assert set(one.session.watches()) <= watched
        assert WatchTable("processes") in one.session.received

    run(test)


def test_the_reason_of_an_end_is_said_when_it_is_known_a_moment_later() -> None:
    async def test(one: Console) -> None:
        one.session.die("")
        await one.shows("the session has ended; r starts it again")
        one.session.words = "failed (exit 1)"
        await one.shows("the session has ended: failed (exit 1); r starts it again")

    run(test)


def test_a_session_that_can_not_be_started_again_is_said_and_r_tries_again() -> None:
    async def test(one: Console) -> None:
        one.session.die("ended")
        await one.shows("r starts it again")
        start = one.session.start

        def refuse() -> None:
            raise OSError(12, "Cannot allocate memory")

        one.session.start = refuse  # type: ignore[method-assign,assignment]  # it never returns
        one.type("r")
        await one.shows("the session can't be started: Cannot allocate memory; r tries again")
        one.session.start = start  # type: ignore[method-assign]
        one.type("r")
        await one.shows("LIVE")

    run(test)


def test_a_bug_in_drawing_an_update_ends_the_console_and_is_not_taken_for_the_end_of_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def planted(*_: object) -> None:
        raise RuntimeError("planted")

    async def test(one: Console) -> None:
        await one.until(one.session.watches)
        monkeypatch.setattr(OverviewScreen, "picture", planted)
        one.session.fill(0.5)
        await one.until(lambda: one.app.failure)
        assert "RuntimeError: planted" in str(one.app.failure)

    with pytest.raises(RuntimeError, match="planted"):
        run(test)


def test_a_saved_configuration_is_in_force_at_once_and_a_broken_one_is_not() -> None:
    renamed = {**DEFAULTS.panels, "cpu": msgspec.structs.replace(DEFAULTS.panels["cpu"], title="Processors")}
    better = msgspec.structs.replace(DEFAULTS, panels=renamed, keys={"app.help": ("f9",)}, theme="light")

    async def test(one: Console) -> None:
        one.config_watch.changed(better, "theem: unknown key", "another one")
        await one.until(lambda: any("theem: unknown key (and 1 more)" in notice for notice in one.notices))
        assert "Processors" not in one.text
        one.config_watch.changed(better)
        await one.shows("Processors")
        assert one.app.deck.skin.theme.name == "light"
        await one.pilot.press("f9")
        await one.until(lambda: isinstance(one.app.screen, HelpScreen))

    run(test)


def test_every_key_can_be_remapped_also_those_that_textual_would_take() -> None:
    keys = {"app.quit": ("f10",), "app.palette": ("f2",)}

    async def test(one: Console) -> None:
        await one.pilot.press("ctrl+q", "ctrl+c", "ctrl+p", "q")
        assert one.app.screen is one.screen
        assert one.app.is_running
        await one.pilot.press("f2")
        await one.until(lambda: one.app.screen is not one.screen)
        await one.pilot.press("escape")
        await one.until(lambda: one.app.screen is one.screen)
        await one.pilot.press("f10")
        await one.until(lambda: one.app.return_value == 0)

    run(test, config=msgspec.structs.replace(DEFAULTS, keys=keys))


def test_a_list_that_is_left_twice_leaves_the_screen_below_it() -> None:
    async def test(one: Console) -> None:
        live = one.screen
        for opened in ("?", "T", ":"):
            one.type(opened)
            await one.until(lambda: one.app.screen is not live)
            for _ in range(3):
                one.app.screen.post_message(events.Key("escape", None))
            await one.until(lambda: one.app.screen is live)
            await one.pilot.pause()
            assert one.app.screen is live

    run(test)


def test_a_key_that_can_not_do_its_work_says_so() -> None:
    async def test(one: Console) -> None:
        await one.pilot.press("0", "X")
        await one.until(lambda: "there is no window to export on this screen" in one.notices)

    run(test)


def test_keys_that_are_typed_ahead_reach_the_prompt_and_the_screen_that_they_are_meant_for() -> None:
    async def test(one: Console) -> None:
        one.type(":window 15m\n")
        await one.until(lambda: one.app.deck.playhead.span_s == 900)
        one.type("9/nginx\n")
        await one.until(lambda: isinstance(one.screen, HostScreen) and one.screen.table.filter == "nginx")
        await one.shows("filter nginx")

    run(test)


def test_escape_leaves_the_prompt_and_the_filter_as_it_was() -> None:
    async def test(one: Console) -> None:
        await one.command("filter first")
        host = one.screen
        assert isinstance(host, HostScreen)
        one.type("/ and more")
        await one.until(lambda: host.table.filter == "first and more")
        await one.pilot.press("escape")
        await one.until(lambda: host.table.filter == "first")

    run(test)


def test_tab_completes_a_command_and_up_brings_the_one_before() -> None:
    async def test(one: Console) -> None:
        one.type(":wi")
        await one.pilot.press("tab", "2", "h", "enter")
        await one.until(lambda: one.app.deck.playhead.span_s == 7200)
        await one.command("live")
        one.type(":")
        await one.pilot.press("up", "up", "enter")
        await one.until(lambda: one.app._actions._history[-1] == "window 2h")

    run(test)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("widnow 5m", 'no command "widnow", did you mean "window"?'),
        ("window", "window needs SPAN"),
        ("window 5 parsecs", "5 parsecs"),
        ("theme dakr", 'did you mean "dark"?'),
        ("goto noon", "'noon' is not a time"),
        ("sort beauty", 'no column "beauty"'),
        ("follow me", "follow takes a process id, or none"),
        ("export xml", 'export writes csv or json, not "xml"'),
        ("config", "no configuration file"),
        ("screenshot /proc/nowhere/shot.svg", "/proc/nowhere"),
        ("mark deploy 1.4", 'marked "deploy 1.4"'),
    ],
)
def test_a_command_says_what_it_did_or_why_not(line: str, said: str) -> None:
    async def test(one: Console) -> None:
        await one.command(line)
        await one.until(lambda: any(said in notice for notice in one.notices))

    run(test)


def test_what_the_session_refuses_is_said() -> None:
    async def test(one: Console) -> None:
        one.session.refuses["mark"] = "this session keeps no journal"
        await one.command("mark deploy")
        await one.until(lambda: "this session keeps no journal" in one.notices)

    run(test)


def test_goto_puts_the_moment_into_the_middle_of_the_window() -> None:
    async def test(one: Console) -> None:
        moment = NOW - 86400
        await one.command(f"goto {one.app.deck.face._at(moment).isoformat(timespec='seconds')}")
        assert one.app.deck.playhead.end == moment + DEFAULTS.window / 2
        assert one.app.deck.playhead.mode is Mode.PAST

    run(test)


def test_copying_takes_the_focused_panel_only() -> None:
    async def test(one: Console) -> None:
        await one.pilot.press("tab", "y")
        await one.until(lambda: one.app.clipboard)
        lines = one.app.clipboard.splitlines()
        assert "CPU" in lines[0]
        assert "Memory" not in one.app.clipboard
        assert max(map(len, lines)) <= 60

    run(test)


def test_the_visible_window_is_exported_with_utc_times_and_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def test(one: Console) -> None:
        await one.until(one.session.watches)
        one.session.fill(0.125)
        await one.shows("12 %")
        await one.pilot.press("X")
        folder = tmp_path / "perftui/exports"
        await one.until(lambda: len(list(folder.glob("window-*"))) == 2)
        (table,), (document,) = folder.glob("*.csv"), folder.glob("*.json")
        rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
        assert rows[0]["time_utc"].endswith("Z")
        assert {row["mean"] for row in rows} == {"0.125"}
        data = json.loads(document.read_text("utf-8"))
        assert data["windows"][0]["series"][0]["mean"] == [0.125] * 10
        assert table.stat().st_mode & 0o777 == 0o600

    run(test)


def test_a_screenshot_is_a_picture_and_a_text(tmp_path: Path) -> None:
    async def test(one: Console) -> None:
        await one.command(f"screenshot {tmp_path}/shot.svg")
        assert "CPU" in (tmp_path / "shot.txt").read_text("utf-8")
        assert (tmp_path / "shot.svg").read_text("utf-8").startswith("<svg")
        await one.command(f"screenshot {tmp_path}/shot.svg")
        await one.until(lambda: any("File exists" in notice for notice in one.notices))

    run(test)


def test_moving_in_the_theme_chooser_previews_and_escape_brings_the_old_theme_back() -> None:
    async def test(one: Console) -> None:
        await one.pilot.press("T")
        await one.until(lambda: isinstance(one.app.screen, ThemesScreen))
        await one.pilot.press("down")
        assert one.app.deck.skin.theme.name != "dark"
        await one.pilot.press("escape")
        assert one.app.deck.skin.theme.name == "dark"
        await one.pilot.press("T", "down", "enter")
        await one.until(lambda: one.app.screen is one.screen)
        assert one.app.deck.skin.theme.name == "high-contrast"

    run(test)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 5), (3, 2)], ids=str)
def test_help_shows_every_key_of_the_screen_when_it_is_scrolled(size: tuple[int, int]) -> None:
    async def test(one: Console) -> None:
        one.type("?")
        await one.until(lambda: isinstance(one.app.screen, HelpScreen) and one.lines)
        seen: set[str] = set()
        for _ in range(9):
            seen.update(text for line in one.lines for text, _ in line)
            await one.pilot.press("pagedown")
        if size[0] >= 80:
            joined = " ".join(seen)
            for binding in one.app.deck.bindings:
                if binding.scope in (Scope.APP, Scope.OVERVIEW):
                    assert binding.description[:20] in joined
        await one.pilot.press("escape")
        await one.until(lambda: one.app.screen is one.screen)

    run(test, size=size)


def test_the_palette_offers_commands_keys_and_themes() -> None:
    async def test(one: Console) -> None:
        entries = {title: act for title, _, act in one.app.palette_entries()}
        assert {command.name for command in COMMANDS} <= entries.keys()
        assert {"theme light", "freeze"} <= entries.keys()
        entries["theme light"]()
        assert one.app.deck.skin.theme.name == "light"
        await one.pilot.press("ctrl+p")
        await one.until(lambda: one.app.screen is not one.screen)
        await one.pilot.press(*"sources", "enter")
        await one.until(lambda: isinstance(one.screen, SourcesScreen))

    run(test)
