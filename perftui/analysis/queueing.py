"""Waiting in front of several servers: Erlang's C formula, and how a measured wait scales with their number.

Only ratios of the formula are used on measured waits: real arrivals and services are not Markovian, but how much a
further server helps depends far less on that than the wait itself does.
"""

from __future__ import annotations

import math

MOST_RHO = 0.95  # beyond it the stationary wait says nothing of a finite window


def erlang_c(servers: int, load: float) -> float:
    """The share of arrivals that have to wait (M/M/c); ``load`` is arrival rate times mean service time.

    A. K. Erlang, 1917, by the recursion of Erlang B, which does not overflow. 1 when the load is as much as the
    servers or more. Raises ValueError for fewer than 1 server or a negative load.
    """
    if servers < 1 or load < 0:
        raise ValueError(f"no queue has {servers} servers and a load of {load}")
    if load >= servers:
        return 1.0
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait(servers: int, load: float) -> float:
    """The mean wait in units of the mean service time: C(c, a) / (c - a); infinite for load >= servers."""
    return math.inf if load >= servers else erlang_c(servers, load) / (servers - load)


def wait_ratio(servers: int, more: int, load: float) -> float:
    """By what a measured mean wait is multiplied when ``servers`` become ``more``.

    Raises ValueError when the load is ``MOST_RHO`` of ``servers`` or above.
    """
    if load > MOST_RHO * servers:
        raise ValueError(f"a load of {load:.2f} on {servers} servers has no stationary wait to scale")
    now = mean_wait(servers, load)
    return mean_wait(more, load) / now if now > 0 else 1.0


def servers_for(load: float, rho: float) -> int:
    """The smallest number of servers that this load keeps busy less than ``rho`` of the time; at least 1."""
    return max(1, math.floor(load / rho) + 1)
