"""The Agents screen: the figures of a pool, and its agents with what is in sight watched."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Screen
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import parse_selector, series_id
from perftui.domain.workflow import AgentRow, AgentState
from perftui.link.mirror import Mirror
from perftui.view.agents import HEAT_WATCH, POOL_WATCH, TABLES, Manning, agents_picture, agents_watches
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.page import page, page_watches
from perftui.view.text import line_width
from tests.unit.view.work_rows import (
    CONFIG,
    HOSTILE,
    NOW,
    SOURCE,
    agent_row,
    busy_window,
    mirror,
    pool_row,
    scene,
    text,
)

FULL = pool_row(
    utilisation=1.0, queue=31, wait_p50_s=4.1, wait_p95_s=9.4, balance=0.7, timeout_ratio=0.01, failed_ratio=0.02,
    done_per_s=1.9, mean_s=1.1, p50_s=0.8, p95_s=1.3, p99_s=4.1, lost=1, total=4, active=3, idle=1,
)  # fmt: skip


def five() -> tuple[AgentRow, ...]:
    rows = [
        agent_row(f"agent_{number}", task=f"t_{number}", task_kind="hash", since=NOW - 7, busy_ratio=0.97, done=30,
                  success_ratio=0.9, p50_s=0.8, p95_s=4.1 if number == 3 else 1.2, p99_s=6.0)
        for number in range(1, 5)
    ]  # fmt: skip
    return (*rows, agent_row("agent_5", AgentState.LOST, reason="killed by SIGKILL", seen_at=NOW - 34))


def looking(mirrored: Mirror) -> Manning:
    manning = Manning()
    manning.update(mirrored)
    return manning


def picture(mirrored: Mirror, width: int = 140, height: int = 24) -> str:
    return text(agents_picture(scene(mirrored), looking(mirrored), width, height))


def test_a_pool_tells_who_there_is_how_it_went_and_what_is_worth_a_look() -> None:
    rows = mirror(agents=five(), pools=(FULL,))
    values = (0.9,) * 100
    series = SeriesWindow(f"{SOURCE}/agents_utilisation_ratio", values, values, values, 0.9, NOW)
    rows.windows = {POOL_WATCH: Window(NOW - 300, 3.0, 100, (series,))}
    told = picture(rows)
    lines = told.splitlines()

    assert (
        "4 agents  3 busy  1 idle  1 lost ✗  response p50 800 ms  p99 4.10 s  mean 1.10 s  wait p50 4.10 s" in lines[1]
    )
    assert "3 of 4 busy  100 % ▲" in lines[0]
    assert "⣿" in lines[2]
    assert "100 % ▲" in lines[2]
    for name, figure in (("queue", "31 ▲"), ("wait p95", "9.40 s ▲"), ("balance", "70 % ▲"), ("timeouts", "1.0 % ▲")):
        assert any(name in line and figure in line for line in lines[2:7]), name
    assert "response p95" in told
    assert "1.90 /s" in told


def test_agents_tell_what_they_do_and_how_well_with_trouble_first() -> None:
    rows = mirror(agents=five(), pools=(FULL,))
    rows.windows = {HEAT_WATCH: busy_window("agent_1")}
    lines = [line for line in picture(rows).splitlines() if "agent_" in line]

    assert "✗ lost" in lines[0]
    assert "killed by SIGKILL" in lines[0]
    assert "0:34" in lines[0]
    assert "▇▇▇▇▇" in lines[1]
    assert lines[1].split()[2:9] == ["busy", "hash", "t_1", "0:07", "97", "%", lines[1].split()[8]]
    assert "90 %  800 ms  1.20 s" in lines[1]
    assert "▇" not in lines[2]
    assert "4.10 s ▲" in lines[3]


def test_what_is_not_known_is_a_dash_never_zero() -> None:
    told = picture(mirror(agents=(agent_row("a"),), pools=(pool_row(active=None, idle=None),)))

    assert "4 agents  – busy  – idle  0 lost" in told
    assert "0 %" not in told


def test_only_the_agents_in_sight_and_around_are_watched_and_scrolling_moves_that() -> None:
    manning = looking(mirror(agents=[agent_row(f"agent_{number}") for number in range(1000)], pools=(FULL,)))

    def watched() -> list[int]:
        wanted = {one.name: one for one in agents_watches(manning, 120, 40)}
        (selector,) = map(parse_selector, wanted[HEAT_WATCH].selectors)
        names = {n: series_id(SOURCE, "agent_busy_ratio", {"agent": f"agent_{n}"}) for n in range(1000)}
        return [n for n, name in names.items() if selector.matches(name)]

    def scroll(rows: int) -> None:
        manning.table.move(rows)
        agents_picture(scene(mirror(agents=manning.crew.agents, pools=(FULL,))), manning, 120, 40)

    first = watched()
    assert first == list(range(len(first)))
    assert len(first) < 80
    scroll(5)
    assert watched() == first
    scroll(500)
    assert 505 in watched()
    assert len(watched()) < 110


def test_pools_are_looked_at_one_by_one() -> None:
    other = msgspec.structs.replace(FULL, key="other")
    theirs = msgspec.structs.replace(agent_row("theirs"), key="other/theirs", source="other")
    rows = mirror(agents=(*five(), theirs), pools=(FULL, other))
    manning = looking(rows)
    assert "Pool  main, pool 1 of 2" in text(agents_picture(scene(rows), manning, 120, 24))
    manning.next_pool()
    manning.update(rows)
    told = text(agents_picture(scene(rows), manning, 120, 24))
    assert "Agents  other, pool 2 of 2" in told
    assert "theirs" in told
    assert "agent_1" not in told
    manning.next_pool()
    assert manning.pool == SOURCE


def test_without_agents_it_teaches_or_waits() -> None:
    taught = text(agents_picture(scene(mirror(), config=DEFAULTS), Manning(), 80, 20))

    assert "perftui demo" in taught
    assert "[sources.workflow.main]" in taught
    assert "No agent yet: events.jsonl has told of none." in picture(mirror())
    assert "no agents yet" in picture(mirror(pools=(FULL,)))
    assert "no figures of this pool yet" in picture(mirror(agents=five()))


def test_hostile_names_break_nothing() -> None:
    bad = agent_row(HOSTILE, AgentState.LEFT, task="", reason=HOSTILE)
    told = picture(mirror(agents=(bad, agent_row("b", task=HOSTILE, task_kind=HOSTILE)), pools=(FULL,)))

    assert all(line.isprintable() for line in told.split("\n"))


@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
def test_a_page_and_what_it_needs(glyphs: GlyphSet) -> None:
    lines = page(Screen.AGENTS, scene(mirror(agents=five(), pools=(FULL,)), glyphs=glyphs), 100, 30)
    windows, tables = page_watches(Screen.AGENTS, CONFIG, 100, 30)

    assert "agent_1" in text(lines)
    assert {one.name for one in windows} == {HEAT_WATCH, POOL_WATCH}
    assert tables == TABLES
    assert page_watches(Screen.AGENTS, DEFAULTS, 100, 30)[0] == ()


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 220), st.integers(1, 60), st.sampled_from((UTF8, ASCII)), st.integers(0, 30), st.integers(0, 3)
)  # fmt: skip
def test_a_picture_has_exactly_its_size(width: int, height: int, glyphs: GlyphSet, agents: int, pools: int) -> None:
    rows = mirror(
        agents=[agent_row("a" * number, list(AgentState)[number % 5], reason="r" * number) for number in range(agents)],
        pools=[msgspec.structs.replace(FULL, key=f"pool-{number}") for number in range(pools)],
    )
    rows.windows = {HEAT_WATCH: busy_window("a", "aa")}
    lines = agents_picture(scene(rows, glyphs=glyphs), looking(rows), width, height)

    assert len(lines) == height
    assert {line_width(line) for line in lines} == {width}
