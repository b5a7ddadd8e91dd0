"""A load that nobody watches any more ends, unless it was let go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.load.lease import LENGTH_S, Lease


class Clock:
    """Seconds that go on when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_that_nobody_renews_is_over_after_two_seconds() -> None:
    clock = Clock()
    lease = Lease("console", clock)

    clock.now += 1.999
    assert not lease.is_over
    clock.now += 0.001
    assert lease.is_over


def test_renewing_begins_its_length_anew() -> None:
    clock = Clock()
    lease = Lease("console", clock)
    clock.now += 1.5

    assert lease.renew("console")
    clock.now += LENGTH_S - 0.001
    assert not lease.is_over
    clock.now += 0.001
    assert lease.is_over


def test_a_stranger_does_not_renew_it() -> None:
    clock = Clock()
    lease = Lease("console", clock)
    clock.now += 1.5

    assert not lease.renew("another")
    clock.now += 0.5
    assert lease.is_over


def test_a_lease_that_is_over_stays_over() -> None:
    clock = Clock()
    lease = Lease("console", clock)
    clock.now += 2.0

    assert not lease.renew("console")
    lease.release()
    assert lease.is_over
    assert not lease.is_released


def test_a_load_that_was_let_go_needs_nobody() -> None:
    clock = Clock()
    lease = Lease("console", clock)
    lease.release()
    clock.now += 1e6

    assert lease.is_released
    assert not lease.is_over
    assert lease.renew("console")


@given(st.lists(st.floats(0, 5), max_size=30))
def test_it_is_over_when_and_only_when_a_silence_reached_its_length(silences: list[float]) -> None:
    clock = Clock()
    lease = Lease("console", clock)
    until = clock.now + LENGTH_S
    for silence in silences:
        clock.now += silence
        if clock.now < until:
            until = clock.now + LENGTH_S
        lease.renew("console")
    assert lease.is_over == (clock.now >= until)
