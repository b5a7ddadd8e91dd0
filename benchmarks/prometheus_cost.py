"""What watching a real Prometheus costs: the session's CPU and requests beside the bare library, and the UI's stalls.

``python -m benchmarks.prometheus_cost [--rounds N] [--seconds S]`` starts Prometheus and two node_exporters on
loopback, prints a table and gives 1 when a bound does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from prometheus_api_client import PrometheusConnect

from benchmarks.meter import Terminal
from perftui.config.load import load
from perftui.config.queries import panel_selectors
from perftui.config.schema import Config
from perftui.link.client import Client
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.session.launch import SessionProcess
from perftui.view.glyphs import UTF8
from perftui.view.panels import panel_picture, watch_name
from perftui.view.scene import Scene
from tests.prometheus_server import Prometheus, fetch, node_exporter, prometheus

_SHAPES = (
    "node_load1",
    "node_memory_MemAvailable_bytes",
    "1 - avg by (instance) (rate(node_cpu_seconds_total{mode='idle'}[$win]))",
    "sum by (instance) (rate(node_network_receive_bytes_total[$win]))",
    "up",
    "scrape_duration_seconds",
    "histogram_quantile(0.99, sum by (le) (rate(go_gc_duration_seconds_count[$win])))",
    "go_goroutines",
    "process_resident_memory_bytes",
    "rate(process_cpu_seconds_total[$win])",
)
_PANELS = 50
_SHOWN = 20
_SETTLE_S = 8.0
# about 250 KB of JSON in each answer
_BIG = f'label_replace({{job="node"}}, "padding", "{"x" * 90}", "", "")'
BOUNDS = {"session_percent": 3.0, "both_percent": 1.5, "requests_per_s": 10.0, "stall_ms": 16.0, "worst_stall_ms": 50.0}


class Cost(NamedTuple):
    """Of one round: percent of a core, requests a second, and how late the UI's loop was (ms; 99.9 %, the worst)."""

    cpu_percent: float
    requests_per_s: float
    stall_ms: float = 0.0
    worst_stall_ms: float = 0.0


def _panels(big: bool) -> dict[str, str]:
    if big:
        return {"p0": _BIG}
    return {f"p{n}": f"({_SHAPES[n % len(_SHAPES)]}) * {1 + n // len(_SHAPES)}" for n in range(_PANELS)}


def _write(path: Path, url: str, panels: dict[str, str]) -> Config:
    lines = [f'[sources.prometheus.main]\nurl = "{url}"\nprofiles = false']
    lines += [f"[panels.{name}]\npromql = [{json.dumps(expr)}]" for name, expr in panels.items()]
    path.write_text("\n".join(lines), "utf-8")
    loaded = load(path, {})
    if loaded.problems:
        raise SystemExit("\n".join(map(str, loaded.problems)))
    return loaded.config


def _requests(server: Prometheus) -> float:
    """Requests to its API that the server has answered until now, by its own count."""
    page = fetch(f"{server.url}/metrics").decode()
    counts = re.findall(r'^prometheus_http_requests_total\{[^}]*handler="/api/v1/[^}]*\} (\S+)$', page, re.M)
    return sum(map(float, counts))


def _cpu_s(pid: int) -> float:
    """Seconds that all threads of a process ran, by the scheduler's own account."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


async def _watch(
    config: Config, session: SessionProcess, seconds: float, names: Sequence[str], requests: Callable[[], float]
) -> Cost:
    """A console that mirrors and draws these panels; measured once everything has its window."""
    mirror = Mirror()

    def draw() -> None:
        scene = Scene(mirror, config, UTF8, time.time(), mirror.at or time.time(), 300.0, lambda at: f"{at:.0f}")
        for name in names[:12]:
            panel_picture(scene, name, config.panels[name], 60, 10)

    client = Client(mirror, "bench", draw, lambda: None)
    for name in names:
        client.watch(Watch(watch_name(name), panel_selectors(config, config.panels[name]), 300.0, None, 120))
    running = asyncio.ensure_future(client.run(session.start()))
    await asyncio.sleep(_SETTLE_S)
    if not all(mirror.windows.get(watch_name(name)) for name in names):
        raise SystemExit(f"not every panel has a window: {mirror.sources} {mirror.troubles}")
    asked, used = requests(), _cpu_s(session.pid or 0)
    late = await _lateness(seconds)
    used, asked = _cpu_s(session.pid or 0) - used, requests() - asked
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return Cost(100 * used / seconds, asked / seconds, late[int(len(late) * 0.999)], late[-1])


async def _lateness(seconds: float) -> list[float]:
    """How late a timer of 2 ms was, in ms, sorted: what this loop and this machine do to whoever waits."""
    late: list[float] = []
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        asked = time.perf_counter()
        await asyncio.sleep(0.002)
        late.append((time.perf_counter() - asked - 0.002) * 1000)
    return sorted(late)


def idle_cost(seconds: float) -> Cost:
    """A loop that does nothing at all."""
    late = asyncio.run(_lateness(seconds))
    return Cost(0.0, 0.0, late[int(len(late) * 0.999)], late[-1])


def perftui_cost(folder: Path, server: Prometheus, seconds: float, *, big: bool = False) -> Cost:
    """A real session process, and a console that mirrors and draws."""
    panels = _panels(big)
    path = folder / f"perftui-{big}.toml"
    config = _write(path, server.url, panels)
    session = SessionProcess(str(path), keep=False)
    try:
        return asyncio.run(_watch(config, session, seconds, list(panels), lambda: _requests(server)))
    finally:
        session.stop()


def console_cost(folder: Path, server: Prometheus, seconds: float) -> Cost:
    """A real console that shows 12 of 20 panels, with its session and this machine's own figures: both processes."""
    panels = dict(list(_panels(False).items())[:_SHOWN])
    path = folder / "console.toml"
    _write(path, server.url, panels)
    names = list(panels)[:12]
    rows = [names[place : place + 2] for place in range(0, 12, 2)]
    layout = f"[layouts.overview]\nrows = {json.dumps(rows)}\npriority = {json.dumps(names)}"
    path.write_text(f"{path.read_text('utf-8')}\n{layout}\n", "utf-8")
    with Terminal([sys.executable, "-m", "perftui", "--config", str(path)], cwd=folder) as terminal:
        time.sleep(_SETTLE_S)
        asked = _requests(server)
        used = terminal.measure(seconds).cpu_percent
        return Cost(sum(used), (_requests(server) - asked) / seconds)


