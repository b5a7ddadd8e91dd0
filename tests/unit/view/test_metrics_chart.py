"""The chart of the Metrics screen: several series, units and expressions, the window before, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.domain.units import Unit
from perftui.view.exploring import WATCH, WATCH_BEFORE, Exploring, Plot
from perftui.view.glyphs import ASCII
from perftui.view.metrics import metrics_picture, metrics_regions, metrics_watches
from perftui.view.metrics_chart import chart_picture, plot_entries, unit_groups
from perftui.view.scene import Mode, Scene
from perftui.view.text import line_width, plain
from tests.unit.view.metrics_scene import (
    NOW,
    SPAN,
    anything,
    exemplar,
    exploring,
    listing,
    measured,
    plot,
    result,
    scene,
)

_UP, _RATE = plot("up"), plot("rate(requests_total[$win])")


def _text(shown: Scene, found: Exploring, width: int = 80, height: int = 16) -> str:
    return "\n".join(plain(line) for line in chart_picture(shown, found, width, height))


def _names(shown: Scene, found: Exploring) -> list[str]:
    window = shown.window(WATCH)
    assert window is not None
    return [entry.name for entry in plot_entries(shown, found, window)]


@settings(max_examples=100, deadline=None)
@given(anything(), st.integers(0, 210), st.integers(0, 60))
def test_the_screen_has_exactly_its_size(given_: tuple[Scene, Exploring], width: int, height: int) -> None:
    lines = metrics_picture(*given_, width, height)
    assert [line_width(line) for line in lines] == [width] * height


@settings(max_examples=100, deadline=None)
@given(anything(), st.integers(4, 130), st.integers(0, 40))
def test_the_chart_has_exactly_its_size(given_: tuple[Scene, Exploring], width: int, height: int) -> None:
    lines = chart_picture(*given_, width, height)
    assert [line_width(line) for line in lines] == [width] * height


@settings(max_examples=100, deadline=None)
@given(anything(), st.integers(0, 210), st.integers(0, 60))
def test_the_parts_cover_the_screen_and_never_each_other(
    given_: tuple[Scene, Exploring], width: int, height: int
) -> None:
    regions = metrics_regions(given_[1], width, height)
    cells = [
        (x, y)
        for one in regions.values()
        for x in range(one.x, one.x + one.width)
        for y in range(one.y, one.y + one.height)
    ]
    assert len(cells) == len(set(cells))
    if regions:
        assert set(cells) == {(x, y) for x in range(width) for y in range(height)}


def test_before_anything_is_drawn_the_chart_teaches() -> None:
    assert "i types PromQL of your own: tab completes it." in _text(scene(), exploring(), 120)


def test_without_a_server_it_says_how_to_get_one_and_what_can_be_typed() -> None:
    text = _text(scene(), Exploring((("host", False),), "host"))

    assert 'cpu_core_busy_ratio{core="0"}' in text
    assert "perftui --prometheus URL" in text


def test_one_series_stands_with_its_value_and_the_expression() -> None:
    text = _text(scene([result(_UP, 7.0)]), exploring(_UP))

    assert text.startswith("╭ main: up ")
    assert text.split("\n")[0].endswith(" 7 ╮")


def test_several_series_are_named_by_the_labels_that_tell_them_apart() -> None:
    shown = [result(_UP, 1.0, {"job": "node", "instance": "a"}), result(_UP, 0.0, {"job": "node", "instance": "b"})]

    assert _names(scene(shown), exploring(_UP)) == ["a", "b"]
    assert "2 series" in _text(scene(shown), exploring(_UP))


def test_with_several_expressions_each_name_begins_with_its_number() -> None:
    shown = scene([result(_UP, 1.0, {"job": "a"}), result(_UP, 1.0, {"job": "b"}), result(_RATE, 2.0)])
    found = exploring(_UP, _RATE)

    assert _names(shown, found) == ["1 a", "1 b", "2 rate(requests_total[$win])"]
    assert "1 up" in _text(shown, found)
    assert "2 rate(requests_total[$win])" in _text(shown, found)


def test_measured_series_and_expressions_stand_together() -> None:
    busy = measured("host/cpu_busy_ratio")

    assert _names(scene([result(busy, 0.5), result(_UP, 1.0)]), exploring(busy, _UP)) == ["1 cpu busy", "2 up"]


def test_each_unit_has_a_chart_of_its_own() -> None:
    shown = scene(
        [result(_UP, 0.5), result(_RATE, 2048.0)],
        units={_UP.selector: Unit.SECONDS, _RATE.selector: Unit.BYTES},
    )
    window = shown.window(WATCH)
    assert window is not None

    groups = unit_groups(plot_entries(shown, exploring(_UP, _RATE), window))
    text = _text(shown, exploring(_UP, _RATE), 80, 20)

    assert [[entry.unit for entry in group] for group in groups] == [[Unit.SECONDS], [Unit.BYTES]]
    assert "500 ms" in text
    assert "2 KiB" in text


def test_units_without_room_for_a_chart_are_still_named() -> None:
    shown = scene(
        [result(_UP, 0.5), result(_RATE, 2048.0)],
        units={_UP.selector: Unit.SECONDS, _RATE.selector: Unit.BYTES},
    )

    assert "2 KiB" in _text(shown, exploring(_UP, _RATE), 80, 8)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Nothing was measured in this window yet."),
        ({"mode": Mode.PAST}, "Nothing was kept of this time."),
    ],
)
def test_a_chart_without_points_says_why(more: dict[str, Any], said: str) -> None:
    assert said in _text(scene(**more), exploring(_UP))


def test_a_window_that_has_not_come_yet_is_waited_for() -> None:
    shown = scene()
    shown.mirror.windows.clear()

    assert "collecting the first samples" in _text(shown, exploring(_UP))


def test_why_an_expression_has_no_values_stands_with_it() -> None:
    shown = scene()
    shown.mirror.troubles = {_UP.selector: "matches nothing: the server has no such series now"}

    text = _text(shown, exploring(_UP))

    assert "Nothing to draw: the reason stands below." in text
    assert "▲ matches nothing: the server has no such series now" in text


def test_a_window_that_fails_says_so_instead_of_a_chart() -> None:
    shown = scene()
    shown.mirror.window_errors = {WATCH: "history can't be read"}

    assert "history can't be read" in _text(shown, exploring(_UP))


def test_an_error_stands_above_what_is_drawn() -> None:
    text = _text(scene([result(_UP, 7.0)]), exploring(_UP, error="foo(: 1:5: parse error"))

    assert "✗ foo(: 1:5: parse error" in text.split("\n")[1]
    assert "7 " in text


def test_warnings_of_the_server_stand_below() -> None:
    warned = plot("up", "main", "the answer is partial")

    assert "▲ the answer is partial" in _text(scene([result(warned, 1.0)]), exploring(warned))


def test_what_is_asked_stands_in_the_frame() -> None:
    asking = "asking main, 2 s of 5 s, esc cancels"

    assert asking in _text(scene(), exploring(asking=asking))


def test_the_window_before_is_watched_one_window_earlier() -> None:
    now, before = metrics_watches(exploring(_UP, compared=True), 120, 40, SPAN)

    assert (now.name, now.shift_s) == (WATCH, 0.0)
    assert (before.name, before.shift_s) == (WATCH_BEFORE, SPAN)
    assert now.selectors == before.selectors == (_UP.selector,)
    assert metrics_watches(exploring(), 120, 40, SPAN) == ()


def test_compared_means_and_their_difference_are_told() -> None:
    shown = scene([result(_UP, 3.0)], [result(_UP, 2.0)])

    text = _text(shown, exploring(_UP, compared=True))
    picture = chart_picture(shown, exploring(_UP, compared=True), 80, 16)

    assert "mean 3, 2 in the 5m before: +50 %" in text
    assert "dim: the 5m before" in text
    assert any(role is Role.STALE for line in picture for _, role in line)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (1.0, 2.0, "mean 1, 2 in the 5m before: −50 %"),
        (1.0, -2.0, "mean 1, -2 in the 5m before: +150 %"),
        (1.0, 0.0, "mean 1, 0 in the 5m before"),
        (1.0, None, "mean 1, nothing known of the 5m before"),
        (None, 1.0, "no mean: nothing was measured"),
    ],
)
def test_a_comparison_never_divides_by_nothing(now: float | None, before: float | None, said: str) -> None:
    shown = scene([result(_UP, now)], [result(_UP, before)])

    assert said in _text(shown, exploring(_UP, compared=True))


def test_the_cursor_reads_the_values_of_its_time_and_says_which() -> None:
    shown = scene([result(_UP, 7.0)], cursor=NOW - 150)  # the gap in the middle
    read = replace(shown, cursor=NOW - 10)

    assert "t-150" in _text(shown, exploring(_UP)).split("\n")[0]
    assert "– " in _text(shown, exploring(_UP))
    assert "t-10" in _text(read, exploring(_UP)).split("\n")[0]
    assert "7 " in _text(read, exploring(_UP))


def test_exemplars_are_marked_with_their_numbers() -> None:
    found = exploring(_UP, exemplars=[exemplar(at=NOW - 10), exemplar(at=NOW - 290)])

    marked = [
        text.strip()
        for line in chart_picture(scene([result(_UP, 7.0)]), found, 80, 16)
        for text, role in line
        if role is Role.MARK
    ]

    assert {"1", "2"} <= set("".join(marked))


def test_control_characters_that_somebody_typed_never_get_out() -> None:
    typed = plot('{job="\x1b[31m\x07"}')

    assert "\x1b" not in _text(scene([result(typed, 1.0)]), exploring(typed, _UP))


def test_in_a_tiny_window_each_series_has_a_line() -> None:
    shown = scene([result(_UP, 1.0, {"job": "a"}), result(_UP, 2.0, {"job": "b"})])

    lines = [plain(line) for line in metrics_picture(shown, exploring(_UP, listing=listing("up")), 29, 6)]

    assert lines[0].startswith("a ")
    assert lines[1].startswith("b ")
    assert "▸ up" in "\n".join(lines)


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 120), st.integers(6, 40))
def test_without_braille_it_is_ascii(width: int, height: int) -> None:
    plots: list[Plot] = [_UP, _RATE]
    shown = scene([result(one, 3.0) for one in plots], [result(_UP, 2.0)], glyphs=ASCII, cursor=NOW - 20)
    found = exploring(*plots, listing=listing("up"), compared=True, exemplars=[exemplar()], error="it failed")

    assert "".join(plain(line) for line in metrics_picture(shown, found, width, height)).isascii()
