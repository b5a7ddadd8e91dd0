"""What reading expositions costs beside the official Python parser, in one interleaved run, and how long the event
loop is held meanwhile (in turns of the source's own work; the garbage collector's are told apart).

``python -m benchmarks.scrape [--rounds N]`` prints tables; 1 when a bound does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import gzip
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from perftui.sources.scrape.exposition import Parser
from perftui.sources.scrape.promql.evaluate import Evaluator
from perftui.sources.scrape.promql.parse import parse
from perftui.sources.scrape.promql.tree import selects
from perftui.sources.scrape.samples import Samples
from perftui.sources.turns import finish, in_turns

_RECORDED = ("node_exporter", "prometheus", "etcd1")
_DATA = Path(__file__).parents[1] / "tests" / "data" / "expositions"
_QUERIES = (
    "sum by (code) (rate(http_requests_total[$win]))",
    "histogram_quantile(0.99, sum by (le) (rate(http_seconds_bucket[$win])))",
    "count(http_requests_total)",
)
WARM_10K_MS = 30.0
STALL_MS = 16.0


def made_up(series: int) -> bytes:
    """An exposition of a service with many handlers: half counters, half buckets."""
    lines = ["# TYPE http_requests_total counter"]
    lines += [
        f'http_requests_total{{handler="/api/v1/h{n // 50}",instance="web-{n % 50}",method="GET",code="200"}} {n * 1.5}'
        for n in range(series // 2)
    ]
    lines.append("# TYPE http_seconds histogram")
    bounds = ["0.005", "0.01", "0.05", "0.1", "0.5", "1", "2.5", "5", "10", "+Inf"]
    lines += [
        f'http_seconds_bucket{{handler="/api/v1/h{n // 10}",method="GET",le="{bounds[n % 10]}"}} {n % 10 * 7}'
        for n in range(series // 2)
    ]
    return ("\n".join(lines) + "\n").encode()


def _ms(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def _official(body: bytes) -> int:
    return sum(len(family.samples) for family in text_string_to_metric_families(body.decode()))


def compare(name: str, body: bytes, rounds: int) -> float:
    """One row; the median of the warm parser in milliseconds."""
    warm = Parser(200_000)
    count = len(finish(warm.read(body)).values)
    times: dict[str, list[float]] = {"official": [], "cold": [], "warm": []}
    for _ in range(rounds):
        times["official"].append(_ms(lambda: _official(body)))
        times["cold"].append(_ms(lambda: finish(Parser(200_000).read(body))))
        times["warm"].append(_ms(lambda: finish(warm.read(body))))
    official, cold, warmed = (statistics.median(taken) for taken in times.values())
    print(f"| {name} | {count} | {official:.1f} | {cold:.1f} | {warmed:.2f} | {official / warmed:.0f} |")
    return warmed


def memory(body: bytes) -> None:
    parser = Parser(200_000)
    tracemalloc.start()
    found = finish(parser.read(body))
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    series = len(found.values)
    print(f"{series} series: {held / 1e6:.0f} MB held, {peak / 1e6:.0f} MB at the most, {held / series:.0f} bytes each")


class Collections:
    """CPU time that the garbage collector took, so that it can be told apart: it may come at any moment."""

    def __init__(self) -> None:
        self.total = self.longest = self._started = 0.0

    def __call__(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._started = time.thread_time()
            return
        took = time.thread_time() - self._started
        self.total += took
        self.longest = max(self.longest, took)


async def stalls(body: bytes, rounds: int) -> tuple[float, float, float]:
    """CPU milliseconds: a scrape with its queries, the longest turn of the work, the longest garbage collection.

    The first scrape reads every key, the others know them; each is followed by the queries.
    """
    parser, samples = Parser(200_000), Samples(1.0, max_rings=200_000, max_samples=10_000_000)
    evaluator = Evaluator(samples, time.time)
    trees = [parse(query, 1.0) for query in _QUERIES]
    samples.want((one.picker, one.range_s) for tree in trees for one in selects(tree) if one.range_s)
    turns: list[float] = []
    collections = Collections()

    async def ticker() -> None:
        before = time.thread_time() - collections.total
        while True:
            await asyncio.sleep(0)
            now = time.thread_time() - collections.total
            turns.append(now - before)
            before = now

    gc.callbacks.append(collections)
    task = asyncio.ensure_future(ticker())
    took: list[float] = []
    for number in range(rounds + 1):
        started = time.thread_time()
        found = await in_turns(parser.read(body), time.monotonic)
        await in_turns(samples.take(1000.0 + number, found), time.monotonic)
        for tree in trees:
            await in_turns(evaluator.value(tree), time.monotonic)
        took.append(time.thread_time() - started)
    task.cancel()
    gc.callbacks.remove(collections)
    return statistics.median(took[1:]) * 1e3, max(turns) * 1e3, collections.longest * 1e3


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = arguments.parse_args().rounds
    bodies = {name: gzip.decompress((_DATA / f"{name}.prom.gz").read_bytes()) for name in _RECORDED}
    ten, hundred = made_up(10_000), made_up(100_000)
    print(
        "| exposition | series | official ms | first time ms | again ms | official / again |\n|---|---|---|---|---|---|"
    )
    for name, body in bodies.items():
        compare(name, body, rounds)
    warm = compare("made up", ten, rounds)
    compare("made up", hundred, 1)
    print()
    memory(hundred)
    ok = warm <= WARM_10K_MS
    for body, series in ((ten, 10_000), (hundred, 100_000)):
        took, turn, collection = asyncio.run(stalls(body, rounds))
        print(
            f"{series} series, {len(_QUERIES)} queries: {took:.0f} ms of CPU a scrape, turns of {turn:.1f} ms at most, "
            f"garbage collections of {collection:.1f} ms at most"
        )
        ok = ok and (series > 10_000 or turn <= STALL_MS)
    verdict = "hold" if ok else "BROKEN"
    print(f"bounds for 10000 series: {WARM_10K_MS:g} ms to read again, {STALL_MS:g} ms for a turn: {verdict}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
