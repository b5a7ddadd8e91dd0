"""An open loop's rates: how many arrivals were sent within their second, what one costs, how late our loop is.

Every tenth of a second the engine says how many it has sent: what was meant by then and was not sent, is late. Its
first word after the end of a second is about that second.
"""

from __future__ import annotations

from benchmarks.load.engine import job, run
from benchmarks.load.nginx import serving
from perftui.load.frames import Delta, Up

# a second, and for how many seconds
_RATES = ((200.0, 3.0), (1000.0, 3.0), (10_000.0, 10.0))
_CONNECTIONS = 50


def measure() -> None:
    """One row for each rate."""
    print(f"\nopen loop on nginx, {_CONNECTIONS} connections\n")
    print(
        "| offered/s, for s | sent in their second | in the worst second | ms of CPU for 1 000 | lag p50 ms | p99 ms |"
    )
    print("|---|---|---|---|---|---|")
    with serving() as port:
        for rate, seconds in _RATES:
            _row(port, rate, seconds)


def _row(port: int, rate: float, seconds: float) -> None:
    sent = 0
    kept: dict[int, float] = {}

    def told(message: Up) -> None:
        nonlocal sent
        if isinstance(message, Delta) and message.counted:
            sent += message.tally.sent
            at_s = min(message.measured_s, seconds)
            missing = max(0.0, rate * at_s - sent - 1)
            # the first word after the end of a second
            kept.setdefault(int(message.measured_s) - 1, 1 - missing / rate)

    result = run(job(port, rate, seconds, connections=_CONNECTIONS), told)
    tally = result.tally
    seen = [kept[second] for second in range(round(seconds)) if second in kept]
    lag = [(tally.lag.quantile(q) or 0.0) / 1e6 for q in (0.5, 0.99)]
    shares = f"{sum(seen) / len(seen) * 100:.3f} % | {min(seen) * 100:.3f} %"
    cpu_ms = result.cpu_s * 1e6 / max(1, tally.done)
    print(f"| {rate:.0f}, {seconds:.0f} | {shares} | {cpu_ms:.1f} | {lag[0]:.3f} | {lag[1]:.3f} |")
