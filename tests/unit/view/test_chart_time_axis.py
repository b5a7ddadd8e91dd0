"""The time axis that all panels of one width share."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.view.time_axis import cell_of, columns, tick_marks, time_labels


def clock(at: float) -> str:
    second = int(at)
    return f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e9), st.floats(0.1, 1e7), st.integers(0, 200), st.sampled_from((None, clock)))
def test_the_labels_fill_exactly_their_width(start: float, span: float, width: int, clock_text: object) -> None:
    assert len(time_labels(start, start + span, width, clock_text)) == width  # type: ignore[arg-type]  # None or a function


def test_ages_end_in_now_at_the_right_edge() -> None:
    labels = time_labels(0.0, 300.0, 60)
    assert labels.split() == ["-5m", "-4m", "-3m", "-2m", "-1m", "now"]
    assert labels.endswith("now")


def test_ages_are_no_large_numbers_of_seconds_or_minutes() -> None:
    assert time_labels(0.0, 300.0, 120).split()[:4] == ["-5m", "-4m30s", "-4m", "-3m30s"]
    assert time_labels(0.0, 14400.0, 120).split()[:3] == ["-4h", "-3h30m", "-3h"]


def test_round_times_are_written_without_their_seconds() -> None:
    assert [label for _, label in tick_marks(43230.0, 43530.0, 80, clock)] == [
        "12:01", "12:02", "12:03", "12:04", "12:05"
    ]  # fmt: skip
    assert "12:00:35" in [label for _, label in tick_marks(43230.0, 43250.0, 80, clock)]


def test_a_label_stands_under_its_time() -> None:
    for column, label in tick_marks(43230.0, 43530.0, 80, clock):
        second = int(label[3:]) * 60 + 43200
        assert cell_of(second, 43230.0, 43530.0, 80) == column


def test_times_outside_have_no_cell() -> None:
    assert cell_of(-0.01, 0.0, 10.0, 10) is None
    assert cell_of(0.0, 0.0, 10.0, 10) == 0
    assert cell_of(9.99, 0.0, 10.0, 10) == 9
    assert cell_of(10.0, 0.0, 10.0, 10) == 9
    assert cell_of(10.01, 0.0, 10.0, 10) is None
    assert cell_of(1.0, 0.0, 0.0, 10) is None


def test_what_lies_outside_of_the_window_is_a_gap() -> None:
    assert columns([1.0, 2.0], 10.0, 5.0, 0.0, 30.0, 6) == [None, None, 1.0, 2.0, None, None]


def test_a_wide_bucket_covers_several_columns() -> None:
    assert columns([1.0, 2.0], 0.0, 5.0, 0.0, 10.0, 4) == [1.0, 1.0, 2.0, 2.0]


def test_of_several_buckets_in_a_column_the_bad_one_is_shown() -> None:
    values = [1.0, 5.0, None, 2.0]
    assert columns(values, 0.0, 1.0, 0.0, 4.0, 2) == [5.0, 2.0]
    assert columns(values, 0.0, 1.0, 0.0, 4.0, 2, above=False) == [1.0, 2.0]
    assert columns([None, None], 0.0, 1.0, 0.0, 2.0, 1) == [None]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.floats(-5, 5))
def test_no_bucket_inside_is_left_out_or_shown_twice_when_columns_are_few(size: int, count: int, offset: float) -> None:
    values = [float(index) for index in range(size)]
    shown = [value for value in columns(values, offset, 1.0, offset, offset + size, count) if value is not None]
    assert shown == sorted(shown)
    if count < size:
        assert len(set(shown)) == count
        assert shown[-1] == size - 1


def test_an_empty_span_has_no_columns_of_data() -> None:
    assert columns([1.0], 0.0, 1.0, 5.0, 5.0, 3) == [None] * 3
    assert columns([1.0], 0.0, 0.0, 0.0, 5.0, 2) == [None] * 2
    assert tick_marks(5.0, 5.0, 10) == ()


def _column_by_column(
    values: list[float | None], window_start: float, start: float, end: float, count: int, above: bool
) -> list[float | None]:
    """As columns are defined, for buckets of a second."""
    stride, first, shown = (end - start) / count, start - window_start, []
    for column in range(count):
        if stride <= 1:
            buckets = [math.floor(first + stride / 2 + column * stride)]
        else:
            edges = [math.ceil(first - 0.5 + (column + place) * stride) for place in (0, 1)]
            buckets = [*range(*edges)]
        inside = [values[bucket] for bucket in buckets if 0 <= bucket < len(values)]
        known = [value for value in inside if value is not None and not math.isnan(value)]
        shown.append((max if above else min)(known) if known else None)
    return shown


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.none() | st.floats() | st.floats(0, 1), max_size=80),
    st.sampled_from((0.0, 1_795_282_174.0)),
    st.sampled_from((0.0, 0.5)) | st.floats(-20, 20),
    st.integers(1, 90) | st.floats(0.5, 90),
    st.integers(1, 70),
    st.booleans(),
)
def test_columns_are_the_same_wherever_between_buckets_an_axis_begins(
    values: list[float | None], window_start: float, offset: float, span: float, count: int, above: bool
) -> None:
    start = window_start + offset
    shown = columns(values, window_start, 1.0, start, start + span, count, above=above)
    assert shown == _column_by_column(values, window_start, start, start + span, count, above)
