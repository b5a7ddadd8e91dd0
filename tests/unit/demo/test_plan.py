"""The plan of a run: always the same, paced for a pool of six, and its build ends with what waits for one task."""

from __future__ import annotations

from collections import Counter

from perftui.demo.plan import AGENTS, KINDS, LINK, phases

# what a task takes, about: 300 ms of waiting for its item, and its work
_TASK_S = 0.31


def test_there_are_four_phases_one_after_the_other() -> None:
    assert [(phase.name, phase.after) for phase in phases()] == [
        ("setup", ()), ("build", ("setup",)), ("test", ("build",)), ("deploy", ("test",)),
    ]  # fmt: skip
    assert 18 < sum(phase.estimate_s for phase in phases()) < 22


def test_a_pool_of_six_has_time_to_spare_and_one_of_three_has_not() -> None:
    for phase in phases():
        work_s = len(phase.tasks) * _TASK_S
        assert 0.6 < work_s / AGENTS / phase.estimate_s < 0.72
        assert work_s / 3 / phase.estimate_s > 1.2


def test_tasks_arrive_in_order_within_their_phase_and_have_names_of_their_own() -> None:
    for phase in phases():
        arrivals = [task.arrives_s for task in phase.tasks]
        assert arrivals == sorted(arrivals)
        assert arrivals[0] == 0
        assert arrivals[-1] < phase.estimate_s
        assert set(Counter(task.kind for task in phase.tasks)) == set(KINDS)
    names = [task.task for phase in phases() for task in phase.tasks]
    assert len(names) == len(set(names))


def test_the_last_tasks_of_the_build_wait_for_the_one_that_can_be_late() -> None:
    build = phases()[1].tasks
    place = next(number for number, task in enumerate(build) if task.task == LINK)
    waiting = build[place + 1 :]

    assert len(waiting) == 4
    assert {task.after for task in waiting} == {(LINK,)}
    # they are asked for together, so that the phase is longer by exactly what the one is late
    assert {task.arrives_s for task in waiting} == {build[place].arrives_s}
    assert all(not task.after for task in build[: place + 1])
