"""Histograms against exact computation, and their files against HdrHistogram itself."""

from __future__ import annotations

import math
import statistics

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.hdr import encoded, hgrm, log
from perftui.load.histogram import Histogram

_NS = st.integers(0, 10**13)
_MANY = st.lists(_NS, min_size=1, max_size=300)


def _of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(_MANY, st.floats(0, 1))
def test_a_quantile_is_the_exact_one_within_one_percent(values: list[int], q: float) -> None:
    exact = sorted(values)[max(1, math.ceil(q * len(values) - 1e-9 * len(values))) - 1]

    assert _of(values).quantile(q) == pytest.approx(exact, rel=0.01, abs=0.5)


@given(_MANY)
def test_mean_least_and_most_are_exact(values: list[int]) -> None:
    histogram = _of(values)

    assert (histogram.low, histogram.high, histogram.n) == (min(values), max(values), len(values))
    assert histogram.mean() == pytest.approx(statistics.fmean(values))


@given(_MANY, _MANY)
def test_merging_is_recording_both(one: list[int], other: list[int]) -> None:
    merged = _of(one)
    merged.merge(_of(other))

    assert merged == _of(one + other)


@given(_MANY)
def test_a_histogram_survives_the_wire(values: list[int]) -> None:
    raw = msgspec.msgpack.encode(_of(values))

    assert msgspec.msgpack.decode(raw, type=Histogram) == _of(values)


def test_the_deviation_is_that_of_the_values() -> None:
    values = [1_000_000 * step for step in range(1, 500)]

    assert _of(values).deviation() == pytest.approx(statistics.pstdev(values), rel=0.01)


def test_nothing_recorded_has_no_quantiles() -> None:
    assert Histogram().quantile(0.5) is None
    assert Histogram().mean() is None
    assert Histogram().deviation() is None


def test_two_histograms_share_no_counts() -> None:
    _of([5])

    assert Histogram().counts == {}


def test_the_distribution_ends_at_everything_and_tells_the_total() -> None:
    text = hgrm(_of([1_000_000, 2_000_000, 3_000_000])).splitlines()

    assert text[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    assert text[4].split() == ["3.000", "1.000000000000", "3", "inf"]
    assert "Total count    =            3]" in text[-2]


@given(st.lists(st.integers(1, 3_000_000_000_000), min_size=1, max_size=200))
def test_hdrhistogram_reads_the_same_counts(values: list[int]) -> None:
    hdrh = pytest.importorskip("hdrh.histogram", reason="hdrhistogram (dev group) has no wheel for this machine")
    theirs = hdrh.HdrHistogram.decode(encoded(_of(values)))
    exact = sorted(values)

    assert theirs.get_total_count() == len(values)
    assert theirs.get_value_at_percentile(100) == pytest.approx(exact[-1], rel=0.02, abs=1)
    assert theirs.get_value_at_percentile(50) == pytest.approx(exact[math.ceil(len(exact) / 2) - 1], rel=0.02, abs=1)


def test_the_log_has_one_line_an_interval_after_its_head() -> None:
    lines = log([(0.0, 1.0, _of([1_000_000] * 3)), (1.0, 1.0, _of([5_000_000]))], 1_700_000_000.0).splitlines()

    assert lines[2] == "#[StartTime: 1700000000.000 (seconds since epoch), 2023-11-14T22:13:20.000+00:00]"
    assert lines[-2].startswith("0.000,1.000,1.000,HISTFAAA")
    assert lines[-1].startswith("1.000,1.000,5.000,HISTFAAA")
