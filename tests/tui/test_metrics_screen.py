"""The Metrics screen as a person uses it: find, draw, type, compare, read, keep; and what goes wrong meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.widgets import Input

from perftui.config.defaults import DEFAULTS
from perftui.config.load import load
from perftui.config.schema import PrometheusSource, Sources
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.queries import Exemplar, MetricInfo, Query, Tried, query_name
from perftui.domain.samples import SeriesInfo
from perftui.domain.units import Unit
from perftui.link.messages import Watch
from perftui.tui.screens.big_chart import BigChart
from perftui.tui.screens.metrics import MetricsScreen
from perftui.tui.widgets.asking_prompt import AskingPrompt
from perftui.tui.widgets.prompt import Prompt
from perftui.view.exploring import WATCH, WATCH_BEFORE, Exploring
from perftui.view.scene import Mode
from perftui.view.text import plain
from tests.tui.console import NOW, Console, console

_CONFIG = msgspec.structs.replace(
    DEFAULTS, sources=Sources(prometheus={"main": PrometheusSource(url="http://localhost:9090")})
)
_METRICS = [
    MetricInfo("node_cpu_seconds_total", "counter", Unit.SECONDS, "Seconds the CPUs spent in each mode."),
    MetricInfo("node_load1", "gauge", Unit.NONE, "1m load average."),
    MetricInfo("requests_bucket", "histogram", Unit.NONE, "Requests."),
    MetricInfo("up", "gauge", Unit.NONE, ""),
]
_BUSY = SeriesInfo("host/cpu_busy_ratio", Unit.RATIO, 1.0, "How busy the CPUs are.")
_OK = SourceHealth("main", "prometheus", SourceState.OK, 1.0, polls=3)
_HOST = SourceHealth("host", "host", SourceState.OK, 1.0, polls=3)


def _tried(args: dict[str, Any]) -> Tried:
    expr = args["expr"]
    if ")" in expr.replace("()", "").split("(", 1)[0]:
        raise ValueError(f"1:{expr.index(')') + 1}: parse error: unexpected right parenthesis")
    if "everything" in expr:
        return Tried(Query(query_name(expr), expr), "vector", 1109, 0.01)
    return Tried(Query(query_name(expr), expr), "vector", 1, 0.01)


@contextlib.asynccontextmanager
async def _opened(
    size: tuple[int, int] = (120, 40),
    *,
    main: SourceHealth = _OK,
    refuses: Mapping[str, str] | None = None,
    answers: Mapping[str, Callable[[dict[str, Any]], Any]] | None = None,
) -> AsyncIterator[Console]:
    """The Metrics screen of a console whose session has a Prometheus server, and has answered what it offers."""
    async with console(_CONFIG, size) as one:
        one.session.answers |= {
            "metrics": lambda _: _METRICS,
            "labels": lambda args: {"job": [f"of-{args['metric']}"]},
            "explore": _tried,
            **(answers or {}),
        }
        one.session.refuses |= refuses or {}
        one.session.push(sources=(main, _HOST), catalogue=(_BUSY,))
        await one.until(lambda: one.app.deck.mirror.sources)
        one.type("4")
        await one.until(lambda: _explored(one) is not None)
        await one.until(lambda: refuses or (_explored(one) or Exploring()).listing.infos)
        yield one


def _explored(one: Console) -> Exploring | None:
    return one.screen.exploring if isinstance(one.app.screen, MetricsScreen) else None


def _run(steps: Callable[[Console], Awaitable[None]], size: tuple[int, int] = (120, 40), **more: Any) -> None:
    async def opened() -> None:
        async with _opened(size, **more) as one:
            await steps(one)
            assert one.app.failure is None

    asyncio.run(opened())


async def _prompt(one: Console, key: str) -> Input:
    one.type(key)
    await one.until(lambda: isinstance(one.app.screen, Prompt) and one.app.screen.query(Input))
    return one.app.screen.query_one(Input)


def _said(one: Console) -> str:
    """What stands above and below the line of a prompt."""
    return "\n".join(plain(line) for line in one.lines)


async def _closed(one: Console) -> None:
    await one.until(lambda: isinstance(one.app.screen, MetricsScreen))


async def _drawn(one: Console, key: str = "\n", value: float = 7.0) -> None:
    """Draw the selected metric; its values have come."""
    before = len(one.session.asked("explore"))
    one.type(key)
    await one.until(lambda: len(one.session.asked("explore")) > before)
    await _filled(one, value)


async def _filled(one: Console, value: float = 7.0) -> None:
    screen = one.screen
    assert isinstance(screen, MetricsScreen)
    await one.until(lambda: _watched(one) == tuple(plot.selector for plot in screen.exploring.plots) != ())
    one.session.fill(value)
    await one.until(lambda: WATCH in one.app.deck.mirror.windows)
    await one.pilot.pause()


def _watched(one: Console) -> tuple[str, ...]:
    watch = one.session.watches().get(WATCH)
    return watch.selectors if watch is not None else ()


# find


def test_metrics_are_listed_with_the_labels_of_the_selected_one() -> None:
    async def steps(one: Console) -> None:
        await one.shows("of-node_cpu_s")
        assert "Seconds the CPUs spent in each mode." in one.text
        one.type("j")
        await one.shows("▸ node_load1")
        await one.shows("of-node_load1")
        assert [args["source"] for args in one.session.asked("metrics")] == ["main"]

    _run(steps)


def test_the_ends_of_the_list_are_reached_and_not_passed() -> None:
    async def steps(one: Console) -> None:
        one.type("G")
        await one.shows("▸ up")
        await one.pilot.press("down", "pagedown")
        await one.shows("▸ up")
        await one.pilot.press("home", "up")
        await one.shows("▸ node_cpu_seconds_total")

    _run(steps)


def test_a_filter_leaves_what_matches_while_it_is_typed_and_esc_brings_the_one_before() -> None:
    async def steps(one: Console) -> None:
        await _prompt(one, "/")
        one.type("load")
        await one.shows("▸ node_load1")
        assert "1 of 4" in one.text
        one.type("\n")
        await _closed(one)
        assert "filter load" in one.text
        line = await _prompt(one, "/")
        line.value = "x y z"
        await one.shows('Nothing matches "x y z"')
        await one.pilot.press("escape")
        await _closed(one)
        await one.shows("▸ node_load1")
        await one.pilot.press("escape")
        await one.shows("▸ node_cpu_seconds_total")

    _run(steps)


def test_keys_that_come_before_the_prompt_does_are_typed_into_it() -> None:
    """All of them at once, as a terminal behind a slow line sends them; none is taken for a key of the screen."""

    async def steps(one: Console) -> None:
        one.type("/cpu xcdp\n")
        await one.shows('Nothing matches "cpu xcdp"')
        await _closed(one)
        one.type("/ and load\n")
        await one.shows('Nothing matches "cpu xcdp and load"')
        await _closed(one)
        assert one.app.deck.playhead.mode is Mode.LIVE
        assert not one.notices

    _run(steps)


def test_what_perftui_measures_itself_is_explored_without_asking_anybody() -> None:
    async def steps(one: Console) -> None:
        await one.pilot.press("tab")
        await one.shows("▸ cpu_busy_ratio")
        one.type("\n")
        await one.until(lambda: _watched(one) == ("host/cpu_busy_ratio",))
        await _filled(one, 0.42)
        await one.shows("42 %")
        assert one.session.asked("explore") == []
        await one.pilot.press("shift+tab")
        await one.shows("▸ node_cpu_seconds_total")

    _run(steps)


# draw


def test_a_counter_is_drawn_as_its_rate_and_a_histogram_as_its_percentile() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        await one.shows("main: rate(node_cpu_seconds_total[$win])")
        one.type("jj")
        await _drawn(one)
        await one.shows("main: histogram_quantile(0.95, sum by (le) (rate(requests_bucket[$win])))")

    _run(steps, (160, 40))


def test_expressions_are_added_and_taken_off() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        one.type("j")
        await _drawn(one, "a")
        await one.shows("2 expressions")
        assert "2 node_load1" in one.text
        one.type("d")
        await one.shows("main: rate(node_cpu_seconds_total[$win])")
        one.type("d")
        await one.shows("enter draws the selected metric")
        await one.until(lambda: not one.app.deck.client.watched)

    _run(steps)


def test_the_same_expression_is_never_drawn_twice() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        await _drawn(one, "a")
        assert len(_watched(one)) == 1

    _run(steps)


def test_too_many_series_are_refused_with_the_way_out() -> None:
    async def steps(one: Console) -> None:
        line = await _prompt(one, "i")
        line.value = "everything"
        one.type("\n")
        await one.until(lambda: "1109 series are too many to draw: topk(10, ...)" in _said(one))
        assert line.value == "everything"

    _run(steps)


def test_nine_expressions_are_one_too_many() -> None:
    async def steps(one: Console) -> None:
        for number in range(9):
            line = await _prompt(one, "I")
            line.value = f"up + {number}"
            one.type("\n")
            if number < 8:
                await _closed(one)
        await one.until(lambda: "8 expressions are on the chart already: d takes one off" in _said(one))

    _run(steps)


def test_what_check_would_warn_of_stands_below_the_chart() -> None:
    async def steps(one: Console) -> None:
        line = await _prompt(one, "i")
        line.value = "node_cpu_seconds_total"
        one.type("\n")
        await _closed(one)
        await one.shows("▲ node_cpu_seconds_total counts since its program began")

    _run(steps, (160, 40))


# type


def test_what_is_wrong_is_said_in_place_with_a_mark_and_the_text_stays() -> None:
    async def steps(one: Console) -> None:
        line = await _prompt(one, "i")
        line.value = "up)"
        one.type("\n")
        await one.until(lambda: "✗ 1:3: parse error: unexpected right parenthesis" in _said(one))
        assert line.value == "up)"
        assert line.cursor_position == 2
        caret = next(plain(row) for row in one.lines if "^" in plain(row))
        assert caret.index("^") == len(" main> up)") - 1
        line.value = "up"
        one.type("\n")
        await _closed(one)
        await one.shows("main: up")
        assert "parse error" not in one.text

    _run(steps)


def test_what_is_wrong_with_a_metric_that_is_drawn_stands_in_the_chart_until_esc() -> None:
    async def steps(one: Console) -> None:
        one.session.refuses["explore"] = "connection refused"
        one.type("\n")
        await one.shows("✗ rate(node_cpu_seconds_total[$win]): connection refused")
        await one.pilot.press("escape")
        await one.until(lambda: "connection refused" not in one.text)

    _run(steps)


def test_esc_takes_a_hanging_question_back_and_the_prompt_stays() -> None:
    async def steps(one: Console) -> None:
        one.session.hangs.add("explore")
        line = await _prompt(one, "i")
        line.value = "slow"
        one.type("\n")
        await one.until(lambda: re.search(r"asking main, \d+ s of \d+ s, esc cancels", _said(one)))
        number = next(request.number for request in one.session.received if getattr(request, "action", "") == "explore")
        await one.pilot.press("escape")
        await one.until(lambda: one.session.asked("cancel") == [{"number": number}])
        await one.until(lambda: "✗ cancelled" in _said(one))
        assert line.value == "slow"
        assert isinstance(one.app.screen, AskingPrompt)
        await one.pilot.press("escape")
        await _closed(one)

    _run(steps)


def test_esc_on_the_screen_takes_back_what_is_being_drawn() -> None:
    async def steps(one: Console) -> None:
        one.session.hangs.add("explore")
        one.type("\n")
        await one.until(lambda: one.session.asked("explore"))
        await one.pilot.press("escape")
        await one.until(lambda: one.session.asked("cancel"))
        await one.until(lambda: "esc cancels" not in one.text)
        assert "cancelled" not in one.text

    _run(steps)


def test_another_metric_takes_the_first_question_back() -> None:
    async def steps(one: Console) -> None:
        one.session.hangs.add("explore")
        one.type("\n")
        await one.until(lambda: one.session.asked("explore"))
        one.session.hangs.clear()
        one.type("j")
        await _drawn(one)
        await one.shows("main: node_load1")
        assert len(one.session.asked("cancel")) == 1

    _run(steps)


def test_tab_completes_metrics_labels_and_values() -> None:
    async def steps(one: Console) -> None:
        line = await _prompt(one, "I")
        one.type("node_l")
        await one.pilot.press("tab")
        assert line.value == "node_load1"
        one.type("{")
        await one.until(lambda: 'job="' in _said(one))
        await one.pilot.press("tab")
        assert line.value == 'node_load1{job="'
        await one.until(lambda: 'of-node_load1"' in _said(one))
        await one.pilot.press("tab")
        assert line.value == 'node_load1{job="of-node_load1"'

    _run(steps)


def test_older_lines_are_recalled_and_what_was_being_typed_is_not_lost() -> None:
    async def steps(one: Console) -> None:
        line = await _prompt(one, "I")
        line.value = "up"
        one.type("\n")
        await _closed(one)
        line = await _prompt(one, "I")
        one.type("dra")
        await one.pilot.press("up")
        assert line.value == "up"
        await one.pilot.press("up", "down")
        assert line.value == "dra"

    _run(steps)


# read


def test_the_window_before_is_watched_while_it_is_compared() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        one.type("c")
        await one.until(lambda: WATCH_BEFORE in one.session.watches())
        before = one.session.watches()[WATCH_BEFORE]
        assert before.shift_s == one.app.deck.playhead.span_s
        await _filled(one)
        await one.shows("in the 5m before")
        one.type("c")
        await one.until(lambda: WATCH_BEFORE not in one.app.deck.client.watched)

    _run(steps)


def test_the_cursor_reads_values_and_esc_ends_it() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        await one.pilot.press("shift+left", "shift+left")
        cursor = one.app.deck.cursor
        assert cursor is not None
        await one.shows(one.app.deck.scene().clock_text(cursor))
        await one.pilot.press("escape")
        assert one.app.deck.cursor is None

    _run(steps)


def test_exemplars_come_when_they_are_wanted_and_go_again() -> None:
    async def steps(one: Console) -> None:
        found = Exemplar((("__name__", "requests_bucket"),), (("trace_id", "4bf92f3577b34da6"),), 0.5, NOW - 2)
        one.session.answers["exemplars"] = lambda _: [found]
        await _drawn(one)
        one.type("x")
        await one.shows("4bf92f3577b34da6")
        (asked,) = one.session.asked("exemplars")
        assert asked["end"] - asked["start"] == one.app.deck.playhead.span_s
        one.type("x")
        await one.until(lambda: "4bf92f3577b34da6" not in one.text)

    _run(steps)


def test_exemplars_of_nothing_and_of_a_server_that_has_none_are_explained() -> None:
    async def steps(one: Console) -> None:
        one.type("x")
        await one.shows("exemplars come with expressions of a Prometheus server: draw one first")
        await _drawn(one)
        one.session.refuses["exemplars"] = "404: there is no such address on it"
        one.type("x")
        await one.shows("main: 404: there is no such address on it")

    _run(steps, (160, 40))


def test_the_big_chart_opens_and_any_key_closes_it() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        one.type("B")
        await one.until(lambda: isinstance(one.app.screen, BigChart))
        await one.until(lambda: "┤" in _said(one))
        assert "rate(node_cpu_seconds_total[$win])" in _said(one)
        assert len(one.lines) == 40
        one.type("z")
        await _closed(one)

    _run(steps)


def test_the_big_chart_of_nothing_says_so() -> None:
    async def steps(one: Console) -> None:
        one.type("B")
        await one.until(lambda: "Nothing to draw yet" in _said(one))
        await one.pilot.press("escape")
        await _closed(one)

    _run(steps)


# keep


def test_a_panel_is_written_into_the_file_that_is_named_and_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"

    async def steps(one: Console) -> None:
        await _drawn(one)
        line = await _prompt(one, "p")
        assert line.value == "node_cpu_seconds"
        one.type("\n")
        await one.until(lambda: "[panels.node_cpu_seconds]" in _said(one))
        one.app.screen.query_one(Input).value = str(file)
        one.type("\n")
        await _closed(one)
        await one.until(lambda: any("[panels.node_cpu_seconds] is there" in notice for notice in one.notices))

    _run(steps)

    assert load(file, {}).config.panels["node_cpu_seconds"].promql == ("rate(node_cpu_seconds_total[$win])",)


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    async def steps(one: Console) -> None:
        await _drawn(one)
        await _prompt(one, "p")
        one.type("\n")
        await one.until(lambda: "enter without a name copies it and writes nothing" in _said(one))
        one.type("\n")
        await one.until(lambda: any("nothing was written" in notice for notice in one.notices))
        assert one.app.clipboard.startswith("[panels.node_cpu_seconds]\n")

    _run(steps)

    assert list(folder.iterdir()) == []


def test_a_file_that_can_not_take_it_is_refused_in_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[panels.node_cpu_seconds]\n")

    async def steps(one: Console) -> None:
        await _drawn(one)
        await _prompt(one, "p")
        one.type("\n")
        await one.until(lambda: "[panels.node_cpu_seconds]" in _said(one))
        line = one.app.screen.query_one(Input)
        line.value = str(file)
        one.type("\n")
        await one.until(lambda: 'has a panel "node_cpu_seconds" already' in " ".join(_said(one).split()))
        line.value = str(tmp_path / "no" / "such" / "file.toml")
        one.type("\n")
        await one.until(lambda: "No such file or directory" in " ".join(_said(one).split()))
        await one.pilot.press("escape")
        await _closed(one)

    _run(steps)

    assert file.read_text() == "[panels.node_cpu_seconds]\n"


@pytest.mark.parametrize(("name", "reason"), [("cpu", 'there is a panel "cpu" already'), ("a.b", "an id has small")])
def test_an_id_that_would_break_the_configuration_is_refused_in_place(name: str, reason: str) -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        line = await _prompt(one, "p")
        line.value = name
        one.type("\n")
        await one.until(lambda: reason in _said(one))
        assert line.value == name

    _run(steps)


def test_nothing_is_no_panel() -> None:
    async def steps(one: Console) -> None:
        one.type("p")
        await one.until(lambda: any("draw something first" in notice for notice in one.notices))
        assert isinstance(one.app.screen, MetricsScreen)

    _run(steps)


# what goes wrong


def test_a_session_that_is_lost_and_back_is_asked_everything_again() -> None:
    async def steps(one: Console) -> None:
        await _drawn(one)
        one.session.die("it fell over")
        await one.until(lambda: one.session.starts == 1 and "it fell over" in one.text)
        assert "main: rate(node_cpu_seconds_total[$win])" in one.text
        one.type("r")
        await one.until(lambda: one.session.starts == 2 and one.session.received)
        one.session.push(sources=(_OK, _HOST), catalogue=(_BUSY,))
        await one.until(lambda: one.session.asked("explore"))
        assert one.session.asked("explore")[0]["expr"] == "rate(node_cpu_seconds_total[$win])"
        await one.until(lambda: one.session.asked("metrics"))
        await _filled(one)
        await one.shows("▸ node_cpu_seconds_total")
        assert any(isinstance(message, Watch) and message.watch == WATCH for message in one.session.received)

    _run(steps)


def test_a_question_that_loses_its_session_is_over() -> None:
    async def steps(one: Console) -> None:
        one.session.hangs.add("explore")
        line = await _prompt(one, "i")
        line.value = "slow"
        one.type("\n")
        await one.until(lambda: one.session.asked("explore"))
        one.session.die("it fell over")
        await one.until(lambda: "✗ the session has ended" in _said(one))
        assert line.value == "slow"

    _run(steps)


def test_a_server_that_can_not_be_asked_is_named() -> None:
    error = SourceError(ErrorKind.UNREACHABLE, "connection refused")

    async def steps(one: Console) -> None:
        await one.shows("main: connection refused; it is asked again")
        one.type("\n")
        await one.pilot.press("tab")
        await one.shows("▸ cpu_busy_ratio")

    _run(
        steps,
        main=msgspec.structs.replace(_OK, state=SourceState.FAILED, error=error),
        refuses={"metrics": "connection refused"},
    )


def test_without_any_source_the_screen_teaches_and_typing_says_why_not() -> None:
    async def opened() -> None:
        async with console(DEFAULTS, (80, 24)) as one:
            one.type("4")
            await one.shows("perftui --prometheus URL")
            one.type("i")
            await one.until(lambda: any("no source" in notice for notice in one.notices))
            assert one.app.failure is None

    asyncio.run(opened())


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 50), (25, 5)])
def test_every_size_shows_the_value(size: tuple[int, int]) -> None:
    async def steps(one: Console) -> None:
        await _drawn(one, value=7.25)
        await one.shows("7.25")
        assert {len(plain(line)) for line in one.lines} == {size[0]}

    _run(steps, size)


def test_hostile_names_and_labels_stay_text() -> None:
    async def steps(one: Console) -> None:
        await one.shows("[red]up[/red]")
        await one.shows("[link=x]")
        one.type("\n")
        await one.shows("main: [red]up[/red]")
        one.type("i")
        await one.until(lambda: isinstance(one.app.screen, Prompt) and one.app.screen.query(Input))
        await one.pilot.press("escape")
        await _closed(one)

    _run(
        steps,
        answers={
            "metrics": lambda _: [MetricInfo("[red]up[/red]", "[b]", Unit.NONE, "[link=x]" * 50)],
            "labels": lambda _: {"[bold]": ["[/]", "漢字" * 200, "\\[x"]},
            "explore": lambda args: Tried(Query("q_0123456789", args["expr"]), "vector", 1, 0.1),
        },
    )
