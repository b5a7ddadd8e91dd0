from __future__ import annotations

from itertools import permutations

import pytest

from perftui.domain.workflow import Event, WorkState
from perftui.store.workflow.agents import Agent
from perftui.store.workflow.crew import MOST_AGENTS
from perftui.store.workflow.model import Model
from perftui.store.workflow.past import PastRuns
from perftui.store.workflow.phases import Durations
from perftui.store.workflow.recent import Recent
from perftui.store.workflow.tasks import Attempt, Task
from tests.unit.session.workflow_events import event


def told(*events: Event) -> Task:
    """The task t of what was told."""
    model = Model(max_tasks=100, lost_after=30.0)
    model.apply(events)
    return model.runs["wf"].tasks["t"]


def spans(task: Task) -> list[tuple[float | None, float | None, str]]:
    return [(one.started_at, one.finished_at, one.status) for one in task.attempts]


def test_ends_belong_to_the_starts_before_them_in_whatever_order_they_arrive() -> None:
    events = [
        event(1, "task.started", task="t", agent="a"),
        event(2, "task.finished", task="t", status="failed"),
        event(3, "task.started", task="t", agent="b"),
        event(4, "task.finished", task="t"),
    ]

    for order in permutations(events):
        assert spans(told(*order)) == [(1, 2, "failed"), (3, 4, "ok")]


def test_numbers_of_attempts_go_before_times_of_clocks_that_disagree() -> None:
    events = [
        event(1, "task.started", task="t", attempt=1),
        event(5, "task.finished", task="t", attempt=1, status="failed"),
        event(4, "task.started", task="t", attempt=2),
        event(9, "task.finished", task="t", attempt=2),
    ]

    for order in permutations(events):
        assert spans(told(*order)) == [(1, 5, "failed"), (4, 9, "ok")]


def test_at_one_moment_what_runs_ends_before_the_next_begins() -> None:
    events = [
        event(1, "task.started", task="t"),
        event(2, "task.finished", task="t", status="failed"),
        event(2, "task.started", task="t"),
        event(3, "task.finished", task="t"),
    ]

    assert spans(told(*events)) == spans(told(*reversed(events))) == [(1, 2, "failed"), (2, 3, "ok")]


def test_an_attempt_without_an_end_is_given_up_when_the_next_begins() -> None:
    first, second = event(1, "task.started", task="t"), event(4, "task.started", task="t")

    for task in (told(first, second), told(second, first)):
        assert spans(task) == [(1, None, ""), (4, None, "")]
        assert (task.attempts[0].given_up, task.wasted_s(), task.state) == (4, 3, WorkState.RUNNING)


def test_an_end_alone_is_an_end() -> None:
    task = told(event(4, "task.finished", task="t", agent="a"))

    assert (task.state, spans(task)) == (WorkState.OK, [(None, 4, "ok")])


def test_a_phase_that_is_told_late_takes_its_tasks_over() -> None:
    model = Model(max_tasks=100, lost_after=30.0)
    model.apply([event(1, "task.started", task="t"), event(3, "task.finished", task="t")])
    model.apply([event(0, "task.queued", task="t", phase="p")])

    phases = model.runs["wf"].phases
    assert (sum(phases[""].counts), phases["p"].counts[2], phases["p"].busy_s) == (0, 1, 2)
    assert (phases["p"].span.started_at, phases["p"].span.last) == (0, 3)


def test_the_presence_of_an_agent_is_put_together_from_its_comings_and_goings() -> None:
    agent = Agent("a")
    for at in (1, 10, 12):
        agent.join(at)
    agent.leave(5, "")
    agent.leave(15, "idle")

    assert agent.spans() == [(1, 5), (10, 15)]
    assert (agent.left_at, agent.reason) == (15, "idle")
    agent.join(20)
    assert (agent.spans()[-1], agent.left_at) == ((20, None), None)


def test_of_too_many_agents_those_that_left_fall_out_and_none_that_works() -> None:
    model = Model(max_tasks=100, lost_after=30.0)
    model.apply([event(1, "task.started", task="t", agent="works")])
    for number in range(3 * MOST_AGENTS):
        model.apply([event(2, "agent.joined", agent=f"a{number}"), event(3 + number, "agent.left", agent=f"a{number}")])

    agents = model.crew.agents
    assert len(agents) <= MOST_AGENTS
    assert "works" in agents
    assert f"a{3 * MOST_AGENTS - 1}" in agents
    assert "a0" not in agents


def test_agents_that_work_fall_out_one_by_one() -> None:
    model = Model(max_tasks=MOST_AGENTS + 2, lost_after=30.0)
    model.apply(event(at, "task.started", task=f"t{at}", agent=f"a{at}") for at in range(MOST_AGENTS + 1))

    assert len(model.crew.agents) == MOST_AGENTS
    assert model.crew.forgotten == 1


def test_a_window_finds_what_came_late_and_says_from_when_on_it_is_whole() -> None:
    recent, attempts = Recent(3), [Attempt(number) for number in range(5)]
    for at, attempt in zip((1.0, 3.0, 2.0), attempts, strict=False):
        recent.add(at, attempt)

    assert [one.number for one in recent.since(2.0)] == [2, 1]
    assert recent.covers(0.0) == 0.0
    recent.add(4.0, attempts[3])
    assert recent.covers(0.0) == 2.0
    attempts[3].dead = True
    assert (recent.last_at(), len(recent.since(3.0))) == (3.0, 1)


def test_durations_are_exact_at_the_ends_and_a_sample_in_the_middle() -> None:
    durations = Durations()
    for number in range(200_000):
        durations.add(float(number), f"t{number}")

    assert (durations.fastest, durations.slowest, durations.slowest_task) == (0.0, 199_999.0, "t199999")
    assert len(durations.ordered()) <= 20_000
    assert durations.ordered()[len(durations.ordered()) // 2] == pytest.approx(100_000, rel=0.05)


def test_past_runs_count_only_for_those_that_began_later() -> None:
    past = PastRuns()
    for number in range(60):
        past.note("nightly", "p", f"run-{number}", float(number), number * 10.0)
    past.forget("nightly", "p", "run-59")

    assert past.earlier("nightly", "p", 13.0) == [100.0, 110.0, 120.0]
    assert past.earlier("nightly", "q", 99.0) == []
    assert len(past.earlier("nightly", "p", 99.0)) == 49
