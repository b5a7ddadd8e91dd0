"""The same load alone and beside a console that paints, on a server that takes 10 ms, in interleaved pairs."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.load.engine import job, run
from benchmarks.load.truth import serving
from benchmarks.terminal.program import Program

_ROOT = Path(__file__).parents[2]
_RATE, _SIZE = 200.0, (150, 45)
_START_S = 4.0


def measure(pairs: int, seconds: float) -> None:
    """p99 of each pair, and the median of all: beside the console at most 2 ms above alone."""
    print(f"\n10 ms server, {_RATE:.0f} requests/s for {seconds:g} s, {pairs} interleaved pairs, p99 in ms\n")
    print("| alone | beside the console |\n|---|---|")
    alone, beside = [], []
    with serving(sigma=0.0) as truth:
        for _ in range(pairs):
            alone.append(_p99(truth.port, seconds))
            with Program((sys.executable, "-m", "perftui"), cwd=_ROOT, size=_SIZE) as program:
                program.pass_time(_START_S)
                beside.append(_p99(truth.port, seconds))
                if not program.lives:
                    sys.exit(f"the console has ended:\n{program.screen.text}")
            print(f"| {alone[-1]:.2f} | {beside[-1]:.2f} |")
    medians = statistics.median(alone), statistics.median(beside)
    print(f"\nmedians {medians[0]:.2f} and {medians[1]:.2f}: {medians[1] - medians[0]:+.2f} ms (at most +2)")


def _p99(port: int, seconds: float) -> float:
    return (run(job(port, _RATE, seconds, connections=10)).tally.response().quantile(0.99) or 0.0) / 1e6
