"""What to fix first: gains as they were computed, what changes brought, and what every rule says."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.findings import Effort, Evidence, Finding, Gain, Outcome, RuleState, RuleStatus
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.panels import panel_length, panel_picture
from perftui.view.text import line_width
from tests.unit.view.work_rows import CONFIG, HOSTILE, NOW, finding, mirror, scene, text

PANEL = CONFIG.panels["fixes"]
SLOW = finding("agent_3 is slow", effort=Effort.HIGH, hours=40.0, gain=Gain(0.02, 0.16, 0.29), score=0.6)
RULES = (
    RuleStatus("POOL1", "main", RuleState.FOUND, "add 2 agents"),
    RuleStatus("WF6", "main", RuleState.WAITING, "true for 3 s of 5 s"),
    RuleStatus("ERR1", "shop", RuleState.QUIET, "0.1 % failed, more than 5 % would count"),
    RuleStatus("LAT1", "shop", RuleState.BLIND, "needs baseline: 4 s of 10 s"),
    RuleStatus("NET2", "host", RuleState.FAILED, "division by zero"),
)


def told_by(*found: Finding, outcomes: tuple[Outcome, ...] = (), rules: tuple[RuleStatus, ...] = ()) -> Mirror:
    rows = mirror()
    rows.findings, rows.outcomes, rows.rules = found, outcomes, rules
    return rows


def panel(mirrored: Mirror, width: int = 120, height: int = 6, *, expanded: bool = False, top: int = 0) -> str:
    return text(panel_picture(scene(mirrored), "fixes", PANEL, width, height, expanded=expanded, top=top))


def test_a_finding_tells_effort_gain_confidence_and_evidence() -> None:
    lines = panel(told_by(SLOW, finding())).splitlines()

    assert "effort vs impact: 1 quick win, 1 big bet" in lines[0]
    assert "1 ● add 2 agents" in lines[1]
    assert "low 2 h  total time −22 % (−15 … −29)" in lines[1]
    assert "conf 0.8" in lines[1]
    assert "queue wait p95 9.4 s" in lines[2]
    assert "2 ● agent_3 is slow" in lines[3]
    assert "high 40 h  total time −16 % (−2.0 … −29)" in lines[3]


def test_on_wide_screens_the_evidence_stands_beside_it() -> None:
    assert "conf 0.8   queue wait p95 9.4 s" in panel(told_by(finding()), 160)


def test_on_narrow_screens_the_figures_go_one_by_one() -> None:
    assert "conf" not in panel(told_by(finding()), 80)
    assert "−22 % (−15 … −29)" in panel(told_by(finding()), 50)
    assert "low 2 h" not in panel(told_by(finding()), 50)
    assert "1 ● add 2 age…" in panel(told_by(finding()), 18)
    assert "1 to weigh" in panel(told_by(finding()), 40)


def test_a_need_without_a_gain_tells_how_far_the_metric_has_to_move() -> None:
    told = panel(told_by(finding(gain=None)))

    assert "total time −30 s (−20 … −41)" in told
    assert "1 to weigh" in told


@pytest.mark.parametrize(
    ("gain", "hours", "name"),
    [(0.1, 8.0, "1 quick win"), (0.1, 8.1, "1 big bet"), (0.09, 2.0, "1 fill-in"), (0.09, 40.0, "1 long shot")],
)
def test_effort_stands_against_impact(gain: float, hours: float, name: str) -> None:
    assert f"effort vs impact: {name} " in panel(told_by(finding(gain=Gain(gain, gain, gain), hours=hours)))


def outcome(measured: float | None, **more: str) -> Outcome:
    return Outcome(finding(gain=Gain(0.3, 0.38, 0.45)), NOW - 80, "fault lifted", 9.0, 5.6, measured, **more)


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        (0.38, "measured −38 % (predicted −30 … −45)  ✓ within"),
        (0.3, "measured −30 % (predicted −30 … −45)  ✓ within"),
        (0.1, "measured −10 % (predicted −30 … −45)  ✗ less than predicted"),
        (-0.2, "measured +20 % (predicted −30 … −45)  ✗ less than predicted"),
        (0.6, "measured −60 % (predicted −30 … −45)  ▲ more than predicted"),
    ],
)
def test_after_a_change_what_was_measured_stands_beside_what_was_predicted(measured: float, told: str) -> None:
    assert told in panel(told_by(outcomes=(outcome(measured),)))


def test_until_enough_was_measured_it_says_what_is_waited_for() -> None:
    assert "⋯ add 2 agents: 4 s of 10 s" in panel(told_by(outcomes=(outcome(None, text="4 s of 10 s"),)))


def test_what_a_change_brought_and_rules_that_wait_have_a_line_whatever_else_there_is() -> None:
    found = [finding(f"number {number}", score=float(9 - number)) for number in range(9)]
    told = panel(told_by(*found, outcomes=(outcome(0.38),), rules=RULES), height=6)

    assert "number 1" in told
    assert "7 more: e shows all" in told
    assert "measured −38 %" in told
    assert "WF6 true for 3 s of 5 s" in panel(told_by(rules=RULES))


def test_nothing_to_fix_says_what_would_stand_here() -> None:
    assert "Nothing to fix." in panel(told_by())


def test_expanded_it_tells_method_assumptions_steps_and_every_rule() -> None:
    full = finding(assumptions=("Tasks go on arriving.",), steps=("Start 2 more.", "Look again."), since=NOW - 14,
                   target="main", urgency=1.5)  # fmt: skip
    told = panel(told_by(full, outcomes=(outcome(0.38, text="of 20 tasks"),), rules=RULES), height=40, expanded=True)

    for words in (
        "POOL1 main, for 0:14, score 6", "urgency 1.5", "total time −30 s (−20 … −41)",
        "queue wait p95 9.4 s (main/queue_wait_seconds)", "Erlang C scaled", "Tasks go on arriving.",
        "1. Start 2 more.", "2. Look again.", "after fault lifted, 1:20 ago; of 20 tasks", "Rules (5)", "● POOL1",
        "⋯ WF6", "true for 3 s of 5 s",
        "0.1 % failed", "not evaluated (needs baseline: 4 s of 10 s)", "✗ NET2", "failed: division by zero",
    ):  # fmt: skip
        assert words in told, words


def test_evidence_that_is_of_no_series_stands_without_one() -> None:
    proof = Evidence("", "13.4 tasks/s arrive", 1.9, Unit.RATIO, 60, 60.0)
    told = panel(told_by(finding(evidence=(proof,))), height=40, expanded=True)

    assert "13.4 tasks/s arrive" in told
    assert "()" not in told


def test_an_expanded_panel_is_longer_than_its_room_and_can_be_read_to_its_end() -> None:
    rows = told_by(*[finding(f"number {number}") for number in range(9)], rules=RULES)
    length = panel_length(scene(rows), "fixes", PANEL, 80)

    assert length > 24
    assert "more lines" in panel(rows, 80, 24, expanded=True)
    end = panel(rows, 80, 24, expanded=True, top=length - 24)
    assert "more lines" not in end
    assert "not evaluated" in end
    assert panel(rows, 80, 24, expanded=True, top=9999) == end


def test_hostile_texts_break_nothing() -> None:
    bad = msgspec.structs.replace(finding(HOSTILE), steps=(HOSTILE,), assumptions=(HOSTILE,), target=HOSTILE)
    rows = told_by(
        bad, outcomes=(outcome(None, text=HOSTILE),), rules=(RuleStatus(HOSTILE, HOSTILE, RuleState.QUIET, HOSTILE),)
    )

    for expanded in (False, True):
        assert all(line.isprintable() for line in panel(rows, expanded=expanded, height=30).split("\n"))


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 200), st.integers(1, 60), st.sampled_from((UTF8, ASCII)), st.integers(0, 6), st.booleans(),
    st.sampled_from((0.2, None)),
)  # fmt: skip
def test_a_panel_has_exactly_its_size(
    width: int, height: int, glyphs: GlyphSet, count: int, expanded: bool, measured: float | None
) -> None:
    rows = told_by(*[finding("f" * 9 * number) for number in range(count)], outcomes=(outcome(measured),), rules=RULES)
    lines = panel_picture(scene(rows, glyphs=glyphs), "fixes", PANEL, width, height, expanded=expanded)

    assert len(lines) == height
    assert {line_width(line) for line in lines} == {width}
