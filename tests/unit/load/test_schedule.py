"""Arrivals come when the integral of the rate says, whatever happens to the rate meanwhile."""

from __future__ import annotations

import os
import select
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.schedule import Arrivals, Schedule, Segment
from perftui.load.timer import timer

_SEGMENTS = st.lists(
    st.builds(Segment, st.floats(0.1, 20), st.floats(0, 200), st.floats(0, 200)), min_size=1, max_size=5
)


def _all(schedule: Schedule) -> list[float]:
    moments = []
    while (moment := schedule.next_ns()) is not None:
        moments.append(moment / 1e9)
    return moments


@given(_SEGMENTS)
def test_every_arrival_lies_where_the_integral_reaches_its_number(segments: list[Segment]) -> None:
    for number, moment in enumerate(_all(Schedule(segments, Arrivals.UNIFORM, 1))):
        units, rest = 0.0, moment
        for segment in segments:
            units += segment.arrivals(min(rest, segment.duration_s))
            rest = max(0.0, rest - segment.duration_s)
        assert units == pytest.approx(number, abs=1e-3)


@given(_SEGMENTS)
def test_there_are_as_many_as_the_rates_say_and_they_never_go_back(segments: list[Segment]) -> None:
    moments = _all(Schedule(segments, Arrivals.UNIFORM, 1))

    assert len(moments) == pytest.approx(sum(segment.arrivals(segment.duration_s) for segment in segments), abs=1.001)
    assert moments == sorted(moments)


def test_a_constant_rate_is_evenly_spaced_and_ends_before_its_end() -> None:
    moments = _all(Schedule([Segment(20, 100, 100)], Arrivals.UNIFORM, 1))

    assert len(moments) == 2000
    assert moments[1] == pytest.approx(0.01)
    assert moments[-1] == pytest.approx(19.99)


def test_poisson_arrivals_repeat_with_their_seed_and_keep_the_rate() -> None:
    one, same, other = (_all(Schedule([Segment(100, 50, 50)], Arrivals.POISSON, seed)) for seed in (7, 7, 8))

    assert one == same != other
    assert len(one) == pytest.approx(5000, rel=0.06)


def test_a_rate_changed_meanwhile_holds_from_then_on() -> None:
    schedule = Schedule([Segment(10, 10, 10)], Arrivals.UNIFORM, 1)
    before = [schedule.next_ns() for _ in range(50)]
    schedule.scale(2.0, 5.0)

    assert before[-1] == pytest.approx(4.9e9)
    assert _all(schedule)[:3] == pytest.approx([5.0, 5.05, 5.1])
    assert schedule.rate(6.0) == 20


def test_the_timer_fires_at_its_moment_and_for_one_that_is_over() -> None:
    watch = timer()
    try:
        for at in (time.perf_counter_ns() + 2_000_000, time.perf_counter_ns() - 5):
            watch.arm(at)
            assert select.select([watch.fd], [], [], 10)[0]
            assert time.perf_counter_ns() >= at
            watch.clear()
        assert select.select([watch.fd], [], [], 0)[0] == []
    finally:
        watch.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(watch.fd)
