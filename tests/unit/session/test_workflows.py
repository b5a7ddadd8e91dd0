from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.schema import WorkflowSource
from perftui.domain.workflow import AgentState, Event, PhasePlan, WorkState
from perftui.session.workflow_rows import MOST_NEW_TASKS
from perftui.session.workflows import Workflows
from tests.unit.session.workflow_events import Watched, event, task


def test_a_task_goes_from_waiting_to_running_to_done() -> None:
    queued, started, finished = task("t", 10, 12, 15, kind="hash")
    watched = Watched([queued])

    assert watched.at(11).task("t").state is WorkState.WAITING
    watched.take([started])
    assert watched.at(13).task("t").state is WorkState.RUNNING
    watched.take([finished])
    row = watched.at(16).task("t")
    assert (row.state, row.agent, row.attempt, row.kind) == (WorkState.OK, "a", 1, "hash")
    assert (row.wait_s, row.duration_s, row.wasted_s) == (2, 3, 0)
    assert row.key == "s/wf/t"


def test_a_retry_is_another_attempt_and_the_failed_one_is_waste() -> None:
    watched = Watched([*task("t", 0, 1, 5, "failed"), *task("t", 5, 7, 9, agent="b")[1:]]).at(10)

    row = watched.task("t")
    assert (row.state, row.attempt, row.agent, row.wasted_s) == (WorkState.OK, 2, "b", 4)
    assert (row.queued_at, row.started_at) == (5, 7)
    assert (watched.phase().done, watched.phase().failed, watched.phase().retried) == (1, 0, 1)
    assert (watched.agent("a").failed, watched.agent("b").done) == (1, 1)


def test_a_failed_task_that_is_queued_again_waits() -> None:
    watched = Watched([*task("t", 0, 1, 5, "failed"), event(6, "task.queued", task="t", phase="p")]).at(8)

    row = watched.task("t")
    assert (row.state, row.attempt, row.queued_at, row.started_at) == (WorkState.WAITING, 2, 6, None)
    assert watched.pool.queue == 1


def test_a_blocked_task_says_for_how_long() -> None:
    queued, started, finished = task("t", 0, 1, 10)
    watched = Watched([queued, started, event(3, "task.blocked", task="t", on="lock:db")])

    assert watched.at(5).task("t").state is WorkState.BLOCKED
    assert watched.task("t").blocked_s == 2
    watched.take([event(6, "task.unblocked", task="t"), finished])
    row = watched.at(20).task("t")
    assert (row.state, row.blocked_s) == (WorkState.OK, 3)


def test_a_task_is_lost_with_its_agent_until_it_is_started_again() -> None:
    queued, started, _ = task("t", 0, 1, 9)
    watched = Watched([event(0, "agent.joined", agent="a"), queued, started])
    watched.take([event(4, "agent.left", agent="a", reason="killed by signal 9")])

    assert watched.at(5).task("t").state is WorkState.LOST
    assert (watched.agent().state, watched.agent().reason) == (AgentState.LEFT, "killed by signal 9")
    assert (watched.phase().failed, watched.phase().running) == (1, 0)
    watched.take([event(6, "task.started", task="t", agent="b", attempt=2)])
    row = watched.at(7).task("t")
    assert (row.state, row.agent, row.attempt, row.wasted_s) == (WorkState.RUNNING, "b", 2, 3)
    assert (watched.phase().failed, watched.phase().running, watched.phase().retried) == (0, 1, 1)


def test_an_agent_that_is_silent_while_it_works_is_lost_and_is_found_again() -> None:
    watched = Watched(task("t", 0, 1, 50)[:2], lost_after=30.0)

    assert watched.at(31).agent().state is AgentState.BUSY
    assert watched.at(32).agent().state is AgentState.LOST
    assert (watched.task("t").state, watched.pool.lost, watched.pool.active) == (WorkState.LOST, 1, 0)
    watched.take([event(40, "agent.heartbeat", agent="a")])
    assert watched.at(41).agent().state is AgentState.BUSY
    assert watched.task("t").state is WorkState.RUNNING


def test_an_agent_without_work_may_be_silent() -> None:
    watched = Watched([event(0, "agent.joined", agent="a")], lost_after=30.0)

    assert watched.at(1000).agent().state is AgentState.IDLE


def test_without_heartbeats_silence_is_judged_by_the_longest_task() -> None:
    watched = Watched([*task("long", 0, 0, 100), *task("t", 100, 100, 400)[:2]], lost_after=30.0)

    assert watched.at(399).agent().state is AgentState.BUSY
    assert watched.at(401).agent().state is AgentState.LOST


