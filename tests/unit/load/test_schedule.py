"""Arrivals come when the integral of the rate says, whatever happens to the rate meanwhile."""

from __future__ import annotations

import math
import os
import select
import time
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
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
    schedule.scale(2.0, 5_000_000_000)

    assert before[-1] == pytest.approx(4.9e9)
    assert _all(schedule)[:3] == pytest.approx([5.0, 5.05, 5.1])
    assert schedule.rate(6.0) == 20


_SHORT = st.lists(st.builds(Segment, st.floats(0.1, 5), st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=3)
_CHANGES = st.lists(
    st.tuples(st.floats(0.0, 4.0), st.sampled_from(["turn", "scale"]), st.floats(0.0, 100.0)), max_size=6
)


@settings(max_examples=60)
@given(_SHORT, _CHANGES, st.sampled_from(list(Arrivals)))
def test_a_rate_that_changes_neither_skips_nor_doubles_an_arrival(
    segments: list[Segment], changes: list[tuple[float, str, float]], arrivals: Arrivals
) -> None:
    """The k-th arrival lies where the integral of the rates as they were reaches k, whatever was changed on the way."""
    schedule, reference = Schedule(segments, arrivals, 3), _Reference(segments)
    units = _units(arrivals)
    at, due = 0.0, schedule.next_ns()
    moments = []
    for after, kind, amount in [*changes, (math.inf, "", 0.0)]:
        at = at + after
        while due is not None and due / 1e9 <= at:
            moments.append(due)
            due = schedule.next_ns()
        if not kind:
            break
        value, at_ns = amount if kind == "turn" else 0.01 + amount / 50, int(at * 1e9)
        change = schedule.turn if kind == "turn" else schedule.scale
        reference.change(kind, value, at_ns / 1e9)
        if change(value, at_ns) or due is None:
            due = schedule.next_ns()
    assert moments == sorted(moments)
    for number, moment in enumerate(moments):
        assert reference.integral(moment / 1e9) == pytest.approx(units(number), abs=1e-3)
    assert reference.integral(1e9) <= units(len(moments)) + 1e-3


def test_an_end_that_is_set_meanwhile_is_the_end() -> None:
    schedule = Schedule([Segment(10, 10, 10)], Arrivals.UNIFORM, 1)
    for _ in range(16):
        schedule.next_ns()

    assert schedule.end(1_450_000_000)
    assert _all(schedule) == []
    assert schedule.length_s == pytest.approx(1.45)


class _Reference:
    """The integral of the rate, written down slowly."""

    def __init__(self, segments: list[Segment]) -> None:
        self._planned = [(sum(each.duration_s for each in segments[:n]), each) for n, each in enumerate(segments)]
        self._length = sum(each.duration_s for each in segments)
        self._factors = [(0.0, 1.0)]

    def change(self, kind: str, value: float, at: float) -> None:
        if kind == "scale":
            self._factors.append((at, value))
            return
        kept = []
        for start, each in self._planned:
            if start < at:
                length = min(each.duration_s, at - start)
                end = each.start_rate + (each.end_rate - each.start_rate) * length / each.duration_s
                kept.append((start, Segment(length, each.start_rate, end)))
        self._planned = [*kept, (at, Segment(self._length - at, value, value))] if at < self._length else kept

    def integral(self, until: float) -> float:
        whole = 0.0
        for number, (start, factor) in enumerate(self._factors):
            end = self._factors[number + 1][0] if number + 1 < len(self._factors) else math.inf
            whole += factor * (self._units(min(end, until)) - self._units(min(start, until)))
        return whole

    def _units(self, until: float) -> float:
        return sum(each.arrivals(min(max(0.0, until - start), each.duration_s)) for start, each in self._planned)


def _units(arrivals: Arrivals) -> Callable[[int], float]:
    """What the k-th arrival of a process of rate 1 stands at."""
    if arrivals is Arrivals.UNIFORM:
        return float
    steps = Random(3)
    found: list[float] = []

    def unit(number: int) -> float:
        while len(found) <= number:
            found.append((found[-1] if found else 0.0) + steps.expovariate(1.0))
        return found[number]

    return unit


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
