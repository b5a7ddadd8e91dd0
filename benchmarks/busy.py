"""A console whose 12 panels all move: its CPU, bytes and memory beside a bare Textual program, in one interleaved run.

``python -m benchmarks.busy [--rounds N] [--seconds S]``: a session of ours, fed with numbers that wander, so that the
same picture changes on any machine. Once with few series in 5 minutes, once with 200 in an hour; 1 when a bound does
not hold. A figure is of the console's own process; the session that makes up the numbers is not measured.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from benchmarks.console_cost import HELLO
from benchmarks.meter import Reading, Terminal
from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Layout, Panel
from perftui.config.themes import load_theme
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.units import Unit
from perftui.link.messages import SessionInfo
from perftui.session.actions import Actions
from perftui.session.monitor import Monitor
from perftui.session.server import Connection
from perftui.view.glyphs import UTF8

_PANELS = 12
_FEW, _MANY = 24, 200
_FEW_SPAN_S, _MANY_SPAN_S = 300.0, 3600.0
_SETTLE_S = 8.0
BOUNDS = {"ui_percent": 1.0, "frozen_percent": 0.15, "frozen_bytes": 0.0, "pss_mb": 50.0}


def _names(series: int) -> list[str]:
    return [f"host/wander_{number}_ratio" for number in range(series)]


def _config(series: int, span_s: float) -> Config:
    names = _names(series)
    panels = {f"p{n}": Panel(title=f"Panel {n}", series=tuple(names[n::_PANELS])) for n in range(_PANELS)}
    rows = tuple((f"p{n}", f"p{n + 1}") for n in range(0, _PANELS, 2))
    layouts = {**DEFAULTS.layouts, "overview": Layout(rows, (), tuple(panels))}
    return msgspec.structs.replace(DEFAULTS, panels=panels, layouts=layouts, alerts={}, window=span_s)


class Wandering:
    """A source whose series go up and down by chance, with the hour before its start."""

    name, kind, interval_s, deadline_s, wanted = "host", "host", 1.0, 1.0, True

    def __init__(self, series: int, span_s: float) -> None:
        self._chance = random.Random(7)
        self._values = dict.fromkeys(_names(series), 0.5)
        self._span_s, self._first = span_s, True
        self._catalogue = tuple(SeriesInfo(name, Unit.RATIO, 1.0) for name in self._values)

    def _step(self, value: float) -> float:
        return min(1.0, max(0.0, value + self._chance.gauss(0.0, 0.02)))

    async def poll(self) -> Batch:
        now, past = time.time(), {}
        if self._first:
            self._first = False
            for name in self._values:
                points = []
                for age in range(int(self._span_s), 0, -1):
                    self._values[name] = self._step(self._values[name])
                    points.append((now - age, self._values[name]))
                past[name] = tuple(points)
        self._values = {name: self._step(value) for name, value in self._values.items()}
        return Batch(self.name, now, 0.0, self._values, past=past)

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return self._catalogue

    async def close(self) -> None:
        """Nothing is open."""


async def _session(fd: int, series: int, span_s: float) -> None:
    monitor = Monitor(
        _config(series, span_s), [Wandering(series, span_s)], None,
        wall=time.time, monotonic=time.monotonic, random=random.random,
    )  # fmt: skip
    running = asyncio.ensure_future(monitor.run())
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd))
    info = SessionInfo("bench", "bench", os.getpid(), "bench", time.time())
    await Connection(
        monitor, Actions(monitor, "bench", time.time, lambda: None), info, reader, writer, time.time
    ).serve()
    running.cancel()


class _Launcher:
    def __init__(self, series: int, span_s: float) -> None:
        self._arguments = [str(series), str(span_s)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "benchmarks.busy", "--session", str(theirs.fileno()), *self._arguments]
            self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), start_new_session=True)
        return ours

    def ended(self) -> str:
        return ""

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


def _console(series: int, span_s: float) -> None:
    from perftui.config.watch import ConfigWatch
    from perftui.tui.run import run

    run(
        _config(series, span_s), theme=load_theme("dark"), glyphs=UTF8, launcher=_Launcher(series, span_s),
        config_watch=ConfigWatch(None, {}), config_path=None, screen="overview", mouse=False, colour=True,
        log=lambda text: text,
    )  # fmt: skip


def measured(series: int, span_s: float, seconds: float) -> tuple[Reading, Reading]:
    """Live, then frozen."""
    command = [sys.executable, "-m", "benchmarks.busy", "--console", str(series), str(span_s)]
    with Terminal(command, cwd=Path(__file__).parents[1]) as terminal:
        time.sleep(_SETTLE_S)
        live = terminal.measure(seconds)
        terminal.type(" ")
        time.sleep(1.5)
        return live, terminal.measure(seconds)


def _bare(seconds: float) -> Reading:
    with Terminal([sys.executable, "-c", HELLO]) as terminal:
        time.sleep(3.0)
        return terminal.measure(seconds)


def _print(name: str, live: list[Reading], frozen: list[Reading], hello: list[Reading]) -> None:
    cpu = statistics.median(one.cpu_percent[0] for one in live)
    still = statistics.median(one.cpu_percent[0] for one in frozen)
    memory = statistics.median(one.pss_mb[0] for one in live)
    sent = statistics.median(one.bytes_per_s for one in live)
    bare = statistics.median(one.pss_mb[0] for one in hello)
    print(f"| {name} | {cpu:.2f} | {still:.2f} | {sent:.0f} | {memory:.1f} ({memory / bare:.2f}x hello) |")


def _bench(rounds: int, seconds: float) -> int:
    few: list[tuple[Reading, Reading]] = []
    many: list[tuple[Reading, Reading]] = []
    hello: list[Reading] = []
    for _ in range(rounds):
        few.append(measured(_FEW, _FEW_SPAN_S, seconds))
        many.append(measured(_MANY, _MANY_SPAN_S, seconds))
        hello.append(_bare(seconds))
    print("| console's own process | CPU, % of a core | frozen | bytes/s | memory (PSS), MB |\n|---|---|---|---|---|")
    _print(f"12 panels, {_FEW} series, 5 min", [one for one, _ in few], [one for _, one in few], hello)
    _print(f"12 panels, {_MANY} series, 1 h", [one for one, _ in many], [one for _, one in many], hello)
    bare = statistics.median(one.cpu_percent[0] for one in hello)
    print(f"| bare Textual | {bare:.2f} | | 0 | {statistics.median(one.pss_mb[0] for one in hello):.1f} |")
    figures = {
        "ui_percent": statistics.median(live.cpu_percent[0] for live, _ in few),
        "frozen_percent": statistics.median(frozen.cpu_percent[0] for _, frozen in few),
        "frozen_bytes": max(frozen.bytes_per_s for _, frozen in few),
        "pss_mb": statistics.median(live.pss_mb[0] for live, _ in many),
    }
    failed = [name for name, bound in BOUNDS.items() if figures[name] > bound]
    for name in failed:
        print(f"FAILED: {name} is {figures[name]:.2f}, the bound is {BOUNDS[name]}")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--session", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--console", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.session:
        fd, series, span = options.session
        asyncio.run(_session(int(fd), int(series), float(span)))
        return 0
    if options.console:
        _console(int(options.console[0]), float(options.console[1]))
        return 0
    return _bench(options.rounds, options.seconds)


if __name__ == "__main__":
    sys.exit(main())
