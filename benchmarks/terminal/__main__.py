"""Measures the terminal end: the console, its rivals, slow links and long tables, in one interleaved run.

``python -m benchmarks.terminal [--rounds N] [--seconds S] [--only FIGURE,...] [--alone]`` in the root of the
repository prints two tables; 1 when a bound does not hold, or when the scenario was not a fair one.
"""

from __future__ import annotations

import argparse
import compileall
import dataclasses
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from benchmarks.terminal.crawling import RATES, crawl
from benchmarks.terminal.exporter import Exporter, exporter
from benchmarks.terminal.hanging import while_hanging
from benchmarks.terminal.judging import FAIR_CELLS, Findings, beside, cells, rows
from benchmarks.terminal.memory import long_memory
from benchmarks.terminal.promql import twenty_panels
from benchmarks.terminal.results import Row, Verdict, markdown
from benchmarks.terminal.starting import MuteError, empty_start_s
from benchmarks.terminal.subjects import HELLO, PERFTUI, ROOT, STOCK, Subject, console, hello, rivals, scenario
from benchmarks.terminal.table import long_table
from benchmarks.terminal.turns import turns
from benchmarks.terminal.visiting import Notes, Plan, visit, watched

FIGURES = ("start", "bytes", "cpu", "frozen", "keys", *RATES, "hang", "promql", "table", "memory")
_VISITED = {"start", "bytes", "cpu", "frozen", "keys"}
# a thread that only stamps must not wait for one that draws
_SWITCH_S = 0.0005
_LINK_KEYS = 8


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each program is watched")
    parser.add_argument("--warm", type=float, default=25.0, help="seconds before that, in which charts fill")
    parser.add_argument("--keys", type=int, default=40, help="keys pressed in each round")
    parser.add_argument("--starts", type=int, default=8, help="starts beside bare Textual in each round")
    parser.add_argument("--only", default=",".join(FIGURES), metavar="FIGURE,...", help=f"of {', '.join(FIGURES)}")
    parser.add_argument("--alone", action="store_true", help="the console and bare Textual only: no rivals, no stock")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = set(options.only) - set(FIGURES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    return options


class Bench:
    """One run: every round looks at everything once."""

    def __init__(self, options: argparse.Namespace, folder: Path, service: Exporter) -> None:
        self._options = options
        self._folder, self._service = folder, service
        self._chance = random.Random(11)
        self.only: Collection[str] = options.only
        self.found = Findings()
        path = scenario(service, folder)
        self._ours, self._stock, self._bare = console(path), console(path, STOCK, "--driver", "stock"), hello()
        self.broken: list[str] = []
        others, self.missing = ([], []) if options.alone else rivals()
        self._subjects = [self._ours, self._bare] + ([] if options.alone else [self._stock, *others])
        self.found.notes = {subject.name: Notes() for subject in self._visited()}

    def _visited(self) -> list[Subject]:
        if _VISITED & set(self.only):
            return self._subjects
        # memory is told beside a bare Textual
        return [subject for subject in self._subjects if subject.name == HELLO and "memory" in self.only]

    def round(self) -> None:
        """Look at everything once; what can't be measured is noted, and the rest goes on."""
        options = self._options
        wanted = set(self.only) | ({"cpu"} if "memory" in self.only else set())
        plan = Plan(wanted, options.warm, options.seconds, options.keys, self._chance)
        for subject in self._visited():
            self._try(subject.name, partial(self._visit, subject, plan))
        for name in RATES:
            self._links(name)
        for name, what, look in (
            ("start", "starts in turn", self._turns),
            ("hang", "a source that hangs", self._hang),
            ("table", "10 000 rows", self._table),
            ("memory", "an hour of 200 series", self._memory),
            ("promql", "20 panels of PromQL", self._promql),
        ):
            if name in self.only:
                self._try(what, look)

    def _try(self, what: str, look: Callable[[], None]) -> None:
        print(f"  {time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
        try:
            look()
        except MuteError as mute:
            self.broken.append(f"{what}: {mute}")

    def _visit(self, subject: Subject, plan: Plan) -> None:
        self.found.passes_s.append(empty_start_s())
        visit(subject, self.found.notes[subject.name], plan)

    def _links(self, name: str) -> None:
        if name not in self.only:
            return
        crawls = self.found.crawls.setdefault(name, {})
        # the stock driver keeps us waiting for minutes: once is enough
        slow = [] if self._options.alone or STOCK in crawls else [self._stock]
        for subject in (self._ours, *slow):
            self._try(f"{subject.name}, {RATES[name] / 1000:.0f} KB/s", partial(self._crawl, subject, name))

    def _crawl(self, subject: Subject, name: str) -> None:
        ours = subject is self._ours
        one = crawl(subject, RATES[name], _LINK_KEYS if ours else 2, self._chance, whole=ours)
        self.found.crawls[name].setdefault(subject.name, []).append(one)

    def _turns(self) -> None:
        for turn in turns(self._ours, self._bare, self._options.starts):
            self.found.turns.append(turn)

    def _hang(self) -> None:
        well, hanging = while_hanging(self._ours, self._service, self._options.keys, self._chance)
        self.found.well += well
        self.found.hanging += hanging

    def _table(self) -> None:
        self.found.tables.append(long_table(self._bare, self._options.starts // 2 or 1, self._options.seconds))

    def _memory(self) -> None:
        with long_memory() as subject:
            self.found.memory.append(watched(subject, 5.0, self._options.seconds))

    def _promql(self) -> None:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder, twenty_panels(Path(folder)) as subject:
            if subject is None:
                self.missing.append("20 PromQL panels: no prometheus (make services)")
            else:
                self.found.promql.append(watched(subject, self._options.warm, self._options.seconds))


def _keep(found: Findings) -> Path:
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"terminal-{time.strftime('%Y%m%dT%H%M%S')}.json"
    path.write_text(json.dumps(dataclasses.asdict(found), indent=1), "utf-8")
    return path


def _report(bench: Bench) -> int:
    judged: list[Row] = rows(bench.found)
    print(markdown(judged))
    if bench.found.notes:
        print("\n" + beside(bench.found.notes))
    for missing in sorted(set(bench.missing)):
        print(f"not measured: {missing}")
    ours = bench.found.notes.get(PERFTUI)
    if ours and ours.steady and cells(ours) < FAIR_CELLS:
        print(f"not a fair scenario: {cells(ours):.0f} cells change a second, not {FAIR_CELLS:.0f}")
    failed = [one.figure for one in judged if one.verdict is Verdict.FAILS] + bench.broken
    for figure in failed:
        print(f"FAILED: {figure}")
    print(f"everything that was measured: {_keep(bench.found)}")
    return 1 if failed else 0


def main() -> int:
    options = _options()
    sys.setswitchinterval(_SWITCH_S)
    compileall.compile_dir(str(ROOT / "perftui"), quiet=2)
    with tempfile.TemporaryDirectory(prefix="perftui-bench-") as folder, exporter() as service:
        bench = Bench(options, Path(folder), service)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            bench.round()
        return _report(bench)


if __name__ == "__main__":
    sys.exit(main())
