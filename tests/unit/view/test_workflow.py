"""The Workflow screen: runs, phases on the time axis, tasks, and what keys change in it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Screen
from perftui.domain.health import SourceHealth, SourceState
from perftui.domain.roles import Role
from perftui.domain.workflow import TaskRow, WorkState
from perftui.link.mirror import Mirror
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.page import page, page_watches
from perftui.view.text import line_width, plain
from perftui.view.workflow import workflow_picture, workflow_regions
from perftui.view.workflow_chain import deciding_chain
from perftui.view.workflow_gantt import Axis, Piece, axis_of, bar_line, phase_bars, task_bar
from perftui.view.workflow_rows import run_of
from perftui.view.working import Working
from tests.unit.view.work_rows import (
    CONFIG,
    HOSTILE,
    NOW,
    mirror,
    phase_row,
    phases,
    run_row,
    scene,
    task_row,
    text,
    working,
)


def tasks(count: int = 40, run: str = "demo-1") -> tuple[TaskRow, ...]:
    """One after the other on two agents, number 7 far longer than the others."""
    return tuple(
        task_row(
            f"t_{number}", run=run, agent=f"agent_{number % 2}", queued_at=NOW - 130, started_at=NOW - 125 + number,
            finished_at=NOW - 125 + number + (60 if number == 7 else 1),
        )
        for number in range(count)
    )  # fmt: skip


def three_runs() -> Mirror:
    old = (
        run_row("demo-0", WorkState.FAILED, started_at=NOW - 900, finished_at=NOW - 700, failed=2),
        run_row("demo-x", WorkState.OK, started_at=NOW - 600, finished_at=NOW - 400),
    )
    return working(workflows=(*old, run_row()), tasks=(*tasks(), task_row("other", run="demo-0")))


def looking(mirrored: Mirror) -> Working:
    work = Working()
    work.update(mirrored)
    return work


def picture(mirrored: Mirror, work: Working | None = None, width: int = 120, height: int = 30) -> str:
    return text(workflow_picture(scene(mirrored), work or looking(mirrored), width, height))


def test_phases_stand_on_the_time_axis_with_what_is_planned() -> None:
    lines = picture(working()).splitlines()

    assert "✓ setup" in lines[1]
    assert "100 %" in lines[1]
    assert "▶ build" in lines[2]
    assert "50 %" in lines[2]
    assert lines[2].index("▆") > lines[1].index("▆")
    assert "░" in lines[2]  # it should take five seconds more
    assert lines[3].index("░") > lines[2].rindex("▆")
    assert "░" not in lines[4]  # of deploy nobody estimated anything
    assert "0:00" in lines[5]
    assert "3:00" in lines[5]


def test_figures_of_tasks_stand_below_the_phases_and_what_is_not_known_is_not_zero() -> None:
    known = run_row(fastest_s=0.12, slowest_s=9.4, mean_s=1.1, median_s=0.8, slowest_task="t_88", retried=5, failed=2)
    told = picture(working(workflows=(known,)))

    assert "tasks 118 done  4 running  31 queued  2 failed ✗  5 retried" in told
    assert "fastest 120 ms  median 800 ms  mean 1.10 s  slowest 9.40 s t_88" in told
    assert "fastest –  median –  mean –  slowest –  efficiency –" in picture(working())


def test_the_longest_tasks_of_the_run_stand_first_in_the_table() -> None:
    told = picture(three_runs(), width=140)

    assert "Tasks  demo-1" in told
    row = next(line for line in told.splitlines() if "▸ t_" in line)
    assert "t_7" in row
    assert "agent_1" in row
    assert "60 s" in row or "1:00" in row
    assert "other" not in told


def test_runs_are_listed_beside_and_the_newest_that_goes_on_is_shown() -> None:
    told = picture(three_runs(), width=140)

    assert "Workflow  demo-1, run 3 of 3" in told
    assert "demo-0" in told
    assert "failed" in told


def test_a_run_is_chosen_with_its_cursor_or_by_steps() -> None:
    rows = three_runs()
    work = looking(rows)
    work.step(-1)
    work.update(rows)
    assert work.run is not None
    assert work.run.name == "demo-x"
    work.step(-5)
    work.update(rows)
    assert "Workflow  demo-0, run 1 of 3" in picture(rows, work)
    assert [row.task for row in work.tasks.rows()] == ["other"]
    work.on_runs = True
    work.runs.move(-5)
    work.choose()
    work.update(rows)
    assert work.run.name == "demo-1"
    assert not work.on_runs


def test_one_step_back_at_a_time() -> None:
    rows = three_runs()
    work = looking(rows)
    work.chosen, work.on_runs, work.expanded = "main/demo-0", True, True
    work.tasks.set_filter("t_1")
    work.leave()
    assert not work.on_runs
    work.leave()
    assert work.tasks.filter == ""
    work.leave()
    assert not work.expanded
    work.leave()
    assert work.chosen == ""


def test_a_chosen_run_that_is_gone_makes_way_for_the_newest() -> None:
    work = looking(three_runs())
    work.chosen = "main/demo-0"
    work.update(working())

    assert work.run is not None
    assert work.run.name == "demo-1"
    work.step(1)


def test_unfolded_it_shows_the_tasks_that_decided_when_the_run_ended() -> None:
    rows = three_runs()
    work = looking(rows)
    work.expanded = True
    told = picture(rows, work, 120, 30)

    assert "● t_7 " in told
    assert "decided when it ended" in told
    assert any("t_7 " in line and "▆" in line for line in told.splitlines())


def test_where_there_is_no_room_beside_the_runs_take_the_place_of_the_tasks() -> None:
    rows = three_runs()
    work = looking(rows)
    assert set(workflow_regions(work, 80, 24)) == {"phases", "tasks"}
    work.on_runs = True
    assert set(workflow_regions(work, 80, 24)) == {"phases", "runs"}
    assert set(workflow_regions(work, 80, 9)) == {"runs"}
    assert set(workflow_regions(work, 130, 30)) == {"phases", "runs", "tasks"}


def test_marks_stand_on_the_time_axis() -> None:
    rows = working(workflows=(run_row(marks=((NOW - 60, "fault slow:400 injected"), (NOW - 9999, "old"))),))
    lines = picture(rows).splitlines()

    assert "F" in lines[1]
    assert "┊" in lines[3]
    assert "┊F fault slow:400 injected" in lines[8]
    assert "old" not in picture(rows)


def test_of_two_sources_the_one_whose_name_begins_the_other_has_only_its_own_parts() -> None:
    twins = [
        msgspec.structs.replace(one, key=one.key.replace("main/", "main2/"), phase="elsewhere")
        for one in (*phases(), *tasks(3))
    ]
    mirrored = working(phases=(*phases(), *twins[:4]), tasks=(*tasks(3), *twins[4:]))
    work = looking(mirrored)

    assert work.run is not None
    assert [phase.phase for phase in work.run.phases] == ["setup", "build", "test", "deploy"]
    assert {row.phase for row in work.tasks.rows()} == {"build"}


def test_without_a_workflow_it_teaches_and_with_one_that_is_silent_it_waits() -> None:
    taught = text(workflow_picture(scene(mirror(), config=DEFAULTS), Working(), 80, 20))

    assert "perftui demo" in taught
    assert 'path = "events.jsonl"' in taught
    assert "No workflow yet: events.jsonl has told of none." in picture(mirror())


def test_a_file_of_another_program_says_what_could_not_be_used() -> None:
    other = mirror()
    notes = ("3 broken lines, last: line 3: JSON is malformed",)
    other.sources = (SourceHealth("main", "workflow", SourceState.OK, 1.0, notes=notes),)

    assert "3 broken lines, last: line 3" in picture(other)


def test_a_run_without_phases_and_tasks_says_so() -> None:
    told = picture(mirror(workflows=(run_row(),), tasks=()))

    assert "no tasks yet" in told
    assert "reading the tasks" in picture(mirror(workflows=(run_row(),)))


def test_a_picture_of_many_tasks_turns_only_those_in_sight_into_text() -> None:
    rows = working(tasks=tasks(20_000))
    work = looking(rows)
    assert len(work.tasks.order) == 20_000
    asked: list[str] = []
    column = work.tasks.columns[0]
    told = column.text
    object.__setattr__(column, "text", lambda row: asked.append(row.task) or told(row))
    picture(rows, work)

    assert 0 < len(asked) < 40


def test_a_chain_leads_from_the_end_back_over_dependencies_and_agents() -> None:
    first = task_row("first", agent="a", started_at=0.0, finished_at=4.0)
    beside = task_row("beside", agent="b", started_at=0.0, finished_at=9.0)
    same_agent = task_row("same", agent="a", started_at=4.1, finished_at=8.0)
    needed = task_row("needed", agent="c", started_at=8.2, finished_at=20.0, after=("same", "first"))
    waiting = task_row("waiting", WorkState.WAITING)

    chain = deciding_chain((beside, needed, waiting, same_agent, first))
    assert [task.task for task in chain] == ["first", "same", "needed"]
    assert deciding_chain(()) == ()


def test_tasks_that_wait_for_each_other_do_not_hang_a_chain() -> None:
    one = task_row("one", started_at=0.0, finished_at=0.0, after=("two",))
    two = task_row("two", started_at=0.0, finished_at=0.0, after=("one",))

    assert len(deciding_chain((one, two))) == 2


def test_a_bar_of_a_task_begins_with_its_wait() -> None:
    waited, worked = task_bar(task_row("t", queued_at=1.0, started_at=3.0, finished_at=4.0), NOW)
    assert (waited.start, waited.end, waited.certain) == (1.0, 3.0, False)
    assert (worked.start, worked.end, worked.certain) == (3.0, 4.0, True)
    (running,) = task_bar(task_row("t", WorkState.RUNNING, started_at=NOW - 3), NOW)
    assert (running.end, running.role) == (NOW, Role.ACCENT)
    assert task_bar(task_row("t", WorkState.WAITING), NOW) == ()


def test_phases_to_come_are_planned_behind_those_that_they_wait_for() -> None:
    rows = mirror(
        workflows=(run_row(),),
        phases=(
            phase_row("a", WorkState.RUNNING, started_at=NOW - 10, expected_s=30.0),
            phase_row("b", WorkState.RUNNING, started_at=NOW - 10, expected_s=50.0),
            phase_row("c", expected_s=5.0, after=("a",)),
            phase_row("d", expected_s=5.0, after=("a", "b")),
            phase_row("e", expected_s=5.0, after=("unknown",)),
            phase_row("f"),
            phase_row("g", expected_s=5.0, after=("f",)),
        ),
    )
    run = run_of(rows)
    assert run is not None
    bars = phase_bars(run)

    assert [bar[-1].start for bar in bars[2:5]] == [NOW + 20, NOW + 40, NOW + 45]
    assert bars[5:] == [(), ()]
    axis = axis_of(run, bars)
    assert axis == Axis(NOW - 134, NOW + 50)


def test_what_began_shows_at_least_one_cell() -> None:
    line = bar_line((Piece(0.0, 0.0, Role.BAR),), Axis(0.0, 1e6), 20, UTF8)

    assert plain(line) == "▆" + " " * 19


def test_hostile_names_break_nothing() -> None:
    rows = mirror(
        workflows=(run_row(HOSTILE, slowest_task=HOSTILE), run_row()),
        phases=(phase_row(HOSTILE, WorkState.RUNNING, run=HOSTILE, started_at=NOW - 9),),
        tasks=(task_row(HOSTILE, run=HOSTILE, phase=HOSTILE, kind=HOSTILE, agent=HOSTILE, started_at=NOW - 9),),
    )
    work = looking(rows)
    work.chosen = f"main/{HOSTILE}"
    work.expanded = True
    work.update(rows)

    assert all(line.isprintable() for line in picture(rows, work, 160).split("\n"))


@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
def test_a_page_and_what_it_needs(glyphs: GlyphSet) -> None:
    lines = page(Screen.WORKFLOW, scene(three_runs(), glyphs=glyphs), 100, 30)

    assert "demo-1" in text(lines)
    assert page_watches(Screen.WORKFLOW, CONFIG, 100, 30) == ((), ("workflows", "phases", "tasks"))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 220), st.integers(1, 60), st.sampled_from((UTF8, ASCII)), st.integers(0, 9), st.integers(0, 3),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_picture_has_exactly_its_size(
    width: int, height: int, glyphs: GlyphSet, count: int, runs: int, on_runs: bool, expanded: bool
) -> None:
    states = list(WorkState)
    rows = mirror(
        workflows=[run_row(f"demo-{number}", started_at=NOW - number) for number in range(1, runs + 1)],
        phases=[
            phase_row("p" * 5 * number, states[number % 8], started_at=NOW - 9 if number % 2 else None, expected_s=20.0)
            for number in range(1, count + 1)
        ] + list(phases()),
        tasks=tasks(count * 3),
    )  # fmt: skip
    work = looking(rows)
    work.on_runs, work.expanded = on_runs and runs > 1, expanded
    lines = workflow_picture(scene(rows, glyphs=glyphs), work, width, height)

    assert len(lines) == height
    assert {line_width(line) for line in lines} == {width}
