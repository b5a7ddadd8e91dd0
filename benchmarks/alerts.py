"""What 10 000 alerts cost on the screen: filter, sort, group, refresh, and the longest that anything stops the console.

``python -m benchmarks.alerts [--rows N] [--runs N]`` in the root of the repository prints medians in milliseconds of
CPU (a stop is the worst turn of the console's loop), each with its bound; 1 when one does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Screen
from perftui.domain.alerts import AlertState, Severity
from perftui.domain.triage import AlertRow
from perftui.domain.units import Unit
from perftui.link.framing import frame
from perftui.link.messages import TablePart, Update, WatchTable
from perftui.tui.screens.alerts import AlertsScreen
from perftui.view.alerts_index import AlertIndex
from perftui.view.alerts_table import alert_index
from perftui.view.glyphs import UTF8
from tests.tui.console import NOW, Console, console

_BOUNDS_MS = {"filter": 20.0, "sort": 50.0, "group": 50.0, "refresh": 10.0, "stop": 50.0}
_FILTERS = ("s", "sv", "svc1", "svc1 !alert3", 'severity="critical"', 'severity=~"crit.*|warn.*" svc1', "")
_GROUPS = (("service",), ("cluster", "service"), ("severity",), ())
_CHANGED = 20


def _row(number: int, chance: random.Random) -> AlertRow:
    severity = chance.choice(list(Severity))
    state = chance.choice([*[AlertState.FIRING] * 3, AlertState.PENDING, AlertState.SUPPRESSED])
    labels = {
        "alertname": f"Alert{number % 50}",
        "cluster": chance.choice("abc"),
        "instance": f"10.0.{number // 250}.{number % 250}:9100",
        "job": "node",
        "service": f"svc{number % 30}",
        "severity": severity.value,
    }
    since = NOW - chance.random() * 1e5
    return AlertRow(
        f"{number:016x}", f"Alert{number % 50}", severity, state, since, since - 60, since, ("main", "am-eu"),
        tuple(sorted(labels.items())), (("summary", "too much"),), f"something is wrong on {number}",
        value=chance.random(), threshold=0.5, unit=Unit.RATIO, activations_24h=chance.randrange(9),
    )  # fmt: skip


def _refreshed(rows: Mapping[str, AlertRow], chance: random.Random) -> dict[str, AlertRow]:
    """A poll later: some began to fire again, some are gone, some are new."""
    after = dict(rows)
    keys = chance.sample(list(rows), _CHANGED + 4)
    for key in keys[:_CHANGED]:
        after[key] = msgspec.structs.replace(rows[key], since=NOW - chance.random() * 1e5)
    for key in keys[_CHANGED:]:
        del after[key]
    for _ in range(4):
        row = _row(chance.randrange(10**6, 10**7), chance)
        after[row.key] = row
    return after


def _median_ms(runs: Sequence[Callable[[], object]]) -> float:
    """CPU, not wall: what other programs do at the same time is not the list's."""
    took = []
    for run in runs:
        begun = time.process_time()
        run()
        took.append((time.process_time() - begun) * 1e3)
    return statistics.median(took)


def _index(rows: Mapping[str, AlertRow], runs: int, chance: random.Random) -> dict[str, float]:
    def fresh() -> AlertIndex:
        index = alert_index(lambda: NOW, lambda: None)
        index.update(rows)
        return index

    index = fresh()
    index.read_ahead(len(rows))
    gc.collect()
    gc.freeze()
    columns = [column.id for column in index.columns]
    figures = {
        "filter key": _median_ms([lambda text=text: index.set_filter(text) for text in _FILTERS] * runs),
        "sort": _median_ms([lambda one=one: index.sort_by(one) for one in columns] * runs),
        "group": _median_ms([lambda names=names: index.set_group(names) for names in _GROUPS] * runs),
    }
    index.sort_by("severity")
    for names in ((), ("service",)):
        index.set_group(names)
        states, state = [], rows
        for _ in range(4 * runs):
            state = _refreshed(state, chance)
            states.append(state)
        index.update(rows)
        place = "in sections" if names else "flat"
        figures[f"refresh, {_CHANGED} of them changed, {place}"] = _median_ms(
            [lambda state=state: index.update(state) for state in states]
        )
    figures["picture 118x38"] = _median_ms([lambda: index.picture(118, 38, UTF8)] * runs)
    return figures


