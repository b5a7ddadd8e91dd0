"""What ten thousand alerts of a real Alertmanager cost: to read them, to read them again, how long the event loop is
held meanwhile (in CPU time of its thread, which other programs do not disturb), memory, and matching.

``python -m benchmarks.alertmanager [--alerts N] [--rounds N]`` prints tables; 1 when a bound does not hold. With
``--inhibit`` the server has an inhibit rule, which makes old ones slow: only polls are measured then.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.domain.matchers import matches, parse_matchers
from perftui.domain.samples import Batch
from perftui.sources.alertmanager.alerts import read_alert
from perftui.sources.alertmanager.elements import Elements
from perftui.sources.alertmanager.source import AlertmanagerSource
from perftui.sources.turns import in_turns
from tests.alert_services import Alertmanager, alertmanager, made_up
from tests.prometheus_server import fetch

HELD_MS = 50.0
FILTER_MS = 20.0
_FILTERS = (
    'severity="critical"',
    'severity=~"critical|warning",team!="other"',
    'pod=~"checkout-0[0-4].*"',
    'instance=~"web-(1|2).*",alertname!~".*[05]"',
    'pod=~".*(1|2)3.*4"',
)


class Held:
    """The longest CPU time between two turns of a neighbour in the loop, in milliseconds."""

    def __init__(self) -> None:
        self.longest_ms = 0.0

    async def run(self, work: Callable[[], Awaitable[object]]) -> tuple[float, object]:
        """CPU milliseconds of the work, and what it gives."""
        gc.collect()
        beating = asyncio.ensure_future(self._beat())
        await asyncio.sleep(0)
        started = time.thread_time()
        result = await work()
        took = (time.thread_time() - started) * 1e3
        await asyncio.sleep(0.002)
        beating.cancel()
        return took, result

    async def _beat(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest_ms, before = max(self.longest_ms, (now - before) * 1e3), now


async def _whole(body: bytes) -> object:
    """As a client without care does it."""
    return [read_alert("am", json.dumps(one).encode()) for one in json.loads(body)]


async def _typed(body: bytes) -> object:
    return [read_alert("am", bytes(one)) for one in msgspec.json.decode(body, type=list[msgspec.Raw])]


async def _in_turns(elements: Elements[Any], body: bytes) -> object:
    return await in_turns(elements.read(body), time.monotonic)


async def read(body: bytes, rounds: int) -> float:
    """A row a way of reading; the longest that ours held the loop."""
    print(f"\n{len(body) / 1e6:.1f} MB of alerts, {rounds} interleaved rounds\n")
    print("| reading | CPU, ms | loop held, ms |\n|---|---|---|")
    warm = Elements(partial(read_alert, "am"))
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "json, all at once": lambda: _whole(body),
        "msgspec, all at once": lambda: _typed(body),
        "in turns, first time": lambda: _in_turns(Elements(partial(read_alert, "am")), body),
        "in turns, nothing new": lambda: _in_turns(warm, body),
    }
    await _in_turns(warm, body)
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    held = {way: Held() for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            cpu[way].append((await held[way].run(work))[0])
    for way in ways:
        print(f"| {way} | {statistics.median(cpu[way]):.0f} | {held[way].longest_ms:.1f} |")
    return max(held[way].longest_ms for way in ways if "turns" in way)


async def polls(manager: Alertmanager, rounds: int) -> float:
    """Whole polls by the source; the longest that one held the loop."""
    source = AlertmanagerSource("am", Settings(url=manager.url), environ={}, wall=time.time, monotonic=time.monotonic)
    print("\n| poll of the real server | CPU, ms | loop held, ms | wall, ms | asked every, s |\n|---|---|---|---|---|")
    worst = 0.0
    for number in range(rounds):
        held, started = Held(), time.monotonic()
        cpu, batch = await held.run(source.poll)
        wall = (time.monotonic() - started) * 1e3
        if not isinstance(batch, Batch) or batch.error is not None:
            print(
                f"| {number + 1} | failed: {getattr(batch, 'error', None)} | | {wall:.0f} | {source.interval_s:.1f} |"
            )
            continue
        print(f"| {number + 1} | {cpu:.0f} | {held.longest_ms:.1f} | {wall:.0f} | {source.interval_s:.1f} |")
        worst = max(worst, held.longest_ms)
    await source.close()
    return worst


async def memory(body: bytes) -> None:
    """What the alerts, and knowing them again, keep in memory."""
    tracemalloc.start()
    elements = Elements(partial(read_alert, "am"))
    found = await in_turns(elements.read(body), time.monotonic)
    print(f"\nkept in memory: {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB for {len(found)} alerts")
    tracemalloc.stop()


def matching(body: bytes, rounds: int) -> float:
    """A row a filter; the slowest median in milliseconds, expressions that were never seen included."""
    labels = [one["labels"] for one in json.loads(body)]
    print("\n| filter | alerts | first, ms | again, ms | Python's re, ms |\n|---|---|---|---|---|")
    worst = 0.0
    for text in _FILTERS:
        matchers = parse_matchers(text)
        patterns = [(one, re.compile(one.value)) for one in matchers]
        times: dict[str, list[float]] = {"first": [], "again": [], "re": []}
        for number in range(rounds):
            fresh = [
                msgspec.structs.replace(one, value=f"(?:{one.value}){{1}}(?:){{{number}}}") if one.regex else one
                for one in matchers
            ]
            for way, given in (("first", fresh), ("again", fresh)):
                started = time.thread_time()
                count = sum(matches(given, one) for one in labels)
                times[way].append((time.thread_time() - started) * 1e3)
            started = time.thread_time()
            same = sum(
                all(
                    ((p.fullmatch(one.get(m.name, "")) is not None) if m.regex else one.get(m.name, "") == m.value)
                    is m.equal
                    for m, p in patterns
                )
                for one in labels
            )
            times["re"].append((time.thread_time() - started) * 1e3)
            if count != same:
                sys.exit(f"{text}: {count} alerts, and {same} by Python's re")
        first, again, theirs = (statistics.median(taken) for taken in times.values())
        print(f"| `{text}` | {count} | {first:.1f} | {again:.1f} | {theirs:.1f} |")
        worst = max(worst, again)
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inhibit", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, alertmanager(Path(folder), inhibit=options.inhibit) as manager:
        manager.post("alerts", made_up(options.alerts, time.time()))
        if options.inhibit:
            return int(asyncio.run(polls(manager, options.rounds)) > HELD_MS)
        body = fetch(f"{manager.url}/api/v2/alerts")
        held = max(asyncio.run(read(body, options.rounds)), asyncio.run(polls(manager, options.rounds)))
        asyncio.run(memory(body))
    slowest = matching(body, options.rounds)
    print(f"\nloop held {held:.1f} ms (bound {HELD_MS:g}), slowest filter {slowest:.1f} ms (bound {FILTER_MS:g})")
    return int(held > HELD_MS or slowest > FILTER_MS)


if __name__ == "__main__":
    sys.exit(main())
