"""Histograms of a record are what was measured, also after they were kept."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.hdr import encoded
from perftui.load.histogram import Histogram
from perftui.load.kept import decoded, kept, read_kept
from perftui.load.run import Run, Second
from perftui.load.tally import Tally


def _histogram(values: list[int]) -> Histogram:
    found = Histogram()
    for value in values:
        found.record(value)
    return found


@given(st.lists(st.integers(0, 3_600_000_000_000), max_size=60))
def test_every_count_comes_back_in_its_own_bucket(values: list[int]) -> None:
    before = _histogram(values)

    assert decoded(encoded(before)).counts == before.counts


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_that_was_kept_is_off_by_one_percent_at_most(values: list[int], q: float) -> None:
    before = _histogram(values)
    after = decoded(encoded(before)).quantile(q)

    assert after == pytest.approx(before.quantile(q), rel=0.01, abs=1)


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode())))
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"histogram|ASCII"):
        decoded(text)


def _run(seconds: int, late: bool = False) -> Run:
    run = Run()
    run.measured_s = float(seconds)
    keys = [*range(seconds), *([seconds + 1] if late else [])]
    for key in keys:
        response = _histogram([1_000_000 * (key + 1)])
        run.seconds[key] = Second(1, 1, 1, 0, response)
        run.tally.merge(Tally(ok=response, service=response))
    return run


@pytest.mark.parametrize(("seconds", "every", "count"), [(1, 1, 1), (60, 1, 60), (61, 2, 31), (600, 10, 60)])
def test_a_run_is_kept_in_sixty_stretches_at_most(seconds: int, every: int, count: int) -> None:
    found = read_kept({"histograms": kept(_run(seconds))})

    assert found is not None
    assert (found.every_s, len(found.stretches)) == (every, count)
    assert sum(each.n for each in found.stretches) == found.response.n == found.service.n == seconds


def test_what_ends_after_the_measured_time_is_in_the_last_stretch() -> None:
    found = read_kept({"histograms": kept(_run(3, late=True))})

    assert found is not None
    assert [each.n for each in found.stretches] == [1, 1, 2]


def test_a_record_of_another_version_has_none() -> None:
    assert read_kept({}) is None
    assert read_kept({"histograms": {"response": "x"}}) is None
    assert read_kept({"histograms": []}) is None