class _Turns:
    """The CPU of each turn of the loop, the longest of which is how long nothing else could happen."""

    def __init__(self) -> None:
        self.worst_ms = 0.0
        self._task: asyncio.Task[None] | None = None

    async def during(self, work: Callable[[], object], done: Callable[[], object], one: Console) -> float:
        self.worst_ms = 0.0
        watching = asyncio.ensure_future(self._watch())
        work()
        await one.until(done)
        for _ in range(50):
            await asyncio.sleep(0)
        watching.cancel()
        return self.worst_ms

    async def _watch(self) -> None:
        before = time.process_time()
        while True:
            await asyncio.sleep(0)
            now = time.process_time()
            self.worst_ms = max(self.worst_ms, (now - before) * 1e3)
            before = now


async def _console(rows: Mapping[str, AlertRow], runs: int, chance: random.Random) -> dict[str, float]:
    """The worst turns while a console shows them: the first list, keys of a filter, sorting, grouping, refreshes."""
    turns = _Turns()
    config = msgspec.structs.replace(DEFAULTS, screen=Screen.ALERTS)
    async with console(config) as one:
        screen = cast(AlertsScreen, one.screen)
        await one.until(lambda: WatchTable("alerts") in one.session.received)
        index, seq = screen.triage.index, 1

        def sent(part: TablePart) -> bytes:
            nonlocal seq
            seq += 1
            return frame(Update(seq, seq - 1, NOW, tables={"alerts": part}))

        def write(body: bytes) -> Callable[[], object]:
            writer = cast(asyncio.StreamWriter, one.session._writer)
            return lambda: writer.write(body)

        whole = sent(TablePart(True, NOW, tuple(rows.values())))
        figures = {"stop, first list": await turns.during(write(whole), lambda: index.total == len(rows), one)}
        await one.until(lambda: not screen._working)
        texts = ("s", "sv", "svc", "svc1", 'svc1 severity="critical"', "")
        figures["stop, keys of a filter"] = max(
            [await turns.during(partial(screen.filter, text), lambda: True, one) for text in texts]
        )
        figures["stop, sort"] = max(
            [await turns.during(screen.action_alerts_sort, lambda: True, one) for _ in index.columns]
        )
        index.sort_by("severity")
        figures["stop, group"] = await turns.during(
            lambda: (index.set_group(["service"]), screen.refresh_picture()), lambda: True, one
        )
        worst, state = [], dict(rows)
        for _ in range(runs * 2):
            after = _refreshed(state, chance)
            upserts = tuple(row for key, row in after.items() if state.get(key) is not row)
            body = sent(TablePart(False, NOW, upserts, tuple(state.keys() - after.keys())))
            version = one.app.deck.mirror.version
            worst.append(await turns.during(write(body), lambda seen=version: one.app.deck.mirror.version > seen, one))
            state = after
        figures[f"stop, refresh, {_CHANGED} of them changed"] = max(worst)
        after = {key: msgspec.structs.replace(row, value=chance.random()) for key, row in state.items()}
        body = sent(TablePart(False, NOW, tuple(after.values())))
        figures["stop, refresh, all of them changed"] = await turns.during(
            write(body), lambda: index.rows() and all(index._rows[key] == after[key] for key in (*after,)[-3:]), one
        )
    return figures


def main() -> int:
    """Print every figure, with its bound where it has one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    chance = random.Random(7)
    rows = {row.key: row for row in (_row(number, chance) for number in range(options.rows))}
    figures = asyncio.run(_console(rows, options.runs, chance))
    figures |= _index(rows, options.runs, chance)
    held = True
    print(f"{options.rows} alerts, CPU ms")
    for name, took in figures.items():
        bound = _BOUNDS_MS.get(name.partition(",")[0].partition(" ")[0])
        held &= bound is None or took <= bound
        print(f"{name:44}{took:9.2f}" + (f"   bound {bound:.0f}" if bound is not None else ""))
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
