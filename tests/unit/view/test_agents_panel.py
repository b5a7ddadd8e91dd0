"""The panel of agents: who works on what, who is missing, and whether work waits."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import PoolSignals, Signals
from perftui.analysis.rules.verdicts import Quiet
from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Pool
from perftui.domain.series import parse_selector, series_id
from perftui.domain.workflow import AgentRow, AgentState
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.view.agents_rows import crew, waits
from perftui.view.agents_strip import strip_selectors
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.overview import overview_regions, overview_watches
from perftui.view.panels import panel_picture, watch_name
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

FULL = {"utilisation": 1.0, "queue": 31, "wait_p95_s": 9.4, "balance": 0.96, "timeout_ratio": 0.002, "mean_s": 1.1}


def four(**more: float) -> tuple[AgentRow, ...]:
    return tuple(
        agent_row(f"agent_{number}", task=f"t_{number}", task_kind="hash", p95_s=4.1 if number == 3 else 1.2, **more)
        for number in range(1, 5)
    )


def panel(mirrored: Mirror, width: int = 64, height: int = 8, glyphs: GlyphSet = UTF8) -> str:
    shown = scene(mirrored, glyphs=glyphs)
    return text(panel_picture(shown, "agents", CONFIG.panels["agents"], width, height))


def test_agents_tell_their_heat_their_task_and_their_p95() -> None:
    rows = mirror(agents=four(), pools=(pool_row(**FULL),))
    rows.windows = {watch_name("agents"): busy_window("agent_1", "agent_2")}
    lines = panel(rows).splitlines()

    assert "4 of 4 busy  100 % ▲" in lines[0]
    assert "▇▇▇▇▇▇" in lines[1]
    assert "hash t_1" in lines[1]
    assert "p95 1.20 s" in lines[1]
    assert "▇" not in lines[3]  # nothing is known of how busy it was
    assert "p95 4.10 s  ▲" in lines[3]
    assert lines[5].strip("│ ").startswith("queue 31 ▲  wait p95 9.40 s ▲  balance 96 %  timeouts 0.2 %")


def test_a_pool_with_time_to_spare_has_no_signs() -> None:
    told = panel(mirror(agents=four()[:2], pools=(pool_row(active=1, utilisation=0.4, queue=0, balance=0.9),)))

    assert "▲" not in told
    assert "1 of 4 busy  40 %" in told
    assert "wait p95 –" in told


def test_agents_that_are_gone_stand_first_with_the_reason() -> None:
    lost = agent_row("zoe", AgentState.LOST, seen_at=NOW - 34, reason="killed by SIGKILL")
    ended = agent_row("yan", AgentState.LEFT, reason="killed by SIGKILL")
    gone = agent_row("abe", AgentState.LEFT)
    lines = panel(mirror(agents=(*four(), gone, ended, lost), pools=(pool_row(),)), height=10).splitlines()

    assert "✗ yan" in lines[1]
    assert "left: killed by SIGKILL" in lines[1]
    assert "✗ zoe" in lines[2]
    assert "lost 0:34  killed by SIGKILL" in lines[2]
    assert "– abe" in lines[7]


def test_names_are_ordered_as_people_count() -> None:
    found = crew(mirror(agents=(agent_row("agent_10"), agent_row("agent_9"), agent_row("b"), agent_row("²"))))

    assert [row.agent for row in found.agents] == ["agent_9", "agent_10", "b", "²"]


def test_many_agents_stand_in_columns_and_those_without_room_are_counted() -> None:
    many = tuple(agent_row(f"agent_{number}") for number in range(1, 31))
    told = panel(mirror(agents=many, pools=(pool_row(**FULL),)), 120, 8)

    assert "agent_15" in told
    assert "agent_16" not in told
    assert "15 more: screen 3 lists them all" in told
    assert "queue 31" in told.splitlines()[-1]


def test_only_agents_in_sight_are_watched() -> None:
    config = with_profiles(CONFIG, {})
    rows = mirror(agents=[agent_row(f"agent_{number}") for number in range(1000)], pools=(pool_row(),))
    regions = overview_regions(config, 120, 38)
    (wanted,) = [one for one in overview_watches(config, regions, rows) if one.name == watch_name("agents")]
    (selector,) = map(parse_selector, wanted.selectors)

    seen = [n for n in range(1000) if selector.matches(series_id(SOURCE, "agent_busy_ratio", {"agent": f"agent_{n}"}))]
    assert 0 < len(seen) < 20
    assert seen == list(range(len(seen)))
    (unknown,) = [one for one in overview_watches(config, regions) if one.name == watch_name("agents")]
    assert unknown.selectors == ("main/agent_busy_ratio",)


@pytest.mark.parametrize("name", ['a"b\\c', "x|y.*", "a\nb", "{}", "agent=~"])
def test_agents_of_any_name_are_picked_alone(name: str) -> None:
    (selector,) = map(parse_selector, strip_selectors((agent_row(name),)))

    assert selector.matches(series_id(SOURCE, "agent_busy_ratio", {"agent": name}))
    assert not selector.matches(series_id(SOURCE, "agent_busy_ratio", {"agent": "x"}))


def test_several_pools_are_added_up_and_told_apart() -> None:
    other = msgspec.structs.replace(pool_row(total=2, active=1, utilisation=0.4, queue=3), key="other")
    told = panel(mirror(agents=four(), pools=(pool_row(utilisation=1.0), other)), 100, 9)

    assert "5 of 6 busy  80 %" in told
    assert "main  queue –" in told
    assert "other  queue 3" in told


def test_a_pool_that_does_not_tell_who_is_busy_tells_how_many_there_are() -> None:
    assert "4 agents  50 %" in panel(mirror(pools=(pool_row(active=None, idle=None, utilisation=0.5),)))


def test_an_empty_panel_teaches_what_brings_agents() -> None:
    shown = scene(mirror(), config=DEFAULTS)
    told = text(panel_picture(shown, "agents", DEFAULTS.panels["agents"], 64, 9))

    assert "perftui demo" in told
    assert "[sources.workflow.main]" in told
    by_metrics = msgspec.structs.replace(DEFAULTS, pools={"web": Pool()})
    shown = scene(mirror(), config=by_metrics)
    assert "No agent yet: the metrics tell of none." in text(
        panel_picture(shown, "agents", DEFAULTS.panels["agents"], 64, 9)
    )


def test_hostile_names_break_nothing() -> None:
    rows = mirror(agents=(agent_row(HOSTILE, task=HOSTILE, task_kind=HOSTILE, reason=HOSTILE),), pools=(pool_row(),))
    told = panel(rows)

    assert all(line.isprintable() for line in told.split("\n"))


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 200), st.integers(1, 60), st.sampled_from((UTF8, ASCII)), st.integers(0, 40), st.integers(0, 3)
)  # fmt: skip
def test_a_panel_has_exactly_its_size(width: int, height: int, glyphs: GlyphSet, agents: int, pools: int) -> None:
    states = list(AgentState)
    rows = [agent_row(f"a{number}" * (number % 5), states[number % 5], task="t", p95_s=1.0) for number in range(agents)]
    found = [msgspec.structs.replace(pool_row(**FULL), key=f"pool {number}") for number in range(pools)]
    shown = scene(mirror(agents=rows, pools=found), glyphs=glyphs)
    lines = panel_picture(shown, "agents", CONFIG.panels["agents"], width, height)

    assert len(lines) == height
    assert {line_width(line) for line in lines} == {width}


def test_work_waits_where_the_rule_of_full_pools_begins_to_look() -> None:
    rule = next(rule for rule in RULES if rule.id == "POOL1")

    for wait_s, too_long in ((0.12, True), (0.08, False)):
        pool = pool_row(utilisation=1.0, wait_p95_s=wait_s, mean_s=1.0, p50_s=0.5, p95_s=5.0)
        (verdict,) = rule.judge(Signals(NOW, 60.0, {}, pools=(PoolSignals(pool, (), ()),)))

        assert waits(pool) is too_long
        assert isinstance(verdict, Quiet) is not too_long
    assert not waits(pool_row(utilisation=1.0, wait_p95_s=9.0))
