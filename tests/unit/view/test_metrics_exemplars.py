"""Exemplars: newest first, numbered as on the chart, with the trace that somebody looks for."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.exploring import Exploring
from perftui.view.metrics_exemplars import MARKED, exemplars_picture, marks
from perftui.view.scene import Scene
from perftui.view.text import line_width, plain
from tests.unit.view.metrics_scene import NOW, SPAN, anything, exemplar, exploring, scene


def _text(found: Exploring, width: int = 100, height: int = 14) -> str:
    return "\n".join(plain(line) for line in exemplars_picture(scene(), found, width, height))


@settings(max_examples=150, deadline=None)
@given(anything(), st.integers(4, 130), st.integers(0, 20))
def test_every_picture_has_exactly_its_size(given_: tuple[Scene, Exploring], width: int, height: int) -> None:
    lines = exemplars_picture(*given_, width, height)
    assert [line_width(line) for line in lines] == [width] * height


def test_an_exemplar_stands_with_its_age_value_trace_and_where_it_came_from() -> None:
    text = _text(exploring(exemplars=[exemplar(0.25, NOW - 30, trace_id="4bf92f3577b34da6", user="ann")]))

    assert "1 " in text
    assert "0:30 ago" in text
    assert "250 ms" in text
    assert "4bf92f3577b34da6" in text
    assert "user=ann path=/pay" in text
    assert "le=" not in text


def test_the_trace_is_seen_on_a_narrow_screen_too() -> None:
    assert "4bf92f3577b34da6" in _text(exploring(exemplars=[exemplar(trace_id="4bf92f3577b34da6", user="ann")]), 60)


def test_numbers_are_those_on_the_chart_and_end_where_they_need_two_cells() -> None:
    found = exploring(exemplars=[exemplar(at=NOW - number) for number in range(1, 13)])

    numbered = marks(scene(), found)

    assert [number for _, number in numbered] == [str(number) for number in range(1, MARKED + 1)]
    assert numbered[0][0] == NOW - 1
    assert "12 newest" in _text(found)


def test_what_lies_outside_of_the_window_is_not_marked() -> None:
    found = exploring(exemplars=[exemplar(at=NOW + 1), exemplar(at=NOW - 1), exemplar(at=NOW - SPAN - 1)])

    assert marks(scene(), found) == ((NOW - 1, "2"),)


def test_why_there_are_none() -> None:
    text = " ".join(_text(exploring(exemplars=[])).split())

    assert "No exemplars in this window." in text
    assert "--enable-feature=exemplar-storage" in text
    assert "main: 404" in _text(exploring(exemplars=[], exemplars_note="main: 404: there is no such address on it"))
