from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.queueing import erlang_c, mean_wait, servers_for, wait_ratio


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    [
        (1, 0.5, 0.5),  # M/M/1: the share that waits is rho
        (2, 1.0, 1 / 3),
        (2, 1.5, 0.642857),
        (3, 2.0, 4 / 9),
        (5, 4.0, 0.554112),
        (10, 8.0, 0.409180),
        (100, 90.0, 0.216940),  # by the sum in exact fractions
    ],
)
def test_erlang_c_is_as_in_the_tables(servers: int, load: float, waits: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(waits, abs=1e-5)


def test_a_load_of_all_servers_waits_for_ever() -> None:
    assert erlang_c(2, 2.0) == 1.0
    assert mean_wait(2, 2.0) == math.inf
    assert mean_wait(1, 0.5) == pytest.approx(1.0)


@given(st.integers(1, 50), st.floats(0.01, 0.94), st.integers(1, 20))
def test_further_servers_shorten_the_wait(servers: int, rho: float, more: int) -> None:
    assert 0 <= wait_ratio(servers, servers + more, rho * servers) <= 1


@given(st.floats(0.01, 100.0), st.floats(0.1, 0.99))
def test_the_servers_for_a_load_are_the_fewest_that_hold_it(load: float, rho: float) -> None:
    servers = servers_for(load, rho)
    assert load / servers < rho or math.isclose(load / servers, rho)
    assert servers == 1 or load / (servers - 1) >= rho - 1e-9


def test_what_is_no_queue_is_refused() -> None:
    with pytest.raises(ValueError, match="0 servers"):
        erlang_c(0, 1.0)
    with pytest.raises(ValueError, match="no stationary wait"):
        wait_ratio(2, 3, 1.95)
