"""What the console costs beside a bare Textual program, btop and htop, in one interleaved run.

``python -m benchmarks.console_cost [--rounds N] [--seconds S]`` prints a table; 1 when a bound does not hold.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.meter import Reading, Terminal

HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("hello")

Hello().run()
"""
_SETTLE_S = 8.0
BOUNDS = {"ui_percent": 1.0, "session_percent": 0.7, "frozen_percent": 0.15, "pss_mb": 100.0, "frozen_bytes": 0.0}


def _console(seconds: float) -> tuple[Reading, Reading]:
    """Live, then frozen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Terminal([sys.executable, "-m", "perftui"], cwd=Path(folder)) as terminal,
    ):
        time.sleep(_SETTLE_S)
        live = terminal.measure(seconds)
        terminal.type(" ")
        time.sleep(1.5)
        return live, terminal.measure(min(5.0, seconds))


def _other(command: list[str], seconds: float) -> Reading:
    with Terminal(command) as terminal:
        time.sleep(3.0)
        return terminal.measure(seconds)


def _rivals() -> dict[str, list[str]]:
    found = {"bare Textual": [sys.executable, "-c", HELLO]}
    for name, options in (("btop", []), ("htop", ["-d", "10"])):
        path = shutil.which(name)
        if path:
            found[name] = [path, *options]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    rivals = _rivals()
    live: list[Reading] = []
    frozen: list[Reading] = []
    others: dict[str, list[Reading]] = {name: [] for name in rivals}
    for _ in range(options.rounds):
        moving, still = _console(options.seconds)
        live.append(moving)
        frozen.append(still)
        for name, command in rivals.items():
            others[name].append(_other(command, options.seconds))
    figures = {
        "ui_percent": statistics.median(reading.cpu_percent[0] for reading in live),
        "session_percent": statistics.median(sum(reading.cpu_percent[1:]) for reading in live),
        "frozen_percent": statistics.median(reading.cpu_percent[0] for reading in frozen),
        "pss_mb": statistics.median(sum(reading.pss_mb) for reading in live),
        "frozen_bytes": max(reading.bytes_per_s for reading in frozen),
    }
    _print(figures, live, others)
    _keep(figures, {"live": live, "frozen": frozen, **others})
    failed = [name for name, bound in BOUNDS.items() if figures[name] > bound]
    for name in failed:
        print(f"FAILED: {name} is {figures[name]:.2f}, the bound is {BOUNDS[name]}")
    return 1 if failed else 0


def _print(figures: dict[str, float], live: list[Reading], others: dict[str, list[Reading]]) -> None:
    print("| | CPU, % of a core | memory (PSS), MB | bytes/s |\n|---|---|---|---|")
    sent = statistics.median(reading.bytes_per_s for reading in live)
    both = f"console {figures['ui_percent']:.2f} (1.0) + session {figures['session_percent']:.2f} (0.7)"
    print(f"| perftui | {both} | {figures['pss_mb']:.0f} (100) | {sent:.0f} |")
    still = figures["frozen_percent"]
    print(f"| perftui, frozen | console {still:.2f} (0.15) | | {figures['frozen_bytes']:.0f} (0) |")
    for name, readings in others.items():
        cpu = statistics.median(sum(reading.cpu_percent) for reading in readings)
        memory = statistics.median(sum(reading.pss_mb) for reading in readings)
        print(f"| {name} | {cpu:.2f} | {memory:.0f} | {statistics.median(r.bytes_per_s for r in readings):.0f} |")


def _keep(figures: dict[str, float], readings: dict[str, list[Reading]]) -> None:
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    document = {"figures": figures, "readings": readings}
    (folder / f"console_cost-{time.strftime('%Y%m%dT%H%M%S')}.json").write_text(json.dumps(document, indent=1), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
