"""Commands of whoever opens the console, and what that one has to say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from perftui.domain.workflow import WorkflowRow, WorkState
from perftui.link.messages import TablePart, WatchTable
from tests.tui.console import NOW, Console, console


class Demo:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.says: list[str] = []

    def fault(self, argument: str) -> str:
        if argument == "nonsense":
            raise ValueError("no fault is called nonsense")
        self.told.append(argument)
        return f"fault {argument}"

    def news(self) -> str:
        return self.says.pop() if self.says else ""


def run(test: Callable[[Console, Demo], Awaitable[None]]) -> None:
    async def opened() -> None:
        demo = Demo()
        async with console(controls={"fault": demo.fault}, news=demo.news) as one:
            await test(one, demo)

    asyncio.run(opened())


def noted(*marks: tuple[float, str]) -> dict[str, TablePart]:
    row = WorkflowRow("demo/demo-1", "demo", "demo-1", "demo", WorkState.RUNNING, NOW - 9, marks=marks)
    return {"workflows": TablePart(True, NOW, (row,))}


def test_a_command_takes_what_follows_and_says_what_comes_back() -> None:
    async def test(one: Console, demo: Demo) -> None:
        await one.command("fault slow:400")
        assert demo.told == ["slow:400"]
        await one.until(lambda: "fault slow:400" in one.notices)
        await one.command("fault nonsense")
        await one.until(lambda: "no fault is called nonsense" in one.notices)

    run(test)


def test_it_is_completed_and_stands_in_the_palette() -> None:
    async def test(one: Console, demo: Demo) -> None:
        one.type(":fau")
        await one.pilot.press("tab", "o", "f", "f", "enter")
        await one.until(lambda: demo.told == ["off"])
        assert "fault" in {title for title, _, _ in one.app.palette_entries()}

    run(test)


def test_the_key_lifts_a_fault_that_is_on_and_else_puts_one_on() -> None:
    async def test(one: Console, demo: Demo) -> None:
        await one.until(lambda: WatchTable("workflows") in one.session.received)
        one.type("F")
        await one.until(lambda: demo.told == ["on"])
        one.session.push(tables=noted((NOW - 5, "fault pool:3 injected")))
        await one.until(lambda: "workflows" in one.app.deck.mirror.tables)
        one.type("F")
        await one.until(lambda: demo.told == ["on", "off"])
        one.type("9")
        await one.until(lambda: WatchTable("processes") in one.session.received)
        one.session.push(tables=noted((NOW - 5, "fault pool:3 injected"), (NOW - 1, "fault pool:3 lifted")))
        version = one.app.deck.mirror.version
        await one.until(lambda: one.app.deck.mirror.version > version)
        one.type("F")
        await one.until(lambda: demo.told == ["on", "off", "on"])

    run(test)


def test_what_there_is_to_say_is_said() -> None:
    async def test(one: Console, demo: Demo) -> None:
        demo.says.append("the demo has ended: killed by SIGKILL")
        await one.until(lambda: "the demo has ended: killed by SIGKILL" in one.notices)

    run(test)


def test_a_console_without_controls_has_neither_key_nor_command() -> None:
    async def opened() -> None:
        async with console() as one:
            assert "app.fault" not in {binding.id for binding in one.app.deck.bindings}
            assert WatchTable("workflows") not in one.session.received
            one.type("F")
            await one.command("fault on")
            await one.until(lambda: any('no command "fault"' in notice for notice in one.notices))

    asyncio.run(opened())
