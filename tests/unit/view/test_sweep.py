"""Swept charts: values keep their columns, the newest one walks, and what the axis says is true."""

from __future__ import annotations

import itertools
import math
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.view.chart import chart
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.panels import panel_picture, watch_name
from perftui.view.scene import Mode, Scene
from perftui.view.sparkline import sparkline_row
from perftui.view.status import status_line
from perftui.view.sweep import NOW, SCROLL, SWEEP, Scrolling
from perftui.view.text import plain

_SPAN = 60.0
_TURN = 1_800_000_000.0
_CPU = "host/cpu_busy_ratio"


def _clock(at: float) -> str:
    return f"t{at - _TURN:+.0f}"


def _window(end: float, values: list[float | None]) -> Window:
    """One bucket a second, the last one at ``end``."""
    cells = tuple(values)
    series = SeriesWindow(_CPU, cells, cells, cells, values[-1], end)
    return Window(end - len(values) + 1, 1.0, len(values), (series,))


def _ages(end: float) -> list[float | None]:
    """Each bucket holds its own time."""
    return [at - _TURN for at in (end - 60 + number for number in range(61))]


def _picture(end: float, placing: Scrolling, glyphs: GlyphSet = UTF8, width: int = 60, height: int = 8) -> list[str]:
    rising = [(int(at) * 7919 % 97) / 97 for at in (end - 60 + number for number in range(61))]
    lines = chart(
        _window(end, [*rising]), start=end - _SPAN, end=end, width=width, height=height, unit=Unit.RATIO, top=1.0,
        glyphs=glyphs, placing=placing, clock_text=_clock if placing is SWEEP else None,
    )  # fmt: skip
    return [plain(line) for line in lines]


def _changed(before: list[str], after: list[str]) -> int:
    return sum(a != b for old, new in zip(before, after, strict=True) for a, b in zip(old, new, strict=True))


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 300))
def test_every_column_shows_the_time_that_it_stands_for(late: int, count: int) -> None:
    end = _TURN + late
    window = _window(end, _ages(end))
    shown = SWEEP.columns(window.series[0].mean, window.start, 1.0, end - _SPAN, end, count)

    assert len(shown) == count
    for column, at in enumerate(shown):
        if at is not None:
            assert -60 <= at - late <= 0
            middle, width = (column + 0.5) / count * _SPAN, _SPAN / count
            assert abs(at % _SPAN + 0.5 - middle) <= max(width, 1.0)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 200), st.integers(0, 61), st.sampled_from([1.0, 2.0, 3.0, 7.0]))
