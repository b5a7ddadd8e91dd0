"""What changed is told once, calmly, and in words that no terminal and no log can be harmed by."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.errors import ErrorKind
from perftui.domain.findings import Outcome
from perftui.domain.health import SourceError, SourceHealth, SourceState, StorageHealth, StorageState
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.domain.workflow import AgentState, WorkState
from perftui.link.mirror import Mirror
from perftui.view.conditions import Condition, conditions
from perftui.view.facts import Figure, figures, told_watches
from perftui.view.panels import watch_name
from perftui.view.telling import Calm, Telling
from tests.unit.view.work_rows import CONFIG, HOSTILE, NOW, agent_row, finding, phase_row, pool_row, run_row
from tests.unit.view.work_rows import mirror as work_mirror
from tests.unit.view.work_rows import scene as work_scene

_CALM = Calm(0.25, 30.0)
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def _figure(value: float | None, rank: int = 0, unit: Unit = Unit.RATIO) -> Figure:
    return Figure("cpu", "host", "CPU busy", value, unit, rank)


def _told(telling: Telling, value: float | None, now: float, rank: int = 0) -> list[str]:
    return telling.tell((), (_figure(value, rank),), now)


def _begun(value: float | None = 0.12) -> Telling:
    telling = Telling(_CALM)
    telling.summary((), (_figure(value),), 0.0)
    return telling


def _source(
    state: SourceState = SourceState.OK, message: str = "", kind: ErrorKind = ErrorKind.REFUSED
) -> SourceHealth:
    error = SourceError(kind, message) if message else None
    return SourceHealth("api", "scrape", SourceState.FAILED if error else state, 1.0, error=error, polls=3)


def _lines(telling: Telling, mirror: Mirror, now: float = 0.0) -> list[str]:
    scene = work_scene(mirror)
    return telling.tell(conditions(scene), figures(scene), now)


def _started(mirror: Mirror) -> Telling:
    telling, scene = Telling(_CALM), work_scene(mirror)
    telling.summary(conditions(scene), figures(scene), 0.0)
    return telling


def test_a_figure_is_told_with_what_it_was_when_it_moved_far_enough() -> None:
    assert _told(_begun(), 0.34, 60) == ["CPU busy 34 % (was 12 %)"]
    assert _told(_begun(), 0.13, 60) == []


def test_what_was_next_to_nothing_and_still_is_did_not_move() -> None:
    assert _told(_begun(0.001), 0.01, 60) == []


def test_a_figure_is_not_told_again_for_a_while_and_then_as_it_is() -> None:
    telling = _begun()

    assert _told(telling, 0.5, 29) == []
    assert _told(telling, 0.6, 30) == ["CPU busy 60 % (was 12 %)"]
    assert _told(telling, 0.1, 59) == []
    assert _told(telling, 0.1, 60) == ["CPU busy 10 % (was 60 %)"]


def test_a_threshold_that_is_passed_is_told_at_once_but_back_only_after_a_while() -> None:
    telling = _begun(0.84)

    assert _told(telling, 0.86, 1, rank=1) == ["CPU busy 86 % (watch) (was 84 %)"]
    assert _told(telling, 0.84, 2) == []
    assert _told(telling, 0.84, 31) == ["CPU busy 84 % (was 86 % (watch))"]


def test_a_value_that_goes_missing_is_told_and_so_is_its_return() -> None:
    telling = _begun()

    assert _told(telling, None, 40) == ["CPU busy no value (was 12 %)"]
    assert _told(telling, None, 400) == []
    assert _told(telling, 0.12, 500) == ["CPU busy 12 % (was no value)"]


def test_figures_of_a_source_that_fails_say_nothing_beside_it() -> None:
    telling = _begun()
    failed = Condition("sources", "host", "failed refused", "source host failed: refused")

    assert telling.tell((failed,), (_figure(None),), 60) == ["source host failed: refused"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2)), max_size=120))
def test_no_figure_is_told_more_than_twice_in_its_time(steps: list[tuple[float, int]]) -> None:
    telling = _begun()
    told = [at for at, (value, rank) in enumerate(steps, 1) if _told(telling, value, float(at), rank)]

    assert all(sum(at <= other < at + 30 for other in told) <= 2 for at in told)


def _anything() -> st.SearchStrategy[Mirror]:
    text = st.text(max_size=12) | st.just(HOSTILE)
    states = st.sampled_from(list(WorkState))
    alerts = st.builds(
        Alert, text, text, text, st.sampled_from(list(Severity)), st.sampled_from(list(AlertState)), st.just(NOW),
        st.just(NOW - 60), text, text, st.none() | st.floats(), st.none() | st.floats(), st.booleans(),
        st.sampled_from(list(Unit)),
    )  # fmt: skip

    def made(**parts: Any) -> Mirror:
        mirror = work_mirror(
            workflows=[run_row(name, state, marks=((NOW, name),)) for name, state in parts["runs"]],
            phases=[phase_row(name, state) for name, state in parts["phases"]],
            agents=[agent_row(name, state, reason=name) for name, state in parts["agents"]],
            pools=[pool_row(active=parts["active"])],
        )
        mirror.sources = (_source(message=parts["why"]),)
        mirror.alerts, mirror.findings = tuple(parts["alerts"]), tuple(map(finding, parts["findings"]))
        mirror.outcomes = tuple(Outcome(one, NOW, parts["why"], measured=0.3) for one in mirror.findings)
        mirror.troubles = {f"api/{index}": text for index, text in enumerate(parts["findings"])}
        mirror.problems = (parts["why"],)
        mirror.storage = StorageHealth(StorageState.MEMORY, "", parts["why"])
        return mirror

    work = st.lists(st.tuples(text, states), max_size=20)
    return st.builds(
        made, runs=work, phases=work, agents=st.lists(st.tuples(text, st.sampled_from(list(AgentState))), max_size=20),
        active=st.none() | st.integers(0, 9), why=text, alerts=st.lists(alerts, max_size=5),
        findings=st.lists(text, max_size=5),
    )  # fmt: skip


@settings(deadline=None)
@given(_anything(), st.floats(0, 1e6))
def test_the_same_mirror_twice_says_nothing(mirror: Mirror, later: float) -> None:
    telling = _started(mirror)

    assert _lines(telling, mirror, later) == []
    fresh = Telling(_CALM)
    _lines(fresh, mirror, 0.0)
    assert _lines(fresh, mirror, later) == []


@settings(deadline=None)
@given(_anything(), _anything())
def test_whatever_changes_is_lines_without_anything_harmful_and_not_too_many(old: Mirror, new: Mirror) -> None:
    lines = _lines(_started(old), new)

    assert all(line and not _HARMFUL.search(line) and len(line) <= 400 for line in lines)
    assert len(lines) <= 150


def test_a_crowd_is_counted() -> None:
    telling = _started(work_mirror())
    lines = _lines(telling, work_mirror(agents=[agent_row(f"a{number}") for number in range(1000)]))

    assert len(lines) == 12
    assert lines[0] == "agent a0 joined"
    assert lines[-1] == "agents: 989 more"


def test_a_source_that_fails_is_told_with_its_reason_and_again_when_it_answers() -> None:
    mirror = Mirror()
    mirror.sources = (_source(),)
    telling = _started(mirror)
    mirror.sources = (_source(message="connection refused"),)
    assert _lines(telling, mirror) == ["source api failed: connection refused"]
    mirror.sources = (_source(message="connection refused again"),)
    assert _lines(telling, mirror) == []
    mirror.sources = (_source(),)
    assert _lines(telling, mirror) == ["source api answers"]


def test_a_source_that_answers_for_the_first_time_is_no_news() -> None:
    mirror = Mirror()
    mirror.sources = (_source(SourceState.WAITING),)
    telling = _started(mirror)
    mirror.sources = (_source(),)

    assert _lines(telling, mirror) == []


def _alert(state: AlertState, severity: Severity = Severity.WARNING) -> Alert:
    return Alert(
        "f", "CPU busy", "cpu_busy", severity, state, NOW, NOW - 90, "host", "host/cpu_busy_ratio", 0.9, 0.85,
        above=True, unit=Unit.RATIO,
    )  # fmt: skip


def test_an_alert_is_told_when_it_fires_gets_worse_and_is_resolved() -> None:
    mirror = Mirror()
    telling = _started(mirror)

    def told(*alerts: Alert) -> list[str]:
        mirror.alerts = alerts
        return _lines(telling, mirror)

    assert told(_alert(AlertState.PENDING)) == []
    assert told(_alert(AlertState.FIRING)) == [
        "alert firing: CPU busy (warning): 90 %, above 85 %, host/cpu_busy_ratio"
    ]
    assert told(_alert(AlertState.FIRING, Severity.CRITICAL))[0].startswith("alert firing: CPU busy (critical)")
    assert told(_alert(AlertState.RESOLVED, Severity.CRITICAL)) == ["alert resolved: CPU busy (critical), after 1:30"]
    assert told() == []


def test_an_alert_that_only_disappears_is_resolved_too() -> None:
    mirror = Mirror()
    mirror.alerts = (_alert(AlertState.FIRING),)
    telling = _started(mirror)
    mirror.alerts = ()

    assert _lines(telling, mirror) == ["alert resolved: CPU busy (warning), after 1:30"]


def test_work_is_told_when_it_begins_and_when_it_ends_after_how_long() -> None:
    telling = _started(work_mirror(phases=[phase_row("build")]))
    running = phase_row("build", WorkState.RUNNING, started_at=NOW - 9)
    over = phase_row("build", WorkState.OK, started_at=NOW - 9, finished_at=NOW, efficiency=0.71)

    assert _lines(telling, work_mirror(phases=[running])) == ["phase build of demo-1 started"]
    assert _lines(telling, work_mirror(phases=[over])) == [
        "phase build of demo-1 ended: ok after 0:09, efficiency 71 %"
    ]


def test_agents_are_told_by_how_many_work_and_one_by_one_when_they_are_lost() -> None:
    telling = _started(work_mirror(pools=[pool_row(queue=3)], agents=[agent_row("a1")]))
    fewer = work_mirror(
        pools=[pool_row(active=1, idle=3, queue=0)], agents=[agent_row("a1", AgentState.LOST, reason="silent for 30 s")]
    )

    assert _lines(telling, fewer, 60.0) == [
        "agent a1 lost: silent for 30 s",
        "agents active in main 1 of 4, 3 idle, 0 tasks in the queue (was 4 of 4, 0 idle, 3 tasks in the queue)",
    ]


def test_a_recommendation_is_told_with_its_gain_and_when_it_is_gone() -> None:
    mirror = Mirror()
    telling = _started(mirror)
    mirror.findings = (finding(),)
    assert _lines(telling, mirror) == ["recommendation new: add 2 agents: total time −22 % (−15 … −29), 2 h of work"]
    mirror.findings = ()
    assert _lines(telling, mirror) == ["recommendation gone: add 2 agents"]


def test_figures_are_those_of_the_overview_with_their_units_and_states() -> None:
    mirror, busy = Mirror(), "host/cpu_busy_ratio"
    series = SeriesWindow(busy, (0.97,), (0.97,), (0.97,), 0.97, NOW)
    mirror.at = NOW
    mirror.catalogue = {busy: SeriesInfo(busy, Unit.RATIO, 1.0)}
    mirror.windows = {watch_name("cpu"): Window(NOW - 300, 300.0, 1, (series,))}
    scene = work_scene(mirror)

    (figure,) = figures(scene)
    assert f"{figure.name} {figure.text}" == "CPU busy 97 % (bad)"
    stale = msgspec.structs.replace(series, last_at=NOW - 60)
    mirror.windows = {watch_name("cpu"): Window(NOW - 300, 300.0, 1, (stale,))}
    assert figures(scene)[0].value is None
    assert watch_name("cpu") in {wanted.name for wanted in told_watches(CONFIG)}
