"""The console with this machine and twenty panels of PromQL, asked of a real Prometheus on loopback."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.terminal.screen import Screen
from benchmarks.terminal.subjects import Subject, console
from tests.prometheus_server import Prometheus, node_exporter, prometheus

PANELS = 20
_SHAPES = (
    "node_load1",
    "node_memory_MemAvailable_bytes",
    "1 - avg by (instance) (rate(node_cpu_seconds_total{mode='idle'}[$win]))",
    "sum by (instance) (rate(node_network_receive_bytes_total[$win]))",
    "scrape_duration_seconds",
    "rate(node_context_switches_total[$win])",
    "go_goroutines",
    "rate(node_intr_total[$win])",
    "process_resident_memory_bytes",
    "rate(process_cpu_seconds_total[$win])",
)


@contextlib.contextmanager
def twenty_panels(folder: Path) -> Iterator[Subject | None]:
    """The console with this machine and twenty panels of a real Prometheus; None when there is none to be had."""
    if not all(map(shutil.which, ("prometheus", "prometheus-node-exporter"))):
        yield None
        return
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(node_exporter()) for _ in range(2)]
        targets = [f"127.0.0.1:{port}" for port in ports]
        server = stack.enter_context(prometheus(folder / "prometheus", targets))
        path = folder / "promql.toml"
        path.write_text(_promql(server), "utf-8")
        yield console(path, "perftui, 20 PromQL panels", live=_several_live)


def _promql(server: Prometheus) -> str:
    lines = ['window = "1m"', "[storage]", "enabled = false"]
    lines += ["[sources.prometheus.main]", f'url = "{server.url}"', "profiles = false"]
    kinds = ("line", "sparklines", "stat", "table", "heat")
    for number in range(PANELS):
        expr = f"({_SHAPES[number % len(_SHAPES)]}) * {1 + number // len(_SHAPES)}"
        lines += [f"[panels.p{number}]", f'title = "P{number}"', f'kind = "{kinds[number % len(kinds)]}"']
        lines.append(f'promql = ["{expr}"]')
    rows = ['["cpu", "memory"]'] + [f'["p{number}", "p{number + 1}"]' for number in range(0, PANELS, 2)]
    return "\n".join([*lines, "[layouts.overview]", f"rows = [{', '.join(rows)}]"]) + "\n"


def _several_live(screen: Screen) -> bool:
    """All that there is room for, on 40 rows."""
    titles = ["CPU", "Memory", *(f"P{number}" for number in range(10))]
    return all(re.search(rf"╭ {title} ─[^╮]*\d[^╮]*╮", screen.text) for title in titles)
