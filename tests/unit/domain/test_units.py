"""Values are written with three significant digits and a unit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.units import Unit, format_duration, format_span, format_value, split_value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.4134, Unit.RATIO, "41 %"),
        (0.034, Unit.RATIO, "3.4 %"),
        (0.0004, Unit.RATIO, "<0.1 %"),
        (0.0, Unit.RATIO, "0.0 %"),
        (1.5, Unit.RATIO, "150 %"),
        (0.038, Unit.SECONDS, "38 ms"),
        (0.00052, Unit.SECONDS, "520 µs"),
        (1.234, Unit.SECONDS, "1.23 s"),
        (134.2, Unit.SECONDS, "2:14"),
        (1.2e6, Unit.BYTES_PER_SECOND, "1.20 MB/s"),
        (999.9, Unit.BYTES_PER_SECOND, "1 kB/s"),
        (3.4e9, Unit.BYTES, "3.17 GiB"),
        (12, Unit.BYTES, "12 B"),
        (412, Unit.PER_SECOND, "412 /s"),
        (0.25, Unit.CORES, "0.25 cores"),
        (3.1, Unit.NONE, "3.10"),
        (1e6, Unit.COUNT, "1 M"),
        (2.5e9, Unit.HERTZ, "2.50 GHz"),
        (None, Unit.RATIO, "–"),
        (math.nan, Unit.SECONDS, "–"),
        (math.inf, Unit.COUNT, "∞"),
    ],
)
def test_a_value_is_written_as_people_read_it(value: float | None, unit: Unit, text: str) -> None:
    assert format_value(value, unit) == text


@given(st.floats(-1e12, 1e12), st.sampled_from(list(Unit)))
def test_a_number_is_never_longer_than_its_column(value: float, unit: Unit) -> None:
    number, suffix = split_value(value, unit)

    assert len(number) <= 17
    assert number
    if unit is not Unit.CORES:
        assert len(suffix) <= 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8, "0:08"), (134, "2:14"), (3723, "1:02:03"), (273_900, "3 d 04:05"), (-5, "-0:05"), (None, "–"), (59.7, "1:00")],
)
def test_a_duration_reads_like_a_clock(seconds: float | None, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(45, "45s"), (300, "5m"), (7200, "2h"), (604800, "7d"), (90, "90s")])
def test_a_span_reads_as_it_is_typed(seconds: float, text: str) -> None:
    assert format_span(seconds) == text
