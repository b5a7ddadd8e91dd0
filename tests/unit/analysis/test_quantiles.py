from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.quantiles import bucket_percentile, count, merged, scaled

INF = math.inf
counts = st.lists(st.just(0.0) | st.floats(1e-3, 1000), min_size=4, max_size=4)


def buckets(numbers: list[float]) -> list[tuple[float, float]]:
    return list(zip([0.1, 0.2, 0.5, INF], numbers, strict=True))


def test_a_percentile_lies_on_the_line_within_its_bucket() -> None:
    assert bucket_percentile(buckets([50, 40, 10, 0]), 0.5) == pytest.approx(0.1)
    assert bucket_percentile(buckets([50, 40, 10, 0]), 0.7) == pytest.approx(0.15)
    assert bucket_percentile(buckets([0, 0, 100, 0]), 0.99) == pytest.approx(0.2 + 0.99 * 0.3)


def test_beyond_the_last_bound_only_the_bound_is_known() -> None:
    assert bucket_percentile(buckets([0, 0, 0, 10]), 0.5) == 0.5


def test_nothing_has_no_percentile() -> None:
    assert bucket_percentile([], 0.5) is None
    assert bucket_percentile(buckets([0, 0, 0, 0]), 0.5) is None
    assert scaled([], 5) == []


@given(counts, st.floats(0, 1), st.floats(0, 1))
def test_percentiles_rise_with_their_part(numbers: list[float], one: float, other: float) -> None:
    low, high = (bucket_percentile(buckets(numbers), part) for part in sorted((one, other)))
    assert (low is None and high is None) or (low is not None and high is not None and low <= high + 1e-9)


@given(counts, counts)
def test_a_mixture_holds_all_and_lies_between_its_parts(one: list[float], other: list[float]) -> None:
    both = merged([buckets(one), buckets(other)])
    assert count(both) == pytest.approx(sum(one) + sum(other))
    parts = [bucket_percentile(buckets(numbers), 0.9) for numbers in (one, other)]
    mixed = bucket_percentile(both, 0.9)
    if mixed is not None and None not in parts:
        assert min(parts) - 1e-9 <= mixed <= max(parts) + 1e-9  # type: ignore[type-var, operator]


@given(counts, st.floats(1, 1e6))
def test_scaling_changes_how_many_there_are_and_nothing_else(numbers: list[float], to: float) -> None:
    if sum(numbers) > 0:
        made = scaled(buckets(numbers), to)
        assert count(made) == pytest.approx(to)
        assert bucket_percentile(made, 0.9) == pytest.approx(bucket_percentile(buckets(numbers), 0.9))