def test_an_agent_that_begins_another_task_has_dropped_the_one_before() -> None:
    events = [event(0, "agent.joined", agent="a"), *task("t", 0, 1, 9)[:2], *task("u", 0, 5, 9)[:2]]
    watched = Watched(events)

    assert watched.at(6).task("t").state is WorkState.RUNNING
    assert watched.at(11).task("t").state is WorkState.LOST
    assert (watched.agent().task, watched.agent().busy_slots) == ("u", 1)


def test_several_slots_hold_several_tasks() -> None:
    events = [event(0, "agent.joined", agent="a", slots=2), *task("t", 0, 1, 9)[:2], *task("u", 0, 5, 9)[:2]]
    watched = Watched(events, window=10.0).at(10)

    row = watched.agent()
    assert (row.slots, row.busy_slots, row.task, row.since) == (2, 2, "t", 1)
    assert row.busy_ratio == pytest.approx((9 + 5) / 20)


def test_starting_agents_are_told_apart_from_those_that_came() -> None:
    watched = Watched([event(0, "agent.starting", agent="a", kind="builder")])

    assert watched.at(1).agent().state is AgentState.STARTING
    watched.take([event(2, "agent.joined", agent="a")])
    assert watched.at(3).agent().state is AgentState.IDLE
    assert (watched.agent().kind, watched.pool.total, watched.pool.idle) == ("builder", 1, 1)


def test_figures_of_the_pool_are_of_the_window() -> None:
    events = [event(0, "agent.joined", agent=name) for name in ("a", "b")]
    events += task("old", 0, 1, 2) + task("t", 50, 51, 53) + task("u", 50, 54, 58, "failed", agent="b")
    events += [event(59, "task.queued", task="v")]
    pool = Watched(events, window=10.0).at(60).pool

    assert (pool.total, pool.active, pool.idle, pool.queue) == (2, 0, 2, 1)
    assert (pool.wait_p50_s, pool.p50_s, pool.mean_s) == (2.5, 3.0, 3.0)
    assert pool.utilisation == pytest.approx(6 / 20)
    assert pool.balance == pytest.approx((36 / 20 - 1) / 1)
    assert pool.done_per_s == pytest.approx(1 / 10)
    assert (pool.failed_ratio, pool.timeout_ratio) == (0.5, 0.0)


def test_a_phase_has_progress_and_efficiency() -> None:
    plan = (PhasePlan("p", 10.0), PhasePlan("q", None, ("p",)))
    events = [event(0, "agent.joined", agent="a"), event(0, "workflow.started", name="nightly", phases=plan)]
    events += [event(0, "phase.started", phase="p"), *task("t", 0, 0, 4), event(4, "task.queued", task="u", phase="p")]
    watched = Watched(events).at(5)

    row = watched.phase()
    assert (row.state, row.expected_s, row.queued, row.done) == (WorkState.RUNNING, 10, 1, 1)
    assert (row.progress, row.busy_ratio, row.efficiency) == (0.5, 0.8, 0.8)
    assert (watched.phase("q").state, watched.phase("q").after) == (WorkState.WAITING, ("p",))
    watched.take([*task("u", 4, 12, 20)[1:], event(20, "phase.finished", phase="p")])
    row = watched.at(30).phase()
    assert (row.state, row.progress) == (WorkState.OK, 1.0)
    assert (row.busy_ratio, row.efficiency) == (0.6, 0.3)


def test_what_earlier_runs_took_is_expected_of_the_next() -> None:
    events = []
    for number, took in enumerate((10, 30, 20)):
        name, start = f"run-{number}", number * 100.0
        events += [
            event(start, "workflow.started", workflow=name, name="nightly"),
            event(start, "phase.started", workflow=name, phase="p"),
            event(start + took, "phase.finished", workflow=name, phase="p"),
            event(start + took, "workflow.finished", workflow=name),
        ]
    events += [
        event(300, "workflow.started", workflow="now", name="nightly"),
        event(300, "phase.started", workflow="now", phase="p"),
    ]
    watched = Watched(events).at(305)

    assert (watched.phase(workflow="now").expected_s, watched.run("now").expected_s) == (20, 20)
    assert watched.phase(workflow="now").progress == 0.25
    assert [watched.run(f"run-{number}").expected_s for number in range(3)] == [None, 10, 20]


def test_agents_that_work_for_another_workflow_are_not_idle() -> None:
    events = [event(0, "agent.joined", agent=name) for name in ("a", "b")]
    for name, agent in (("one", "a"), ("two", "b")):
        events += [event(0, "workflow.started", workflow=name, estimate_s=10)]
        events += task("t", 0, 0, 10, workflow=name, agent=agent)
        events += [event(10, "workflow.finished", workflow=name)]
    watched = Watched(events).at(20)

    assert watched.run("one").efficiency == watched.run("two").efficiency == 1.0


