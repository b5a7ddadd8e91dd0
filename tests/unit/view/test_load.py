"""The Load screen as text: what stands there in each state, and what stays when there is little room."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Layout, Panel, PanelKind
from perftui.domain.load import Endpoint, LoadPhase, LoadRunRow, LoadState, Times
from perftui.domain.samples import SeriesWindow, Window
from perftui.view.glyphs import ASCII
from perftui.view.load import load_picture, load_watches
from perftui.view.load_book import LoadBook, View
from perftui.view.load_card import ended_why
from perftui.view.load_charts import beside, framed_on, limit_of
from perftui.view.load_compare import Compared, comparable_of, judged_of, words_of
from perftui.view.load_record import read_record
from perftui.view.load_runs import verdict_text
from perftui.view.status import status_line
from perftui.view.text import line_width, plain
from tests.unit.view.load_rows import (
    HOSTILE,
    NOW,
    RUN,
    over,
    record,
    refused,
    rows,
    run_row,
    scene,
    starting,
    state,
    stressed,
    text,
)

Past = tuple[LoadRunRow, ...] | None


def drawn(load: LoadState | None, past: Past = (), size: tuple[int, int] = (120, 38), **looks: Any) -> str:
    shown = scene(load, past)
    book = LoadBook(shown.clock_text)
    book.update(shown.mirror)
    for name, value in looks.items():
        setattr(book, name, value)
    lines = load_picture(shown, book, *size)
    assert len(lines) == size[1]
    assert {line_width(line) for line in lines} == {size[0]}
    return text(lines)


def test_a_running_load_tells_state_counts_times_and_broken_thresholds() -> None:
    seen = drawn(state(), rows()[1:])
    assert "http://127.0.0.1:8080/checkout ── constant 100/s · 1:00 · 10 connections" in seen
    assert "0:38 of 1:00  ● running" in seen
    assert "offered 3 820  sent 3 820  done 3 817  dropped 0  errors 3 0.1 % (timeout_headers 2, http_503 1)" in seen
    assert "✗ p(95)<200      238  since 0:14" in seen
    assert "✓ rate<0.01   0.0008" in seen
    assert "generator ok: lag p99 300 µs, cpu 11 %" in seen
    assert "last run       11       –    24.1    41.2" in seen


@pytest.mark.parametrize("size", [(80, 22), (120, 38), (200, 48), (60, 12)])
def test_every_size_has_state_response_times_and_errors(size: tuple[int, int]) -> None:
    seen = drawn(state(), rows(), size)
    assert "● running" in seen
    assert "238" in seen
    assert "errors 3" in seen


def test_the_smallest_terminal_tells_state_p95_errors_and_what_is_broken() -> None:
    seen = drawn(state(), (), (38, 8))
    assert seen.splitlines()[0] == "● running  0:38 of 1:00"
    assert "p95 238 ms" in seen
    assert "errors 3 0.1 %" in seen
    assert "✗ p(95)<200" in seen


def test_a_limit_of_the_generator_is_said_before_any_figure_and_says_what_to_do() -> None:
    load = state(limited_by="generator", advice=("Lower the rate.",), cpu_share=0.93)
    seen = drawn(load, (), (80, 22)).splitlines()
    said = next(at for at, line in enumerate(seen) if "▲ Lower the rate." in line)
    assert said < next(at for at, line in enumerate(seen) if "response " in line)
    assert any("generator ✗ busy" in line and "cpu 93 %" in line for line in seen)


def test_starting_and_paused_say_what_is_waited_for() -> None:
    assert "one request first" in drawn(starting())
    assert "paused: nothing is sent, P goes on" in drawn(state(LoadPhase.PAUSED))


def test_a_rate_that_was_changed_by_hand_is_told_as_such() -> None:
    assert "constant 110/s (x1.10 by hand)" in drawn(state(rate=110.0, factor=1.1))


def test_a_refused_load_tells_why_and_shows_no_figures() -> None:
    seen = drawn(refused())
    assert "✗ refused: no load was sent" in seen
    assert "connection refused" in seen
    assert "p99.9" not in seen


def test_a_lost_load_keeps_its_figures_and_says_so() -> None:
    seen = drawn(over(LoadPhase.LOST, stopped_by="engine", thresholds=()), rows())
    assert "✗ lost" in seen
    assert "what it had counted until then is kept" in seen
    assert "done 3 817" in seen


@pytest.mark.parametrize(
    ("load", "verdict"),
    [
        (over(), "✗ 1 of 2 thresholds broken: p(95)<200 was 238, since 0:14"),
        (over(thresholds=over().thresholds[1:]), "✓ the threshold holds"),
        (over(thresholds=()), "– no thresholds: nothing says whether this is good"),
        (over(thresholds=(), limited_by="generator"), "▲ not to be trusted: this machine was the limit"),
        (over(thresholds=(), errors={"reset": 900}), "✗ 900 of 3817 requests failed"),
        (over(done=0, thresholds=()), "✗ no answer came"),
        (
            over(LoadPhase.STOPPED, offered=0, done=0, stopped_by="circuit breaker: too many failures"),
            "✗ nothing was counted",
        ),
        (over(LoadPhase.STOPPED, stopped_by="user"), "stopped by hand"),
        (
            over(LoadPhase.STOPPED, stopped_by="threshold p(95)<200"),
            "stopped by a threshold that ends the run: p(95)<200",
        ),
        (over(LoadPhase.STOPPED, stopped_by="a word of tomorrow"), "ended by: a word of tomorrow"),
    ],
)
def test_the_result_begins_with_its_verdict_and_why_it_ended(load: LoadState, verdict: str) -> None:
    assert verdict in drawn(load, rows())


def test_the_result_names_the_command_that_shows_its_record_and_lists_past_loads_below() -> None:
    seen = drawn(over(), rows(), ended=read_record(record()))
    assert f"perftui load show {RUN}" in seen
    assert "Past loads" in seen
    assert "█ p50  █ p95  █ p99" in seen


def test_without_a_load_the_form_is_shown_as_it_would_be() -> None:
    seen = drawn(None)
    assert "N or enter fills this in" in seen
    assert ":load http://127.0.0.1:8080/ 20 30s" in seen
    assert "asking the session for past loads" in drawn(None, None)


def test_a_generator_that_is_late_is_not_called_well_whatever_else_was_the_limit() -> None:
    assert "generator ▲ near its limit: lag p99 24.3 s" in drawn(
        over(limited_by="connections", lag=Times(9, p99=24300.0))
    )


def test_past_loads_are_listed_newest_first_with_a_verdict_in_words() -> None:
    lines = drawn(None, rows(), (160, 20)).splitlines()
    listed = [line for line in lines if "127.0.0.1" in line or "10.0.0.7" in line]
    assert "threshold broken" in listed[0]
    assert "connection-limited" in next(line for line in listed if "10.0.0.7" in line)
    assert "10 d ago" in listed[-1]
    assert verdict_text(run_row(stopped_by="user")) == "ok, user"


def test_details_tell_endpoints_errors_checks_levels_and_waiting() -> None:
    seen = drawn(stressed(), (), (100, 48), details=True)
    for word in (
        "GET /cart",
        "timeout_headers",
        "status == 200",
        "3 814 passed, 3 failed",
        "800/s",
        "our loop was late by",
    ):
        assert word in seen


def test_details_scroll_and_say_how_much_there_is_below() -> None:
    assert "more lines, down" in drawn(stressed(), (), (100, 12), details=True)
    assert "our loop was late by" in drawn(stressed(), (), (100, 12), details=True, top=99)


def test_two_loads_are_compared_with_what_got_worse_and_by_how_much() -> None:
    both = Compared(read_record(record()), read_record(record(3.0)))
    seen = drawn(None, rows(), compared=both)
    assert "response p95       24.1 ms     72.3 ms    +200 % ✗" in seen
    assert "throughput          99.8/s      99.8/s           =" in seen
    assert seen.count("█ A  █ B") == 2


def test_what_the_session_judged_to_be_chance_is_not_coloured_and_its_words_are_shown() -> None:
    told = {"verdict": "no difference that stands out", "notes": ["rate was 5, and is 6"],
            "figures": [{"name": "response p95", "stands_out": False}, {"name": "x"}, 7]}  # fmt: skip
    both = Compared(read_record(record()), read_record(record(3.0)), words_of(told), judged_of(told))
    seen = drawn(None, rows(), compared=both)
    assert "response p95       24.1 ms     72.3 ms    +200 %" in seen
    assert "response p95       24.1 ms     72.3 ms    +200 % ✗" not in seen
    assert "response p99       41.2 ms      124 ms    +200 % ✗" in seen
    assert "no difference that stands out" in seen
    assert "rate was 5, and is 6" in seen
    assert comparable_of(told)
    assert not comparable_of({"comparable": False})
    assert "+200 % ✗" not in drawn(None, rows(), compared=both._replace(comparable=False))


def test_levels_of_a_record_are_read_without_the_pauses_between_them() -> None:
    held = {"kind": "level", "rate": 50, "throughput": 49.8, "p95": 20.0, "done": 100, "failed": 2, "outcome": "held"}
    levels = [held, {**held, "kind": "recover"}, {**held, "rate": 100, "outcome": "broke"}]
    past = read_record(record(shape={"levels": levels, "verdict": {"text": ["holds up to 50/s", "then it erred"]}}))
    assert [(one.rate, one.failed_share, one.ok) for one in past.state.levels] == [(50, 0.02, True), (100, 0.02, False)]
    assert past.state.verdict == "holds up to 50/s; then it erred"


def test_a_load_is_in_the_status_line_of_every_screen_while_it_runs() -> None:
    assert "● load 100/s p95 238 ms" in plain(status_line(scene(state(thresholds=(), errors={})), 120))
    assert "✗ load 100/s p95 238 ms" in plain(status_line(scene(state()), 120))
    assert "load 100/s" not in plain(status_line(scene(over()), 120))


def test_charts_have_the_time_axis_of_the_load_unless_somebody_looks_back() -> None:
    shown = scene(state())
    assert framed_on(shown, state()).span_s == 90.0
    assert framed_on(shown, state(planned_s=600.0, started_at=NOW - 1)).span_s == 300.0
    assert limit_of(state()) == 0.2
    book = LoadBook()
    book.update(shown.mirror)
    names = {one.name: one for one in load_watches(shown, book, 120, 38)}
    assert "load/response_p95" in names["panel.load.times"].selectors
    assert names["panel.load.times"].cells == 400
    assert "panel.cpu" in names


def test_what_is_beside_a_load_is_the_users_layout_else_expressions_and_the_machine() -> None:
    assert list(beside(DEFAULTS)) == ["cpu", "memory", "network"]
    asked = Panel(title="p95", promql=("up",), source="prom")
    listed = Panel(kind=PanelKind.ALERTS)
    panels = {**DEFAULTS.panels, "asked": asked, "listed": listed}
    own = {**DEFAULTS.layouts, "load": Layout(rows=(("asked", "listed"), ("disk",)))}
    assert list(beside(msgspec.structs.replace(DEFAULTS, panels=panels, layouts=own))) == ["asked", "disk"]


def test_charts_are_drawn_from_the_series_of_the_session() -> None:
    shown = scene(state())
    column = tuple(0.01 * (at % 7) for at in range(60))
    series = tuple(
        SeriesWindow(f"load/response_{name}", column, column, column, 0.05, NOW) for name in ("p95", "p50", "p99")
    )
    shown.mirror.windows["panel.load.times"] = Window(NOW - 60, 1.0, 60, series)
    book = LoadBook()
    book.update(shown.mirror)
    seen = text(load_picture(shown, book, 120, 38))
    assert "█ p95" in seen
    assert "The first second is not over yet." in seen


def test_ascii_terminals_are_drawn_without_any_other_character() -> None:
    for load in (state(), over(), starting(), refused(), stressed()):
        shown = scene(load, rows(), glyphs=ASCII)
        book = LoadBook()
        book.update(shown.mirror)
        assert len(load_picture(shown, book, 100, 30)) == 30


def test_hostile_words_of_a_target_or_a_plan_are_shown_as_text() -> None:
    load = over(target=HOSTILE, stopped_by=HOSTILE, verdict=HOSTILE, errors={HOSTILE: 3}, run_id=HOSTILE,
                endpoints=(Endpoint(HOSTILE, 1, 1, Times()), Endpoint(HOSTILE, 1, 1, Times())))  # fmt: skip
    for looks in ({}, {"details": True}):
        seen = drawn(load, (run_row(target=HOSTILE, shape=HOSTILE, stopped_by=HOSTILE),), (140, 48), **looks)
        assert "\x1b" not in seen
        assert "\u202e" not in seen


def test_a_load_that_begins_comes_to_the_front_and_esc_goes_back_one_step_at_a_time() -> None:
    book = LoadBook()
    book.update(scene(over(), rows()).mirror)
    book.view, book.opened, book.details = View.RUNS, read_record(record()), True
    book.leave()
    assert (book.details, book.opened is not None) == (False, True)
    book.leave()
    assert (book.opened, book.view) == (None, View.RUNS)
    book.runs.toggle_mark()
    book.leave()
    assert (book.runs.marks, book.view) == (set(), View.RUNS)
    book.leave()
    assert book.view is View.NOW
    book.view = View.RUNS
    book.update(scene(state(run_id="new"), rows()).mirror)
    assert book.view is View.NOW


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = sorted(record())


@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=6))
def test_any_record_can_be_read_and_drawn(made_up: dict[str, Any]) -> None:
    past = read_record({**record(), **made_up})
    seen = drawn(None, rows(), (100, 30), opened=past)
    assert seen
    drawn(None, rows(), (100, 30), compared=Compared(past, read_record(record())))


def test_what_is_no_record_at_all_is_an_empty_one() -> None:
    assert read_record(None).state.done == 0
    assert read_record([1]).seconds == ()


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("requests", "it sent what was asked for"),
        ("duration", ""),
        ("probe: refused", "nothing was sent after the first request, which was not answered well: refused"),
    ],
)
def test_why_a_load_ended_is_said_for_the_words_of_the_engine(by: str, words: str) -> None:
    assert ended_why(over(stopped_by=by)) == words
