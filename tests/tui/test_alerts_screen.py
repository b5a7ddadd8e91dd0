"""The Alerts screen in the console: what it asks for, what its keys do, and the dialog of a silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from textual.widgets import Input

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Screen
from perftui.domain.alerts import AlertState, Severity
from perftui.domain.health import SourceHealth, SourceState
from perftui.domain.queries import Query, Tried
from perftui.domain.triage import Doing
from perftui.link.messages import TablePart, UnwatchTable, WatchTable
from perftui.tui.screens.alerts import AlertsScreen
from perftui.tui.widgets.asking_prompt import AskingPrompt
from perftui.tui.widgets.silence_dialog import SilenceDialog
from perftui.view.alerts_triage import View
from perftui.view.text import plain
from tests.tui.console import NOW, Console, console
from tests.unit.view.alert_rows import alert, noise, silence, slo, some, span

AT_ONCE: Config = msgspec.structs.replace(DEFAULTS, screen=Screen.ALERTS)
HISTORY = {
    "activations_1h": 1, "activations_24h": 2, "spans": [[NOW - 91, None, "firing"]],
    "moved": [["host/cpu_busy_ratio", "rose from 20 % to 90 %"]],
}  # fmt: skip


def run(test: Callable[[Console, AlertsScreen], Awaitable[None]], size: tuple[int, int] = (140, 40)) -> None:
    async def opened() -> None:
        async with console(AT_ONCE, size) as one:
            screen = one.screen
            assert isinstance(screen, AlertsScreen)
            one.session.answers["alert_history"] = lambda _: HISTORY
            one.session.answers["silence_preview"] = lambda _: {"firing": 14, "others": 3, "problem": "", "ask": ""}
            await one.until(lambda: WatchTable("alerts") in one.session.received)
            await test(one, screen)

    asyncio.run(opened())


def push(one: Console, *rows: Any, at: float = NOW, **tables: tuple[Any, ...]) -> None:
    parts = {name: TablePart(True, at, tuple(found)) for name, found in tables.items()}
    one.session.push(at, tables={"alerts": TablePart(True, at, rows), **parts})


async def opened_list(one: Console) -> None:
    push(one, *some(), silences=(silence(),))
    await one.shows("SLOLatencyFastBurn")


def over(one: Console) -> str:
    """What lies over the live screen."""
    return "\n".join(plain(line) for line in one.lines)


async def typed(one: Console, screen: type, keys: str) -> None:
    await one.until(lambda: isinstance(one.app.screen, screen))
    one.type(keys)


def test_its_tables_are_watched_and_those_of_a_view_only_while_it_is_shown() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        assert WatchTable("silences") in one.session.received
        assert WatchTable("alert_spans") not in one.session.received
        await opened_list(one)
        await one.pilot.press("t")
        await one.until(lambda: WatchTable("alert_spans") in one.session.received)
        one.session.push(tables={"alert_spans": TablePart(True, NOW, (span("a1", NOW - 100, None, "Burned"),))})
        await one.shows("Timeline: what fired when")
        await one.shows("Burned")
        await one.pilot.press("tab")
        await one.until(lambda: UnwatchTable("alert_spans") in one.session.received)
        one.session.push(tables={"noise": TablePart(True, NOW, (noise(),))})
        await one.shows("71 %")
        await one.pilot.press("tab")
        await one.until(lambda: WatchTable("slos") in one.session.received)
        one.session.push(tables={"slos": TablePart(True, NOW, (slo(),))})
        await one.shows("1h and 5m")
        await one.pilot.press("tab")
        await one.shows("index is rebuilt")
        await one.pilot.press("tab")
        await one.shows("SLOLatencyFastBurn")
        await one.pilot.press("shift+tab", "escape")
        await one.shows("SLOLatencyFastBurn")

    run(test)


def test_the_alert_under_the_cursor_is_asked_about_once_and_its_series_is_watched() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.until(lambda: one.session.asked("alert_history") == [{"key": "a1"}])
        await one.shows("cpu_busy_ratio rose from 20 % to 90 %")
        await one.until(lambda: "alert" in one.session.watches())
        assert one.session.watches()["alert"].selectors == ("host/http_p95_seconds",)
        one.session.fill(0.3)
        await one.shows("> 200 ms")
        await one.pilot.press("enter")
        await one.shows("identity a1")
        await one.pilot.press("down", "up", "escape")
        assert not screen.triage.full
        assert one.session.asked("alert_history") == [{"key": "a1"}]

    run(test)


def test_an_expression_of_a_server_is_explored_and_why_it_has_no_graph_is_said() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        tried = Tried(Query("e_1", "up"), "vector", 1, 0.01)
        one.session.answers["explore"] = lambda _: msgspec.to_builtins(tried)
        push(one, alert("x1", graph="up", graph_source="main", expr="up == 0"))
        await one.until(lambda: one.session.asked("explore") == [{"source": "main", "expr": "up"}])
        await one.until(lambda: "alert" in one.session.watches())
        assert one.session.watches()["alert"].selectors == ("main/e_1",)
        one.session.refuses["explore"] = "connection refused"
        push(one, alert("x2", graph="down", graph_source="main", expr="down == 0"))
        await one.shows("No graph: main: connection refused")
        push(one, alert("x3", sources=("am-eu",)))
        await one.shows("No graph: it is only known from am-eu")

    run(test)


def test_a_claims_the_marked_alerts_and_again_gives_them_back() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("space", "space")
        await one.shows("2 marked")
        await one.pilot.press("a")
        await one.until(lambda: one.session.asked("ack") == [{"keys": ["a1", "a2"], "note": ""}])
        await one.until(lambda: "2 alerts claimed; u undoes" in one.notices)
        assert not screen.triage.index.marks
        await one.pilot.press("home", "down", "a")
        await one.until(lambda: one.session.asked("unack") == [{"keys": ["a2"]}])

    run(test)


def test_what_the_session_refuses_is_said() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        await opened_list(one)
        one.session.refuses["ack"] = "the store is read-only"
        await one.pilot.press("a")
        await one.until(lambda: "the store is read-only" in one.notices)
        one.session.answers["undo"] = lambda _: "claim of 2 alerts taken back"
        await one.pilot.press("u")
        await one.until(lambda: "claim of 2 alerts taken back" in one.notices)

    run(test)


def test_snooze_takes_spans_and_times_to_come_and_stays_open_over_nonsense() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("z")
        await typed(one, AskingPrompt, "x\n")
        await one.until(lambda: "expected a span" in over(one) or "expected" in over(one))
        await one.pilot.press("ctrl+u")
        one.type("15m\n")
        await one.until(lambda: one.session.asked("snooze") == [{"keys": ["a1"], "until": NOW + 900}])
        await one.until(lambda: one.app.screen is screen)
        assert NOW < screen.deeds.until("until 14:30") <= NOW + 86_400
        assert screen.deeds.until("14:30") == screen.deeds.until("until 14:30")
        await one.pilot.press("z")
        await one.until(lambda: isinstance(one.app.screen, AskingPrompt))
        await one.pilot.press("ctrl+u")
        one.type("off\n")
        await one.until(lambda: one.session.asked("unsnooze") == [{"keys": ["a1"]}])

    run(test)


def test_a_note_is_kept_on_the_alert() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("n")
        await typed(one, AskingPrompt, "looking\n")
        await one.until(lambda: one.session.asked("note") == [{"key": "a1", "text": "looking"}])
        await one.until(lambda: one.app.screen is screen)

    run(test)


def test_a_silence_takes_s_a_comment_and_enter() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        one.type("srebuilding the index\n")
        await one.until(lambda: one.session.asked("silence"))
        (asked,) = one.session.asked("silence")
        assert asked == {
            "sources": [], "duration_s": 3600.0, "comment": "rebuilding the index", "author": "me@box",
            "confirmed": False, "keys": ["a1"],
            "matchers": [["alertname", "SLOLatencyFastBurn", True, False], ["service", "checkout", True, False],
                         ["severity", "critical", True, False]],
        }  # fmt: skip
        await one.until(lambda: one.app.screen is screen)
        push(one, msgspec.structs.replace(some()[0], doing=Doing.SILENCING))
        await one.shows("silencing…")

    run(test)


def test_what_a_silence_would_hide_is_told_before_it_is_made_and_doubts_are_asked_again() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        await opened_list(one)
        ask = "it hides 60 alerts"
        one.session.answers["silence_preview"] = lambda _: {"firing": 60, "others": 3, "problem": "", "ask": ask}
        one.type("swhy\n")
        await one.until(lambda: "matches 60 firing, 3 of them others'" in over(one))
        await one.until(lambda: "it hides 60 alerts: enter again makes it" in over(one))
        assert not one.session.asked("silence")
        one.type("\n")
        await one.until(lambda: [asked["confirmed"] for asked in one.session.asked("silence")] == [True])

    run(test)


def test_a_silence_of_everything_without_a_reason_or_without_an_end_is_refused() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        one.session.answers["silence_preview"] = lambda args: {"problem": "that is every alert"}
        one.type("s\n")
        await one.until(lambda: "a comment is needed" in over(one))
        one.type("why\n")
        await one.until(lambda: "that is every alert" in over(one))
        await one.pilot.press("up", "ctrl+a", "ctrl+k")
        one.type("never\n")
        await one.until(lambda: "expected" in over(one))
        await one.pilot.press("shift+tab", "ctrl+k")
        await one.until(lambda: "at least one matcher" in over(one))
        one.type('severity=~"(')
        await one.until(lambda: "✗" in over(one) and "at least" not in over(one))
        await one.pilot.press("escape")
        await one.until(lambda: one.app.screen is screen)
        assert not one.session.asked("silence")

    run(test)


def test_what_is_edited_while_it_is_counted_is_not_sent_unasked() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        await opened_list(one)
        one.session.hangs.add("silence_preview")
        one.type("swhy\n")
        await one.until(lambda: one.session.asked("silence_preview") and "counting" in over(one))
        await one.pilot.press("x")
        await one.until(lambda: one.app.screen.query_one("#comment", Input).value == "whyx")
        one.session.answer_hanging({"firing": 2, "others": 0, "problem": "", "ask": ""})
        await one.until(lambda: "matches 2 firing" in over(one))
        await one.app.workers.wait_for_complete()
        assert not one.session.asked("silence")

    run(test)


def test_what_an_alertmanager_refuses_stays_in_the_dialog() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        health = SourceHealth("am-eu", "alertmanager", SourceState.OK, 5.0)
        push(one, alert("e1", sources=("am-eu", "main")))
        one.session.push(sources=(health,))
        await one.shows("Busy")
        one.session.refuses["silence"] = "am-eu: allow_silence = true is needed"
        one.type("swhy\n")
        await one.until(lambda: "allow_silence = true" in over(one))
        assert isinstance(one.app.screen, SilenceDialog)
        assert one.session.asked("silence")[0]["sources"] == ["am-eu"]

    run(test)


def test_a_silence_is_extended_and_expired_in_their_list_where_the_silenced_alert_leads_to() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        push(one, some()[4], silences=(silence(2, author="bob"), silence(1)))
        await one.shows("TooManyErrors")
        await one.pilot.press("e")
        await one.until(lambda: screen.triage.view is View.SILENCES)
        assert screen.triage.silences.cursor_key == "am-eu/s1"
        await one.pilot.press("e")
        await one.until(lambda: isinstance(one.app.screen, AskingPrompt))
        await one.pilot.press("ctrl+u")
        one.type("4h\n")
        await one.until(lambda: one.session.asked("extend") == [{"key": "am-eu/s1", "duration_s": 14_400.0}])
        await one.until(lambda: one.app.screen is screen)
        await one.pilot.press("x")
        await one.until(lambda: one.session.asked("expire") == [{"key": "am-eu/s1"}])

    run(test)


def test_alerts_are_grouped_by_labels_folded_and_acted_on_as_sections() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("g")
        await typed(one, AskingPrompt, "colour\n")
        await one.until(lambda: "no alert has a label colour" in over(one))
        await one.pilot.press("ctrl+u")
        one.type("service\n")
        await one.shows("▾ checkout (3)")
        await one.pilot.press("home", "f")
        await one.shows("▸ checkout (3)")
        await one.pilot.press("enter")
        await one.shows("▾ checkout (3)")
        await one.pilot.press("home", "a")
        await one.until(lambda: one.session.asked("ack") == [{"keys": ["a1", "a2", "a3"], "note": ""}])
        assert screen.triage.index.group == ("service",)

    run(test)


def test_the_filter_takes_matchers_and_words_and_escape_clears_it() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.command('filter severity="critical" checkout')
        await one.shows("1 of 5")
        assert screen.triage.index.order == ["a1"]
        await one.command('filter severity=~"("')
        await one.until(lambda: screen.triage.index.problem)
        assert screen.triage.index.order == ["a1"]
        await one.pilot.press("escape")
        assert len(screen.triage.index.order) == 5
        await one.command("sort name")
        assert screen.triage.index.sort == "name"
        await one.pilot.press("o", "R")
        assert screen.triage.index.sort == "summary"

    run(test)


def test_the_cursor_stays_on_its_alert_while_worse_ones_come() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("down")
        assert screen.triage.index.cursor_key == "a2"
        worse = alert("w", "Worse", Severity.CRITICAL, since=NOW - 9000)
        one.session.push(tables={"alerts": TablePart(False, NOW, (worse,), ("a1",))})
        await one.shows("Worse")
        assert screen.triage.index.cursor_key == "a2"

    run(test)


def test_p_freezes_and_the_frozen_list_stays_as_it_was() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("p")
        await one.shows("FROZEN")
        version = one.app.deck.mirror.version
        push(one, alert("n1", "Newer"))
        await one.until(lambda: one.app.deck.mirror.version > version)
        await one.pilot.press("down", "up")
        assert "Newer" not in one.text
        await one.pilot.press("l")
        push(one, alert("n1", "Newer"), at=NOW + 1)
        await one.shows("Newer")
        assert [row.key for row in screen.triage.index.chosen()] == ["n1"]

    run(test)


def test_a_key_that_means_nothing_says_so() -> None:
    async def test(one: Console, _: AlertsScreen) -> None:
        push(one)
        await one.pilot.press("a", "x")
        await one.until(lambda: any("space marks them" in notice for notice in one.notices))
        await one.until(lambda: any("tab leads to their list" in notice for notice in one.notices))

    run(test)


def test_a_lane_of_the_timeline_leads_to_its_alert() -> None:
    async def test(one: Console, screen: AlertsScreen) -> None:
        await opened_list(one)
        await one.pilot.press("t")
        await one.until(lambda: WatchTable("alert_spans") in one.session.received)
        spans = (span("a3", NOW - 50, None, "DiskFillsIn24h", state=AlertState.FIRING),)
        one.session.push(tables={"alert_spans": TablePart(True, NOW, spans)})
        await one.until(lambda: screen.triage.timeline.table.order)
        await one.pilot.press("enter")
        assert screen.triage.view is View.LIST
        assert screen.triage.index.cursor_key == "a3"

    run(test)
