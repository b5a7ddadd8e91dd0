"""The Agents screen and the panels of the Overview in the console: only agents in sight are watched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from perftui.config.schema import Screen
from perftui.domain.series import parse_selector, series_id
from perftui.domain.workflow import AgentState
from perftui.link.messages import TablePart, UnwatchTable, WatchTable, WindowPart
from perftui.tui.screens.agents import AgentsScreen
from tests.tui.console import NOW, Console, console
from tests.unit.view.work_rows import CONFIG, SOURCE, agent_row, busy_window, phases, pool_row, run_row


def run(
    test: Callable[[Console], Awaitable[None]], screen: Screen = Screen.AGENTS, size: tuple[int, int] = (120, 40)
) -> None:
    async def opened() -> None:
        async with console(msgspec.structs.replace(CONFIG, screen=screen), size) as one:
            await test(one)

    asyncio.run(opened())


def tables(count: int = 1000) -> dict[str, TablePart]:
    agents = [agent_row(f"agent_{number}", task=f"t_{number}") for number in range(count)]
    lost = agent_row("zoe", AgentState.LOST, reason="killed by SIGKILL", seen_at=NOW - 34)
    return {
        "agents": TablePart(True, NOW, (*agents, lost)),
        "pools": TablePart(True, NOW, (pool_row(total=count, utilisation=0.99),)),
    }


def watched(one: Console, name: str) -> list[int]:
    """Numbers of the agents that the newest watch of this name picks."""
    watch = one.session.watches().get(name)
    if watch is None:
        return []
    (selector,) = map(parse_selector, watch.selectors)
    series = {n: series_id(SOURCE, "agent_busy_ratio", {"agent": f"agent_{n}"}) for n in range(1000)}
    return [n for n, one_series in series.items() if selector.matches(one_series)]


def test_of_a_thousand_agents_those_in_sight_are_watched_and_scrolling_moves_that() -> None:
    async def test(one: Console) -> None:
        assert isinstance(one.screen, AgentsScreen)
        await one.until(lambda: WatchTable("agents") in one.session.received)
        one.session.push(tables=tables())
        await one.shows("killed by SIGKILL")
        await one.until(lambda: 0 in watched(one, "agents.heat"))
        assert len(watched(one, "agents.heat")) < 100
        await one.pilot.press("end")
        await one.until(lambda: 999 in watched(one, "agents.heat"))
        assert 0 not in watched(one, "agents.heat")
        one.session.push(windows={"agents.heat": WindowPart(True, busy_window("agent_999"))})
        await one.shows("▇▇▇▇")
        await one.pilot.press("1")
        await one.until(lambda: "agents.heat" not in one.app.deck.client.watched)

    run(test)


def test_agents_are_filtered_and_sorted() -> None:
    async def test(one: Console) -> None:
        one.session.push(tables=tables(20))
        await one.shows("▸ zoe")
        one.type("/lost\n")
        await one.shows("1 of 21")
        await one.pilot.press("escape")
        await one.until(lambda: "1 of 21" not in one.text)
        await one.command("sort agent")
        await one.shows("▸ agent_0")

    run(test)


def test_pools_are_changed_with_tab() -> None:
    async def test(one: Console) -> None:
        other = msgspec.structs.replace(agent_row("theirs"), key="other/theirs", source="other")
        one.session.push(tables={**tables(3), "agents": TablePart(True, NOW, (agent_row("ours"), other))})
        await one.shows("Agents  main, pool 1 of 2")
        await one.pilot.press("tab")
        await one.shows("Agents  other, pool 2 of 2")
        await one.until(lambda: "agents.pool" in one.session.watches())
        await one.until(lambda: one.session.watches()["agents.pool"].selectors[0].startswith("other/"))

    run(test)


def test_the_overview_asks_for_tables_of_its_panels_and_watches_the_agents_that_they_show() -> None:
    async def test(one: Console) -> None:
        for name in ("workflows", "phases", "agents", "pools"):
            await one.until(lambda name=name: WatchTable(name) in one.session.received)
        assert "panel.agents" not in one.session.watches()
        rows = {"workflows": TablePart(True, NOW, (run_row(),)), "phases": TablePart(True, NOW, phases())}
        one.session.push(tables={**tables(), **rows})
        await one.shows("Workflow  demo-1")
        await one.shows("✗ zoe")
        await one.until(lambda: 0 in watched(one, "panel.agents"))
        assert len(watched(one, "panel.agents")) < 40
        await one.pilot.press("tab", "tab", "e")
        await one.until(lambda: len(watched(one, "panel.agents")) > 60)
        assert UnwatchTable("phases") in one.session.received

    run(test, Screen.OVERVIEW)
