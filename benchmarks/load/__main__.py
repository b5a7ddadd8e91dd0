"""All figures of the load engine in about four minutes: ``python -m benchmarks.load [--only rivals,stall]``."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

from benchmarks.load import accuracy, beside, pacing, panic, rivals, stall

_RIVALS = Path(__file__).parents[2] / ".venv" / "rivals" / "bin" / "python"


def main() -> None:
    """The tables that were asked for, each in the words of its module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="some of rivals,pacing,accuracy,stall,beside,panic, with commas")
    parser.add_argument("--rounds", type=int, default=3, help="of everything that is interleaved (default: 3)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each throughput (default: 1.5)")
    parser.add_argument("--rivals", type=Path, default=_RIVALS, help="Python with Locust, aiohttp and httpx")
    parser.add_argument("--tools", default="", help="some of the rivals, with commas, such as wrk,hey (default: all)")
    options = parser.parse_args()
    rounds = options.rounds
    parts: dict[str, Callable[[], None]] = {
        "rivals": lambda: rivals.measure(
            rounds, options.seconds, options.rivals, options.tools.split(",") if options.tools else []
        ),
        "pacing": pacing.measure,
        "accuracy": lambda: accuracy.measure(rounds, 4.0),
        "stall": lambda: stall.measure(20.0),
        "beside": lambda: beside.measure(3 * rounds, 1.5),
        "panic": lambda: panic.measure(2 * rounds),
    }
    names = options.only.split(",") if options.only else list(parts)
    if unknown := [name for name in names if name not in parts]:
        parser.error(f"unknown: {', '.join(unknown)} (known: {', '.join(parts)})")
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}")
    for name in names:
        parts[name]()


if __name__ == "__main__":
    main()
