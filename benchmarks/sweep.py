"""What charts send a second when they scroll and when they sweep, with a window of a minute that is full; medians.

``python -m benchmarks.sweep [--rounds N] [--seconds S] [--demo]`` in the root of the repository; both consoles at the
same time, so that they draw the same machine, or with ``--demo`` one after the other in demos of their own.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.terminal.program import Program
from tests.e2e.terminal import ROOT

_CHARTS = ("scroll", "sweep")
_SETTLE_S = 75.0


def _console(charts: str, *, demo: bool) -> Program:
    command = ["env", f"PERFTUI_CHARTS={charts}", "PERFTUI_WINDOW=1m", sys.executable, "-m", "perftui"]
    return Program([*command, "demo", "--no-fault"] if demo else [*command, "--no-journal"], cwd=ROOT)


def _sent(console: Program, seconds: float) -> int:
    """Bytes that came within so much time."""
    end, count = time.perf_counter() + seconds, 0
    while (left := end - time.perf_counter()) > 0:
        chunk = console.next(left)
        count += 0 if chunk is None else len(chunk.data)
    return count


def together(seconds: float) -> tuple[float, float]:
    """Bytes a second of both, over the same time."""
    with _console(_CHARTS[0], demo=False) as scroll, _console(_CHARTS[1], demo=False) as sweep:
        with ThreadPoolExecutor(2) as both:
            for span in (_SETTLE_S, seconds):
                found = [task.result() for task in [both.submit(_sent, one, span) for one in (scroll, sweep)]]
        return found[0] / seconds, found[1] / seconds


def apart(seconds: float) -> tuple[float, float]:
    """The same, in one demo after the other."""
    found = []
    for charts in _CHARTS:
        with _console(charts, demo=True) as console:
            _sent(console, _SETTLE_S)
            found.append(_sent(console, seconds) / seconds)
    return found[0], found[1]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args()
    if Path.cwd() != ROOT:
        parser.error(f"run it in {ROOT}")
    found = [(apart if options.demo else together)(options.seconds) for _ in range(options.rounds)]
    for charts, figures in zip(_CHARTS, zip(*found, strict=True), strict=True):
        print(f"{charts:6} {statistics.median(figures):8.0f} B/s  ({', '.join(f'{one:.0f}' for one in figures)})")
    print(f"ratio  {statistics.median(sweep / scroll for scroll, sweep in found):8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
