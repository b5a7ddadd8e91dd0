"""Percentiles beside those that a server with a known distribution measured itself."""

from __future__ import annotations

import statistics

from benchmarks.load.engine import job, run
from benchmarks.load.truth import serving
from perftui.load.job import Model

_CONNECTIONS = (10, 50)
_QUANTILES = (("p50", 0.5, 3.0), ("p90", 0.9, 0.0), ("p99", 0.99, 5.0))


def measure(rounds: int, seconds: float) -> None:
    """One row for each round and number of connections: what was seen, and how far that is from the truth."""
    print(
        f"\nlatency around 10 ms, log-normal; closed loop, {seconds:g} s each; bounds: p50 within 3 %, p99 within 5 %\n"
    )
    print("| connections | requests | " + " | ".join(f"{name} seen (true) ms, off" for name, _, _ in _QUANTILES) + " |")
    print("|---" * (2 + len(_QUANTILES)) + "|")
    offs: dict[tuple[int, str], list[float]] = {}
    with serving() as truth:
        for _ in range(rounds):
            for connections in _CONNECTIONS:
                truth.take()
                result = run(job(truth.port, 0.0, seconds, Model.CLOSED, connections, ramp_s=0.0, probe=False))
                took = sorted(truth.take())
                response = result.tally.response()
                cells = []
                for name, q, _ in _QUANTILES:
                    seen, true = (response.quantile(q) or 0.0) / 1e6, took[int(q * (len(took) - 1))] * 1e3
                    off = (seen / true - 1) * 100
                    offs.setdefault((connections, name), []).append(off)
                    cells.append(f"{seen:.2f} ({true:.2f}), {off:+.2f} %")
                print(f"| {connections} | {response.n} | {' | '.join(cells)} |")
    for (connections, name), found in offs.items():
        print(f"median at {connections} connections, {name}: {statistics.median(found):+.2f} %")