def test_whether_buckets_and_turns_begin_together_makes_no_difference(
    late: int, count: int, missing: int, step_s: float
) -> None:
    end = _TURN + late
    start = math.floor((end - _SPAN) / step_s) * step_s
    times = [start + place * step_s for place in range(int(_SPAN / step_s) + 2)]
    values = [None if place < missing else at - _TURN for place, at in enumerate(times) if at <= end]
    shown = SWEEP.columns(values, start, step_s, end - _SPAN, end, count)

    turn = math.floor(end / _SPAN) * _SPAN
    head = int((end - turn) / _SPAN * count)
    newest = SCROLL.columns(values, start, step_s, turn, turn + _SPAN, count)
    before = SCROLL.columns(values, start, step_s, turn - _SPAN, turn, count)
    gap = max(3, -(-count // 32))
    assert shown[: head + 1] == newest[: head + 1]
    assert shown[head + 1 + gap :] == before[head + 1 + gap :]


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(20, 200))
def test_after_a_second_only_columns_around_the_newest_one_change(late: int, count: int) -> None:
    def shown(end: float) -> list[float | None]:
        window = _window(end, _ages(end))
        return SWEEP.columns(window.series[0].mean, window.start, 1.0, end - _SPAN, end, count)

    before, after = shown(_TURN + late), shown(_TURN + late + 1)
    # the columns of one second at both ends of the gap, one that was still filling, and the whole gap in a new turn
    gap = max(3, -(-count // 32))
    assert sum(a != b for a, b in zip(before, after, strict=True)) <= 2 * (count // 60 + 1) + 2 + gap


@settings(deadline=None)
@given(st.integers(0, 120), st.integers(4, 200))
def test_there_is_a_gap_behind_the_newest_column_and_nowhere_else(late: int, count: int) -> None:
    end = _TURN + late
    window = _window(end, [1.0] * 61)
    shown = SWEEP.columns(window.series[0].mean, window.start, 1.0, end - _SPAN, end, count)

    head = int(late % 60 / 60 * count)
    gaps = [column for column, value in enumerate(shown) if value is None]
    assert all(head < column <= head + max(3, -(-count // 32)) for column in gaps)
    assert gaps or head == count - 1


def test_a_swept_chart_changes_a_few_cells_where_a_scrolling_one_changes_most() -> None:
    ticks = range(30, 50)
    scrolled = [_picture(_TURN + at, SCROLL) for at in ticks]
    swept = [_picture(_TURN + at, SWEEP) for at in ticks]

    few = sum(_changed(a, b) for a, b in itertools.pairwise(swept))
    many = sum(_changed(a, b) for a, b in itertools.pairwise(scrolled))
    assert few * 5 < many


def test_the_axis_marks_the_newest_column_and_names_times_of_both_turns() -> None:
    axis = _picture(_TURN + 90, SWEEP, width=100)[-1]

    assert axis.count(NOW) == 1
    older, newer = axis.split(NOW)[1], axis.split(NOW)[0]
    assert [int(at) for at in re.findall(r"t\+(\d+)", newer)] == [60, 70, 80]
    assert [int(at) for at in re.findall(r"t\+(\d+)", older)] == [40, 50]


@given(st.integers(0, 200), st.integers(0, 120))
def test_labels_fill_their_width_and_never_hide_now(late: int, width: int) -> None:
    text = SWEEP.labels(_TURN + late - _SPAN, _TURN + late, width, _clock)

    assert len(text) == width
    assert text.count(NOW) == (1 if width else 0)


def test_marks_stand_at_their_time_and_not_in_the_gap() -> None:
    start, end = _TURN + 30, _TURN + 90

    assert SWEEP.cell_of(_TURN + 75, start, end, 60) == 15
    assert SWEEP.cell_of(_TURN + 45, start, end, 60) == 45
    assert SWEEP.cell_of(_TURN + 31, start, end, 60) is None
    assert SWEEP.cell_of(_TURN + 20, start, end, 60) is None
    assert SWEEP.cell_of(_TURN + 91, start, end, 60) is None


def test_without_braille_it_sweeps_too() -> None:
    picture = _picture(_TURN + 90, SWEEP, ASCII)

    assert len({len(line) for line in picture}) == 1
    assert "".join(picture).replace(NOW, "^").isascii()


def test_where_there_is_no_axis_a_line_parts_the_newest_from_the_oldest() -> None:
    for glyphs in (UTF8, ASCII):
        picture = _picture(_TURN + 90, SWEEP, glyphs, width=20, height=3)
        assert {row[11] for row in picture} == {glyphs.vertical}
        assert all(glyphs.vertical not in row for row in _picture(_TURN + 90, SCROLL, glyphs, width=20, height=3))
    assert SWEEP.scan(_TURN - 0.1, _TURN + 59.9, 20) is None
    assert SWEEP.scan(_TURN, _TURN, 20) is None


def test_a_sparkline_sweeps() -> None:
    end = _TURN + 30
    window = _window(end, [0.5] * 61)
    line = plain(
        sparkline_row(
            "cpu",
            window.series[0],
            window,
            start=end - _SPAN,
            end=end,
            width=60,
            unit=Unit.RATIO,
            glyphs=UTF8,
            value=0.5,
            placing=SWEEP,
        )
    )

    assert len(line) == 60
    assert UTF8.vertical in line


def _scene(mode: Mode, *, sweep: bool) -> Scene:
    mirror, end = Mirror(), _TURN + 30
    mirror.at, mirror.version = end, 1
    mirror.catalogue = {_CPU: SeriesInfo(_CPU, Unit.RATIO, 1.0)}
    window = _window(end, [number / 61 for number in range(61)])
    mirror.windows = {watch_name("cpu"): window}
    return Scene(mirror, DEFAULTS, UTF8, end, end, _SPAN, _clock, mode=mode, sweep=sweep)


def test_what_is_frozen_or_past_does_not_sweep_and_the_status_line_says_what_does() -> None:
    def panel(mode: Mode, *, sweep: bool) -> str:
        scene = _scene(mode, sweep=sweep)
        return "\n".join(map(plain, panel_picture(scene, "cpu", DEFAULTS.panels["cpu"], 90, 10)))

    for mode in (Mode.FROZEN, Mode.PAST):
        assert panel(mode, sweep=True) == panel(mode, sweep=False)
        assert "sweep" not in plain(status_line(_scene(mode, sweep=True), 120))
    assert panel(Mode.LIVE, sweep=True) != panel(Mode.LIVE, sweep=False)
    assert "window 1m sweep" in plain(status_line(_scene(Mode.LIVE, sweep=True), 120))
    assert "sweep" not in plain(status_line(_scene(Mode.LIVE, sweep=False), 120))


def test_a_window_of_no_length_is_no_error() -> None:
    assert SWEEP.columns((1.0,), 0.0, 1.0, 5.0, 5.0, 3) == [None, None, None]
    assert SWEEP.cell_of(5.0, 5.0, 5.0, 3) is None
    assert SWEEP.labels(5.0, 5.0, 3) == "   "
