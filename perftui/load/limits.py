"""When it was not the target that was measured: the signs that this machine, or the connections, were the limit."""

from __future__ import annotations

import resource

from perftui.load.tally import Tally

_MS = 1e6
_LAG_NS, _LAG_SHARE, _BUSY, _LATE_SHARE = 1e6, 0.1, 0.8, 0.05
_BLOCKED_SHARE = 0.1


def is_behind(tally: Tally) -> bool:
    """Lag p99 above 1 ms and above 10 % of the response p99, or more than 5 % sent late by our loop."""
    response = tally.response().quantile(0.99)
    lag = tally.lag.quantile(0.99)
    is_late = lag is not None and response is not None and lag > max(_LAG_NS, _LAG_SHARE * response)
    return is_late or tally.late > _LATE_SHARE * max(1, tally.offered)


def cpu_s() -> float:
    """What this process has used of the CPU so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def is_busy(cpu_s: float, seconds: float) -> bool:
    """The engine used more than 80 % of one core: it has one."""
    return seconds > 0 and cpu_s / seconds > _BUSY


def is_blocked(tally: Tally) -> bool:
    """Arrivals were dropped, or waiting for a connection was more than 10 % of the response time at p99."""
    if tally.dropped:
        return True
    response, blocked = tally.response().quantile(0.99), tally.blocked.quantile(0.99)
    return response is not None and blocked is not None and tally.waited > 0 and blocked > _BLOCKED_SHARE * response
