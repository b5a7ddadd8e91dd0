"""Visits to the console in other company: a source that hangs, twenty panels of PromQL, a long table, a long memory."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.terminal.exporter import Exporter, exporter
from benchmarks.terminal.pressing import Press, press, presses
from benchmarks.terminal.processes import Cpu
from benchmarks.terminal.screen import Screen
from benchmarks.terminal.starting import start
from benchmarks.terminal.steady import Steady, watch
from benchmarks.terminal.subjects import Subject, console, focus
from perftui.domain.samples import Batch
from perftui.store.journal import Journal
from tests.prometheus_server import Prometheus, node_exporter, prometheus

HANG_S = 10.0
SERIES, HISTORY_S = 200, 3600
PROMQL_PANELS = 20
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


def while_hanging(subject: Subject, service: Exporter, keys: int, chance: random.Random) -> tuple[list[Press], list[Press]]:
    """Keys while all is well, and keys of the same console while the service that it scrapes hangs."""
    with subject.start() as program:
        start(subject, program)
        program.pass_time(3.0)
        well = presses(program, subject.keys, keys, focus, chance=chance)
        began = time.perf_counter()
        service.hang(HANG_S)
        program.pass_time(1.0)
        hanging: list[Press] = []
        while time.perf_counter() - began < HANG_S - 1.0 and len(hanging) < keys:
            hanging += presses(program, subject.keys, 2, focus, chance=chance)
        program.pass_time(max(0.0, began + HANG_S - time.perf_counter()))
        return well, hanging


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
    for number in range(PROMQL_PANELS):
        expr = f"({_SHAPES[number % len(_SHAPES)]}) * {1 + number // len(_SHAPES)}"
        lines += [f"[panels.p{number}]", f'title = "P{number}"', f'kind = "{kinds[number % len(kinds)]}"']
        lines.append(f'promql = ["{expr}"]')
    rows = ['["cpu", "memory"]'] + [f'["p{number}", "p{number + 1}"]' for number in range(0, PROMQL_PANELS, 2)]
    return "\n".join([*lines, "[layouts.overview]", f"rows = [{', '.join(rows)}]"]) + "\n"


def _several_live(screen: Screen) -> bool:
    """All that there is room for, on 40 rows."""
    titles = ["CPU", "Memory", *(f"P{number}" for number in range(10))]
    return all(re.search(rf"╭ {title} ─[^╮]*\d[^╮]*╮", screen.text) for title in titles)


def watched(subject: Subject, warm_s: float, seconds: float) -> Steady:
    """What one costs, without keys."""
    with subject.start() as program:
        start(subject, program)
        program.pass_time(warm_s)
        return watch(program, seconds)


class Table(NamedTuple):
    """Of 10 000 rows: CPU until they are shown (console only), seconds from a letter to the filtered rows, watching."""

    load: Cpu
    filter_s: float | None
    steady: Steady


def long_table(seconds: float) -> Table:
    """One start of the console with the long table."""

    def shown(screen: Screen) -> bool:
        return re.search(r"Processes ─.* 10000 ╮", screen.text) is not None

    def filtered(screen: Screen) -> object:
        return re.search(r"\d+ of 10000 ╮", screen.text) is not None

    command = (sys.executable, "-m", "benchmarks.terminal.rows")
    subject = Subject("10 000 rows", command, shown, shown, ("\x1b[B", "\x1b[A"), "q")
    with subject.start(stamp_cpu=True) as program:
        started = start(subject, program)
        program.stamp_cpu = False
        program.pass_time(3.0)
        steady = watch(program, seconds)
        press(program, "/", lambda screen: "filter" in screen.row_text(screen.rows - 1), 2.0)
        program.quiet(0.1, 1.5)
        # the letter that only one in six rows has
        found = press(program, "x", filtered, 2.0)
    return Table(started.shown_cpu, found.seconds, steady)


@contextlib.contextmanager
def long_memory() -> Iterator[Subject]:
    """The console with an hour of 200 series, all of them on its panels."""
    with tempfile.TemporaryDirectory(prefix="perftui-bench-") as name, exporter(SERIES) as service:
        folder = Path(name)
        _remember(folder / "history.db")
        lines = ['window = "1h"', "[storage]", f'path = "{folder / "history.db"}"']
        lines += ["[sources.scrape.app]", f'url = "{service.url}"', "profiles = false"]
        # an expression keeps a hundred series at most
        halves = (f'many{half} = "app_many{{n=~\'00{half}..\'}}"' for half in range(2))
        lines.append(f"queries = {{{', '.join(halves)}}}")
        rows = []
        for number in range(12):
            kind = ("line", "sparklines", "table", "heat")[number % 4]
            lines += [f"[panels.m{number}]", f'title = "M{number}"', f'kind = "{kind}"']
            lines.append(f"series = ['app/many{number // 6}{{n=~\"{_some(number)}\"}}']")
            rows.append(f'"m{number}"')
        pairs = ", ".join(f"[{', '.join(rows[n : n + 2])}]" for n in range(0, 12, 2))
        path = folder / "memory.toml"
        path.write_text("\n".join([*lines, "[layouts.overview]", f"rows = [{pairs}]"]) + "\n", "utf-8")
        yield console(path, "perftui, 1 h of 200 series", live=_memory_live)


def _some(number: int) -> str:
    """The seventeen series of a panel (the last of a half: fifteen), as a regular expression."""
    half, place = divmod(number, 6)
    first = place * 17
    return "|".join(f"{100 * half + n:05}" for n in range(first, min(first + 17, 100)))


def _memory_live(screen: Screen) -> bool:
    return all(re.search(rf"╭ M{number} ─[^╮]*\d[^╮]*╮", screen.text) for number in range(12))


def _remember(path: Path) -> None:
    """A journal of the hour before now."""
    journal = Journal(path, wall=time.time, keep_raw_s=2.0 * HISTORY_S)
    now = float(int(time.time()))
    names = [f'app/many{n // 100}{{n="{n:05}"}}' for n in range(SERIES)]
    journal.start()
    chance = random.Random(3)
    for second in range(HISTORY_S):
        at = now - HISTORY_S + second
        journal.append(at, [Batch("app", at, 0.0, dict(zip(names, (chance.random() for _ in names), strict=True)))])
    journal.close(timeout_s=60.0)
