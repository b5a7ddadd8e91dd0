"""The Workflow screen in the console: what it asks for, and what its keys do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from perftui.config.schema import Screen
from perftui.domain.workflow import WorkState
from perftui.link.messages import TablePart, UnwatchTable, WatchTable
from perftui.tui.screens.workflow import WorkflowScreen
from tests.tui.console import NOW, Console, console
from tests.unit.view.work_rows import CONFIG, phase_row, run_row, task_row

AT_ONCE = msgspec.structs.replace(CONFIG, screen=Screen.WORKFLOW)


def run(test: Callable[[Console, WorkflowScreen], Awaitable[None]], size: tuple[int, int] = (140, 40)) -> None:
    async def opened() -> None:
        async with console(AT_ONCE, size) as one:
            screen = one.screen
            assert isinstance(screen, WorkflowScreen)
            await test(one, screen)

    asyncio.run(opened())


def tables(**more: TablePart) -> dict[str, TablePart]:
    """Two runs; the older one has failed."""
    old = run_row("demo-0", WorkState.FAILED, started_at=NOW - 900, finished_at=NOW - 700)
    begin = {"started_at": NOW - 125}
    tasks = (
        task_row("short", finished_at=NOW - 124, agent="agent_1", **begin),
        task_row("long", WorkState.FAILED, finished_at=NOW - 25, agent="agent_2", **begin),
        task_row("before", run="demo-0", **begin),
    )
    phases = (phase_row("build", WorkState.RUNNING, started_at=NOW - 125), phase_row("pack", run="demo-0"))
    given = {
        "workflows": TablePart(True, NOW, (old, run_row())),
        "phases": TablePart(True, NOW, phases),
        "tasks": TablePart(True, NOW, tasks),
    }
    return {**given, **more}


def test_its_tables_are_watched_while_it_is_shown_and_no_longer() -> None:
    async def test(one: Console, _: WorkflowScreen) -> None:
        for name in ("workflows", "phases", "tasks"):
            await one.until(lambda name=name: WatchTable(name) in one.session.received)
        one.session.push(tables=tables())
        await one.shows("Workflow  demo-1, run 2 of 2")
        await one.shows("▶ build")
        await one.shows("▸ long")
        one.type("0")
        await one.until(lambda: UnwatchTable("tasks") in one.session.received)

    run(test)


def test_a_run_is_chosen_by_tab_arrows_and_enter_and_escape_is_back_to_the_newest() -> None:
    async def test(one: Console, screen: WorkflowScreen) -> None:
        one.session.push(tables=tables())
        await one.shows("Workflow  demo-1")
        await one.pilot.press("tab", "down", "enter")
        await one.shows("Workflow  demo-0, run 1 of 2")
        await one.shows("▸ before")
        one.session.push(tables={"workflows": TablePart(False, NOW + 1, (run_row("demo-2", started_at=NOW),))})
        await one.shows("Workflow  demo-0, run 1 of 3")
        await one.pilot.press("right_square_bracket")
        await one.shows("Workflow  demo-1, run 2 of 3")
        await one.pilot.press("escape")
        await one.shows("Workflow  demo-2, run 3 of 3")
        assert not screen.work.on_runs

    run(test)


def test_tasks_are_filtered_and_sorted_like_every_table() -> None:
    async def test(one: Console, screen: WorkflowScreen) -> None:
        one.session.push(tables=tables())
        await one.shows("▸ long")
        await one.command("sort task")
        assert [screen.work.tasks.sort, screen.work.tasks.descending] == ["task", False]
        await one.command("filter agent_1")
        await one.shows("1 of 2")
        await one.shows("filter agent_1")
        await one.command("sort beauty")
        await one.until(lambda: any("known: task, phase" in notice for notice in one.notices))
        await one.pilot.press("escape")
        assert screen.work.tasks.filter == ""
        await one.pilot.press("R", "m", "s")
        assert screen.work.tasks.sort == "phase"
        assert len(screen.work.tasks.marks) == 1

    run(test)


def test_tasks_are_unfolded_on_the_time_axis() -> None:
    async def test(one: Console, _: WorkflowScreen) -> None:
        one.session.push(tables=tables())
        await one.shows("▶ build")
        await one.pilot.press("e")
        await one.shows("decided when it ended")
        await one.pilot.press("enter")
        await one.until(lambda: "decided when" not in one.text)

    run(test)


def test_a_frozen_screen_stays_as_it_was() -> None:
    async def test(one: Console, _: WorkflowScreen) -> None:
        one.session.push(tables=tables())
        await one.shows("▸ long")
        await one.pilot.press("space")
        await one.shows("FROZEN")
        newer = task_row("longest", started_at=NOW - 125, finished_at=NOW)
        version = one.app.deck.mirror.version
        one.session.push(tables={"tasks": TablePart(False, NOW + 1, (newer,))})
        await one.until(lambda: one.app.deck.mirror.version > version)
        await one.pilot.press("down", "up")
        assert "longest" not in one.text
        await one.pilot.press("l")
        one.session.push(tables={"tasks": TablePart(False, NOW + 2, (newer,))})
        await one.shows("longest")

    run(test)
