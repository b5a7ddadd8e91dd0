"""The panel of a workflow: how far it is, how long it takes, and what it says with little room, or with nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.workflow import WorkState
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.overview import overview_picture, overview_regions, overview_tables
from perftui.view.panels import panel_picture
from perftui.view.text import line_width
from tests.unit.view.work_rows import (
    CONFIG,
    HOSTILE,
    NOW,
    SOURCE,
    mirror,
    phase_row,
    phases,
    run_row,
    scene,
    text,
    working,
)


def panel(mirrored: Mirror, width: int = 64, height: int = 8, glyphs: GlyphSet = UTF8) -> str:
    shown = scene(mirrored, glyphs=glyphs)
    return text(panel_picture(shown, "workflow", CONFIG.panels["workflow"], width, height))


def test_phases_tell_state_elapsed_time_estimate_efficiency_and_progress() -> None:
    lines = panel(working()).splitlines()

    assert "Workflow  demo-1" in lines[0]
    assert "2:14 of ~3:40" in lines[0]
    assert lines[1].split()[1:9] == ["✓", "setup", "0:08", "est", "0:10", "eff", "98", "%"]
    assert "▆" in lines[1]
    assert "▶ build" in lines[2]
    assert "2:05" in lines[2]
    assert lines[2].count("▆") == lines[1].count("▆") // 2
    assert "· test" in lines[3]
    assert "est  0:50" in lines[3]
    assert lines[4].count("–") == 4  # of what has not begun nothing is known, not even an estimate
    assert "tasks 118 done  4 running  31 queued  0 failed" in lines[5]


def test_what_takes_longer_than_it_should_has_a_sign() -> None:
    late = phase_row("build", WorkState.RUNNING, started_at=NOW - 100, expected_s=50.0)
    lines = panel(mirror(workflows=(run_row(expected_s=60.0),), phases=(late,))).splitlines()

    assert "2:14 of ~1:00 ▲" in lines[0]
    assert "1:40 ▲" in lines[1]


@pytest.mark.parametrize(
    ("state", "told"),
    [(WorkState.OK, "✓ 0:34"), (WorkState.FAILED, "✗ failed 0:34"), (WorkState.CANCELLED, "– cancelled 0:34")],
)
def test_the_end_of_a_run_is_told_with_its_time(state: WorkState, told: str) -> None:
    over = run_row(state=state, finished_at=NOW - 100)

    assert told in panel(mirror(workflows=(over,), phases=())).splitlines()[0]


def test_a_run_that_goes_on_is_shown_before_newer_ones_that_are_over() -> None:
    runs = (run_row("new", WorkState.OK, started_at=NOW - 5, finished_at=NOW), run_row("old"))

    assert "Workflow  old" in panel(mirror(workflows=runs, phases=phases()))


def test_with_little_room_the_tasks_stand_in_the_frame_and_phases_that_are_over_go_first() -> None:
    short = panel(working(), height=6).splitlines()
    shorter = panel(working(), height=4)

    assert "deploy" in short[4]
    assert "tasks 118 done" in short[5]
    assert "setup" not in shorter
    assert "build" in shorter


def test_what_is_old_is_called_stale() -> None:
    assert "⋯ stale 0:30" in panel(mirror(NOW - 30, workflows=(run_row(),), phases=phases()))


def test_an_empty_panel_teaches_what_brings_a_workflow() -> None:
    told = text(panel_picture(scene(mirror(), config=DEFAULTS), "workflow", DEFAULTS.panels["workflow"], 64, 9))

    for words in ("not connected", "perftui demo", "--workflow FILE", "[sources.workflow.main]", 'path = "events'):
        assert words in told


def test_a_source_without_a_run_says_what_is_waited_for_and_a_failing_one_why() -> None:
    assert "No workflow yet: events.jsonl has told of none." in panel(mirror())
    failing = mirror()
    error = SourceError(ErrorKind.TIMEOUT, "no such file")
    failing.sources = (
        SourceHealth(
            SOURCE, "workflow", SourceState.FAILED, 1.0, failing_since=NOW - 14, next_try_at=NOW + 6, error=error
        ),
    )  # fmt: skip
    assert "main ✗ no such file, 0:14, next try in 6 s" in panel(failing)


def test_hostile_names_break_nothing() -> None:
    rows = mirror(workflows=(run_row(HOSTILE),), phases=(phase_row(HOSTILE, WorkState.RUNNING, run=HOSTILE),))
    told = panel(rows)

    assert all(line.isprintable() for line in told.split("\n"))
    assert "中文" in told


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 200), st.integers(1, 60), st.sampled_from((UTF8, ASCII)), st.integers(0, 9))
def test_a_panel_has_exactly_its_size(width: int, height: int, glyphs: GlyphSet, count: int) -> None:
    rows = [phase_row(f"phase {number}" * number, list(WorkState)[number % 8], progress=0.3) for number in range(count)]
    shown = scene(mirror(workflows=(run_row(),), phases=rows), glyphs=glyphs)
    lines = panel_picture(shown, "workflow", CONFIG.panels["workflow"], width, height)

    assert len(lines) == height
    assert {line_width(line) for line in lines} == {width}


def test_the_overview_of_a_workflow_begins_with_it_and_its_agents_and_asks_for_their_tables() -> None:
    config = with_profiles(CONFIG, {})
    regions = overview_regions(config, 120, 38)

    assert list(regions)[:2] == ["workflow", "agents"]
    assert regions["agents"].y == regions["workflow"].y
    assert set(overview_tables(config, regions)) == {"workflows", "phases", "agents", "pools"}
    assert overview_tables(DEFAULTS, overview_regions(DEFAULTS, 120, 38)) == ()
    assert set(overview_regions(config, 80, 22)) == {"workflow", "agents", "alerts", "fixes"}


def test_marks_stand_on_charts_with_a_letter_that_the_frame_explains() -> None:
    marks = ((NOW - 120, "fault pool:3 injected"), (NOW - 60, "fault pool:3 lifted"), (NOW - 900, "deploy"))
    rows = mirror(workflows=(run_row(marks=marks), run_row("demo-0", marks=marks)))
    config = with_profiles(CONFIG, {})
    shown = scene(rows, config=config)
    regions = overview_regions(config, 120, 38)
    values = (0.5,) * 100
    series = SeriesWindow("host/cpu_busy_ratio", values, values, values, 0.5, NOW)
    rows.windows = {"panel.cpu": Window(NOW - 300, 3.0, 100, (series,))}
    lines = overview_picture(shown, 120, 38)
    told = text(line for line in lines[regions["cpu"].y : regions["cpu"].y + regions["cpu"].height])

    assert "┊L fault pool:3 lifted  ┊F fault" in told
    assert "┊D" not in told
    assert "F" in told.splitlines()[1]
    assert "L" in told.splitlines()[1]
