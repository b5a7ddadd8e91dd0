"""The Load screen in the console: the form and what it sends, the lease, the keys, past loads, leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from textual import events

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Screen
from perftui.domain.load import LoadPhase, LoadState
from perftui.link.messages import TablePart, WatchTable
from perftui.tui.screens.load import LoadScreen
from perftui.tui.widgets.load_form import LoadForm
from perftui.view.load_book import View
from perftui.view.text import plain
from tests.tui.console import NOW, Console, console
from tests.unit.view.load_rows import RUN, over, record, rows, state

AT_ONCE: Config = msgspec.structs.replace(DEFAULTS, screen=Screen.LOAD)
NEAR = {"host": "127.0.0.1", "peak_rate": 20.0, "duration_s": 30.0, "problems": [], "needs": []}


def run(test: Callable[[Console, LoadScreen], Awaitable[None]], size: tuple[int, int] = (120, 40)) -> None:
    async def opened() -> None:
        async with console(AT_ONCE, size) as one:
            screen = one.screen
            assert isinstance(screen, LoadScreen)
            one.session.answers["load_judge"] = lambda _: NEAR
            one.session.answers["load_start"] = lambda _: {"run_id": RUN}
            one.session.answers["load_record"] = lambda args: record(run_id=args["run_id"])
            await one.until(lambda: WatchTable("load_runs") in one.session.received)
            one.session.push(tables={"load_runs": TablePart(True, NOW, ())})
            await test(one, screen)

    asyncio.run(opened())


def push(one: Console, load: LoadState | None = None, *past: Any) -> None:
    tables = {"load_runs": TablePart(True, NOW, past)} if past else {}
    one.session.push(NOW, tables=tables, **({} if load is None else {"load": load}))


def above(one: Console) -> str:
    """What lies over the live screen."""
    return "\n".join(plain(line) for line in one.lines)


async def form_of(one: Console) -> LoadForm:
    await one.until(lambda: isinstance(one.app.screen, LoadForm))
    form = one.app.screen
    assert isinstance(form, LoadForm)
    return form


async def form_by_command(one: Console, line: str) -> LoadForm:
    one.type(f":{line}\n")
    return await form_of(one)


async def begun(one: Console) -> None:
    """A load that this console began."""
    one.type("N")
    await form_of(one)
    one.type("127.0.0.1:8080\n")
    await one.until(lambda: one.session.asked("load_start"))
    await one.until(lambda: one.app.screen is one.app.live_screen)
    push(one, state())
    await one.shows("● running")


def test_nothing_is_sent_before_what_will_be_sent_was_shown() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        await one.shows("N or enter fills this in")
        one.type("N")
        form = await form_of(one)
        one.type("127.0.0.1:8080/x")
        await one.until(lambda: "20/s for 30 s = 600 requests to 127.0.0.1:8080, 10 connections" in above(one))
        await one.pilot.press("tab", "tab", "tab", "tab", "tab", "tab")
        assert form._focused() == "thresholds"
        assert one.session.asked("load_start") == []
        one.type("\n")
        await one.until(lambda: one.session.asked("load_start"))
        (asked,) = one.session.asked("load_start")
        assert asked["plan"]["url"] == "http://127.0.0.1:8080/x"
        assert asked["client"] == one.app.deck.loads.name
        assert (asked["confirm_host"], asked["name"], asked["reason"]) == ("", "", "")

    run(test)


def test_what_is_edited_while_it_is_judged_is_not_sent_unasked() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.session.hangs.add("load_judge")
        form = await form_by_command(one, "load http://10.0.0.7/")
        one.type("\n")
        await one.until(lambda: one.session.asked("load_judge") and form._waits is not None)
        await one.pilot.press("7")
        await one.until(lambda: form.values["url"] == "http://10.0.0.7/7")
        one.session.hangs.clear()
        one.session.answer_hanging(NEAR)
        await one.until(lambda: len(one.session.asked("load_judge")) == 2)
        await one.app.workers.wait_for_complete()
        assert one.session.asked("load_start") == []
        one.type("\n")
        await one.until(lambda: one.session.asked("load_start"))
        (asked,) = one.session.asked("load_start")
        assert asked["plan"]["url"] == "http://10.0.0.7/7"

    run(test)


def test_a_wrong_value_is_named_at_its_field_and_not_sent() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        form = await form_by_command(one, "load http://127.0.0.1:8080/ many")
        one.type("\n")
        await one.until(lambda: form._focused() == "rate")
        assert "✗ rate: a number above 0, not many" in above(one)
        assert one.session.asked("load_judge") == []
        await one.pilot.press("escape")
        await one.until(lambda: one.app.screen is one.app.live_screen)
        assert one.session.asked("load_start") == []

    run(test)


def test_what_the_session_refuses_is_shown_at_the_field_that_it_is_about() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        problem = "a rate of 500/s is over the cap of 200/s"
        one.session.answers["load_judge"] = lambda _: {**NEAR, "problems": [problem]}
        form = await form_by_command(one, "load http://10.0.0.7/ 500 10s")
        one.type("\n")
        await one.until(lambda: form._error is not None)
        await one.until(lambda: form._focused() == "rate")
        assert problem in above(one)
        assert one.session.asked("load_start") == []

    run(test)


def test_a_far_host_is_typed_once_more_before_it_is_loaded() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.session.answers["load_judge"] = lambda _: {**NEAR, "host": "shop.test", "needs": ["host", "reason"]}
        form = await form_by_command(one, "load https://shop.test/")
        one.type("\n")
        await one.until(lambda: form._focused() == "host")
        assert "type shop.test once more" in above(one)
        one.type("shop.test\n")
        await one.until(lambda: form._focused() == "reason")
        one.type("release\n")
        await one.until(lambda: one.session.asked("load_start"))
        (asked,) = one.session.asked("load_start")
        assert (asked["confirm_host"], asked["reason"]) == ("shop.test", "release")

    run(test)


def test_fields_with_a_few_values_are_chosen_and_all_are_reached_in_a_low_terminal() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        push(one, None, *rows())
        await one.shows("Past loads")
        one.type("N")
        form = await form_of(one)
        await one.pilot.press("pagedown")
        await one.until(lambda: form.values["url"] == "http://10.0.0.7/")
        await one.pilot.press("tab", "tab", "tab", "pagedown")
        assert form.values["shape"] == "smoke"
        await one.pilot.press("up", "shift+tab", "shift+tab", "up")
        await one.until(lambda: form._focused() == "plan")
        assert "fields" in above(one)

    run(test, (80, 10))


def test_what_is_typed_in_one_burst_fills_the_fields_in_its_order() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.type("N")
        form = await form_of(one)
        keys = [
            *"10.0.0.7/xy",
            "backspace",
            "left",
            "backspace",
            "tab",
            *"55",
            "tab",
            *"7s",
            "shift+tab",
            "end",
            "0",
            "enter",
        ]
        for key in keys:
            one.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await one.until(lambda: one.session.asked("load_start"))
        (asked,) = one.session.asked("load_start")
        assert (asked["plan"]["url"], asked["plan"]["rate"], asked["plan"]["duration"]) == (
            "http://10.0.0.7x",
            550.0,
            "7s",
        )
        assert form.values["shape"] == "constant"

    run(test)


def test_a_pasted_line_goes_to_the_next_field_at_a_tab_and_sends_nothing() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.type("N")
        form = await form_of(one)
        one.app.post_message(events.Paste("10.0.0.7/\t30\t\x1b5s\nmore\t"))
        await one.until(
            lambda: (form.values["url"], form.values["rate"], form.values["duration"]) == ("10.0.0.7/", "30", "5s")
        )
        assert (form.values["shape"], form._focused()) == ("constant", "duration")
        assert one.session.asked("load_start") == []

    run(test)


def test_an_engine_can_be_chosen_where_there_is_another_one() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.session.answers["load_judge"] = lambda _: {**NEAR, "engines": ["perftui", "locust"]}
        form = await form_by_command(one, "load http://127.0.0.1:8080/")
        await one.until(lambda: "engine" in form._names())
        assert "workers" not in form._names()
        await one.pilot.press("up", "pagedown", "tab", "2")
        await one.until(lambda: form.values["workers"] == "2")
        one.type("\n")
        await one.until(lambda: one.session.asked("load_start"))
        (asked,) = one.session.asked("load_start")
        assert (asked["engine"], asked["workers"]) == ("locust", 2)

    run(test)


def test_the_lowest_line_offers_what_can_be_done_now() -> None:
    async def test(one: Console, screen: LoadScreen) -> None:
        def offered() -> str:
            return plain(screen.key_line(200))

        await one.shows("N or enter fills this in")
        assert "N new load" in offered()
        assert not any(
            word in offered() for word in ("panic", "pause", "rate", "compare", "past loads", "filter", "esc")
        )
        push(one, state(), *rows())
        await one.shows("● running")
        assert all(word in offered() for word in ("p panic stop", "P pause", "rate +10 %", "tab past loads"))
        assert not any(word in offered() for word in ("new load", "mark", "filter"))
        push(one, over())
        await one.until(lambda: "panic" not in offered())
        assert all(
            word in offered() for word in ("N new load", "space mark", "c compare", "enter details", "tab past loads")
        )
        await one.pilot.press("tab")
        assert "esc one step back" in offered()
        assert "tab past loads" not in offered()

    run(test)


def test_the_lease_is_renewed_while_the_load_runs_and_not_after_it() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        loads = one.app.deck.loads
        await begun(one)
        await one.until(lambda: len(one.session.asked("load_lease")) >= 2)
        assert one.session.asked("load_lease")[0] == {"run_id": RUN, "client": loads.name}
        assert loads.held == RUN
        push(one, over())
        await one.until(lambda: not loads.held)
        assert loads._lease is None

    run(test)


def test_a_load_that_another_console_began_is_not_held_here() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        push(one, state())
        await one.shows("● running")
        assert one.session.asked("load_lease") == []
        assert one.app.deck.loads.held == ""

    run(test)


def test_the_panic_key_stops_at_once_from_its_screen_any_other_and_below_a_dialog() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.type("p")
        await one.until(lambda: any("no load runs" in text for text in one.notices))
        push(one, state())
        await one.shows("● running")
        one.type("p")
        await one.until(lambda: len(one.session.asked("load_stop")) == 1)
        await one.pilot.press("1", "ctrl+x")
        await one.until(lambda: len(one.session.asked("load_stop")) == 2)
        await one.pilot.press("question_mark")
        await one.until(lambda: one.app.screen is not one.app.live_screen)
        await one.pilot.press("ctrl+x")
        await one.until(lambda: len(one.session.asked("load_stop")) == 3)
        assert one.app.screen is not one.app.live_screen
        await one.pilot.press("escape")
        await one.until(lambda: one.app.screen is one.app.live_screen)
        await one.command("load stop")
        await one.until(lambda: len(one.session.asked("load_stop")) == 4)

    run(test)


def test_a_load_is_paused_goes_on_and_gets_faster_and_slower_by_a_tenth() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        push(one, state())
        await one.shows("● running")
        await one.pilot.press("P", "plus")
        await one.until(lambda: one.session.asked("load_rate"))
        assert one.session.asked("load_pause") == [{"on": True}]
        assert one.session.asked("load_rate") == [{"factor": 1.1}]
        push(one, state(LoadPhase.PAUSED, factor=1.1))
        await one.shows("paused: nothing is sent")
        await one.pilot.press("P", "minus")
        await one.until(lambda: len(one.session.asked("load_rate")) == 2)
        assert one.session.asked("load_pause")[-1] == {"on": False}
        assert one.session.asked("load_rate")[-1] == {"factor": 1.0}

    run(test)


def test_leaving_with_a_load_says_that_it_stops_and_asks_once() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        await begun(one)
        await one.pilot.press("q")
        await one.until(lambda: any("stops with this console" in text for text in one.notices))
        assert one.app.is_running
        await one.pilot.press("q")
        await one.until(lambda: one.app.return_code is not None or not one.app.is_running)

    run(test)


def test_a_load_that_is_let_go_of_is_not_held_any_more() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        await begun(one)
        await one.pilot.press("D")
        await one.until(lambda: one.session.asked("load_detach") == [{"run_id": RUN}])
        await one.until(lambda: not one.app.deck.loads.held)

    run(test)


def test_a_load_that_is_over_is_shown_by_its_record() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        push(one, over(), *rows())
        await one.shows("1 of 2 thresholds broken")
        await one.until(lambda: one.session.asked("load_record") == [{"run_id": RUN}])
        await one.shows("█ p50  █ p95  █ p99")

    run(test)


def test_past_loads_are_opened_and_two_marked_ones_compared() -> None:
    async def test(one: Console, screen: LoadScreen) -> None:
        one.session.answers["load_compare"] = lambda _: {"notes": ["p95 is the same"]}
        push(one, None, *rows())
        await one.shows("10.0.0.7")
        await one.pilot.press("down", "enter")
        await one.until(lambda: one.session.asked("load_record") == [{"run_id": "b7c1"}])
        await one.shows("perftui load show b7c1")
        await one.pilot.press("enter")
        await one.shows("Errors by kind")
        await one.pilot.press("escape", "escape")
        await one.shows("10.0.0.7")
        await one.pilot.press("c")
        await one.until(lambda: any("mark two past loads" in text for text in one.notices))
        await one.pilot.press("home", "space", "space", "c")
        await one.shows("Two loads compared")
        assert one.session.asked("load_compare") == [{"a": "b7c1", "b": RUN}]
        assert "p95 is the same" in one.text
        await one.pilot.press("c", "escape", "tab")
        assert screen.book.view is View.RUNS

    run(test)


def test_a_record_that_is_not_there_is_said() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        one.session.refuses["load_record"] = "no such run"
        push(one, None, *rows())
        await one.shows("10.0.0.7")
        await one.pilot.press("enter")
        await one.until(lambda: "no such run" in one.notices)

    run(test)


def test_what_was_typed_last_is_there_when_the_form_is_opened_again() -> None:
    async def test(one: Console, _: LoadScreen) -> None:
        await begun(one)
        push(one, over())
        await one.shows("✗ done")
        one.type("N")
        form = await form_of(one)
        assert form.values["url"] == "127.0.0.1:8080"

    run(test)