def library_cost(server: Prometheus, seconds: float) -> Cost:
    """The library as its users write it: 8 threads, one request for each panel, once a second."""
    queries = [expr.replace("$win", "4s") for expr in _panels(False).values()]
    client = PrometheusConnect(server.url)
    before, cpu, began = _requests(server), time.process_time(), time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        while time.monotonic() - began < seconds:
            turn = time.monotonic()
            list(threads.map(client.custom_query, queries))
            time.sleep(max(0.0, 1.0 - (time.monotonic() - turn)))
    passed = time.monotonic() - began
    return Cost(100 * (time.process_time() - cpu) / passed, (_requests(server) - before) / passed)


@contextlib.contextmanager
def _servers(folder: Path) -> Iterator[Prometheus]:
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(node_exporter()) for _ in range(2)]
        yield stack.enter_context(prometheus(folder / "prometheus", [f"127.0.0.1:{port}" for port in ports]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    small: list[Cost] = []
    both: list[Cost] = []
    big: list[Cost] = []
    bare: list[Cost] = []
    idle: list[Cost] = []
    with tempfile.TemporaryDirectory() as name, _servers(Path(name)) as server:
        size = len(json.dumps(server.query(_BIG)))
        for _ in range(options.rounds):
            small.append(perftui_cost(Path(name), server, options.seconds))
            both.append(console_cost(Path(name), server, options.seconds))
            bare.append(library_cost(server, options.seconds))
            big.append(perftui_cost(Path(name), server, options.seconds, big=True))
            idle.append(idle_cost(options.seconds))
    figures = {
        "session_percent": statistics.median(cost.cpu_percent for cost in small),
        "both_percent": statistics.median(cost.cpu_percent for cost in both),
        "requests_per_s": statistics.median(cost.requests_per_s for cost in small),
        "stall_ms": statistics.median(cost.stall_ms for cost in big),
        "worst_stall_ms": max(cost.worst_stall_ms for cost in big),
    }
    _print(figures, bare, idle, size)
    return 1 if _failed(figures) else 0


def _print(figures: dict[str, float], bare: Sequence[Cost], idle: Sequence[Cost], size: int) -> None:
    cpu = statistics.median(cost.cpu_percent for cost in bare)
    asked = statistics.median(cost.requests_per_s for cost in bare)
    ratio = figures["session_percent"] / cpu
    print(f"{_PANELS} panels at 1 Hz, {os.cpu_count()} cores")
    print("| | CPU, % of a core | requests/s |\n|---|---|---|")
    mine = f"{figures['session_percent']:.2f} (3) | {figures['requests_per_s']:.1f} (10)"
    print(f"| session, host and {_PANELS} panels | {mine} |")
    print(f"| console and session, host and {_SHOWN} panels | {figures['both_percent']:.2f} (1.5) | |")
    print(f"| bare library, 8 threads, {_PANELS} queries | {cpu:.2f} (ratio {ratio:.2f}) | {asked:.1f} |")
    stall, worst = figures["stall_ms"], figures["worst_stall_ms"]
    print(
        f"answers of {size / 1000:.0f} kB at 1 Hz: the console's loop is late by {stall:.1f} ms (99.9 %; 16), ", end=""
    )
    print(f"{worst:.1f} ms at worst (50); an idle loop on this machine in the same run by ", end="")
    print(f"{statistics.median(one.stall_ms for one in idle):.1f} and {max(one.worst_stall_ms for one in idle):.1f} ms")


def _failed(figures: dict[str, float]) -> bool:
    failed = [name for name, bound in BOUNDS.items() if figures[name] > bound]
    for name in failed:
        print(f"FAILED: {name} is {figures[name]:.2f}, the bound is {BOUNDS[name]}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