def test_a_run_tells_its_fastest_and_slowest_tasks() -> None:
    events = task("t", 0, 0, 1) + task("u", 0, 1, 5) + task("v", 0, 5, 7) + task("w", 0, 7, 70, "failed")
    row = Watched(events).at(80).run()

    assert (row.fastest_s, row.slowest_s, row.slowest_task, row.median_s, row.mean_s) == (1, 4, "u", 2, 7 / 3)
    assert (row.done, row.failed) == (3, 1)


def test_tasks_without_a_workflow_that_was_announced_make_one() -> None:
    watched = Watched(task("t", 0, 1, 5)).at(10)

    assert (watched.run().state, watched.run().started_at, watched.run().finished_at) == (WorkState.OK, 0, 5)
    assert (watched.phase().state, watched.phase().finished_at) == (WorkState.OK, 5)


def test_what_waits_in_a_run_that_ended_will_not_be_done() -> None:
    watched = Watched([event(0, "task.queued", task="t", phase="p"), event(5, "workflow.finished", status="failed")])

    assert watched.at(6).task("t").state is WorkState.CANCELLED
    assert (watched.pool.queue, watched.run().state) == (0, WorkState.FAILED)


def test_marks_stand_in_every_run_of_their_time() -> None:
    watched = Watched([event(0, "workflow.started"), event(3, "mark", name="deploy"), event(5, "workflow.finished")])

    assert watched.at(6).run().marks == ((3, "deploy"),)
    watched.take([event(7, "mark", name="too late")])
    assert watched.at(8).run().marks == ((3, "deploy"),)
    assert watched.workflows.marks == ((3, "deploy"), (7, "too late"))


def test_series_have_the_names_that_panels_ask_for() -> None:
    watched = Watched([event(0, "agent.joined", agent="a"), event(0, "workflow.started", name="nightly", estimate_s=4)])
    watched.take(task("t", 0, 1, 3))
    watched.at(3)
    values = watched.at(4).values

    assert values["s/agents_total"] == 1
    assert values["s/agents_utilisation_ratio"] == pytest.approx(0.5)
    assert values['s/task_response_seconds{quantile="0.95"}'] == 2
    assert values['s/queue_wait_seconds{quantile="0.5"}'] == 1
    assert values['s/agent_busy_ratio{agent="a"}'] == 0
    assert values['s/agent_response_seconds{agent="a",quantile="0.95"}'] == 2
    assert values['s/phase_progress_ratio{phase="p",workflow="nightly"}'] == 1.0
    assert values['s/workflow_efficiency_ratio{workflow="nightly"}'] == 0.5
    catalogue = watched.workflows.catalogue("s")
    assert {info.series for info in catalogue} >= set(values)
    assert watched.at(5).workflows.catalogue("s") is catalogue


def test_the_busy_ratio_of_an_agent_is_of_the_time_since_the_sample_before() -> None:
    watched = Watched([event(0, "agent.joined", agent="a"), *task("t", 0, 1, 2.5)[:2]])
    watched.at(1)

    assert watched.at(2).values['s/agent_busy_ratio{agent="a"}'] == 1.0
    watched.take(task("t", 0, 1, 2.5)[2:])
    assert watched.at(3).values['s/agent_busy_ratio{agent="a"}'] == 0.5


def test_tables_hold_the_rows_of_all_sources() -> None:
    workflows = Workflows({"s": WorkflowSource(""), "other": WorkflowSource("")})
    for name in workflows.sources:
        workflows.take(name, task("t", 0, 1, 2))
        batch = workflows.batch(name, 3)

    assert [row.key for row in batch.tables["tasks"]] == ["s/wf/t", "other/wf/t"]
    assert {name.split("/")[0] for name in batch.values} == {"other"}


def test_what_did_not_change_stays_the_same_object() -> None:
    watched = Watched([event(0, "workflow.started"), *task("t", 0, 1, 2), event(3, "workflow.finished")], window=5.0)
    before = watched.at(100).tables
    after = watched.at(101).tables

    for name in ("workflows", "phases", "tasks", "agents"):
        assert after[name] is before[name]


def test_rows_of_very_many_new_tasks_come_in_portions() -> None:
    watched = Watched(event(0, "task.queued", task=f"t{number}") for number in range(MOST_NEW_TASKS + 10))

    assert len(watched.at(1).tables["tasks"]) == MOST_NEW_TASKS
    assert len(watched.at(2).tables["tasks"]) == MOST_NEW_TASKS + 10


