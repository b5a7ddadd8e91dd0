"""The console with an hour of 200 series behind it and all of them on its panels: a journal made ahead."""

from __future__ import annotations

import contextlib
import random
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.terminal.exporter import exporter
from benchmarks.terminal.screen import Screen
from benchmarks.terminal.subjects import Subject, console
from perftui.domain.samples import Batch
from perftui.store.journal import Journal

SERIES, HISTORY_S = 200, 3600


@contextlib.contextmanager
def long_memory() -> Iterator[Subject]:
    """In folders that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="perftui-bench-") as name, exporter(SERIES) as service:
        folder = Path(name)
        _remember(folder / "history.db")
        lines = ['window = "1h"', "[storage]", f'path = "{folder / "history.db"}"']
        lines += ["[sources.scrape.app]", f'url = "{service.url}"', "profiles = false"]
        # an expression keeps a hundred series at most
        halves = (f"many{half} = \"app_many{{n=~'00{half}..'}}\"" for half in range(2))
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