def test_tables_of_several_sources_are_the_same_while_nothing_happens() -> None:
    both = Workflows({name: WorkflowSource("") for name in "ab"})
    for name in "ab":
        both.take(name, task("t", 1, 2, 3))
    first, again = ([both.batch(name, now) for name in "ab"][-1].tables for now in (10.0, 11.0))
    both.take("a", task("u", 11, 12, 13))
    later = both.batch("a", 13.0).tables

    assert [row.key for row in first["tasks"]] == ["a/wf/t", "b/wf/t"]
    assert again["tasks"] is first["tasks"]
    assert [row.key for row in later["tasks"]] == ["a/wf/t", "a/wf/u", "b/wf/t"]


def test_nothing_is_said_of_agents_that_left() -> None:
    gone = [
        event(number, what, agent=f"a{number}") for number in range(3000) for what in ("agent.joined", "agent.left")
    ]
    here = [event(3000, "agent.joined", agent=f"b{number}") for number in range(101)]

    assert Watched(gone).workflows.notes("s") == ()
    assert Watched([*gone, *here]).workflows.notes("s") == ("1 agents have no series of their own",)


def test_tasks_that_fell_out_of_memory_are_still_counted() -> None:
    events = [one for number in range(1000) for one in task(f"t{number}", number, number, number + 0.5)]
    watched = Watched(events, max_tasks=10).at(1000)

    assert (watched.phase().done, watched.run().done, watched.agent().done) == (1000, 1000, 1000)
    assert len(watched.tables["tasks"]) == 10
    assert watched.workflows.notes("s") == ()


def test_open_tasks_that_fall_out_are_said() -> None:
    watched = Watched((event(0, "task.queued", task=f"t{number}") for number in range(15)), max_tasks=10).at(1)

    assert watched.workflows.notes("s") == ("5 tasks that were not over fell out of memory (max_tasks)",)


def test_runs_and_agents_are_bounded() -> None:
    events = []
    for number in range(2100):
        events += [event(number, "agent.joined", agent=f"a{number}"), event(number, "agent.left", agent=f"a{number}")]
        events += task("t", number, number, number, workflow=f"wf{number}", agent=f"a{number}")
    watched = Watched(events).at(2100)

    assert len(watched.tables["workflows"]) == len(watched.tables["tasks"]) == 200
    assert len(watched.tables["agents"]) <= 2000
    assert any("runs of workflows fell out" in note for note in watched.workflows.notes("s"))


def test_a_task_that_is_tried_for_ever_does_not_fill_the_memory() -> None:
    events = [one for number in range(1000) for one in task("t", number, number, number + 0.5, "failed")[1:]]
    row = Watched(events).at(2000).task("t")

    assert (row.attempt, row.wasted_s) == (1000, 500)


# sums of such numbers are exact, in whatever order they are added
_STEP = 2.0**-7


@st.composite
def _stories(draw: st.DrawFn) -> list[Event]:
    """What happens to a few tasks, every moment a different one."""
    events: list[Event] = []
    at = 0.0
    for number in range(draw(st.integers(1, 4))):
        name = f"t{number}"
        events.append(event(at := at + _STEP, "task.queued", task=name, phase=draw(st.sampled_from(["p", "q"]))))
        told = draw(st.booleans())
        for attempt in range(1, draw(st.integers(1, 3)) + 1):
            extra = {"attempt": attempt} if told else {}
            agent = draw(st.sampled_from(["a", "b"]))
            events.append(event(at := at + _STEP, "task.started", task=name, agent=agent, **extra))
            if draw(st.booleans()):
                events.append(event(at := at + _STEP, "task.blocked", task=name))
                events.append(event(at := at + _STEP, "task.unblocked", task=name))
            status = draw(st.sampled_from(["ok", "failed", "timeout", "cancelled"]))
            events.append(event(at := at + _STEP, "task.finished", task=name, status=status))
    events.append(event(at := at + _STEP, "workflow.finished"))
    return events


@given(_stories(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_in_which_events_arrive_does_not_matter(events: list[Event], order: random.Random) -> None:
    shuffled = list(events)
    order.shuffle(shuffled)
    told, late = Watched(events).at(50).tables, Watched(shuffled).at(50).tables

    for name in ("phases", "tasks", "agents", "pools", "workflows"):
        assert _by_key(told[name]) == _by_key(late[name])


@given(_stories(), st.lists(st.integers(0, 30)))
def test_events_that_are_told_twice_count_once(events: list[Event], again: list[int]) -> None:
    twice = events + [events[place % len(events)] for place in again]
    told, late = Watched(events).at(50).tables, Watched(twice).at(50).tables

    for name in ("phases", "tasks", "agents", "workflows"):
        assert _by_key(told[name]) == _by_key(late[name])


def _by_key(rows: tuple[object, ...]) -> list[list[object]]:
    return sorted((_values(row) for row in rows), key=str)


def _values(row: object) -> list[object]:
    return [getattr(row, name) for name in row.__struct_fields__]  # type: ignore[attr-defined]
