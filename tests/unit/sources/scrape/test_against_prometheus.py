"""A real Prometheus and the scrape source's evaluator have the same samples: their values are the same."""

from __future__ import annotations

import asyncio
import bisect
import math
import random
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from perftui.config.schema import ScrapeSource as Settings
from perftui.domain.queries import Query
from perftui.domain.series import parse_series, series_id
from perftui.sources.scrape.exposition import Exposition
from perftui.sources.scrape.samples import Samples
from perftui.sources.scrape.series import Labels, Series
from perftui.sources.scrape.source import ScrapeSource
from perftui.sources.turns import finish
from tests.prometheus_server import Prometheus
from tests.unit.sources.scrape.endpoint import Endpoint
from tests.unit.sources.scrape.scraping import Scraped

SCRAPES = 30
BOUNDS = (0.001, 0.01, 0.1, 1.0, 10.0)
# windows are no multiples of the interval: Prometheus 2 counts the sample at a window's very beginning, 3 does not
EXPRESSIONS = (
    "requests_total",
    'requests_total{code="200"}',
    'requests_total{code!="200"}',
    'requests_total{code=~"2..|5.."}',
    'requests_total{code!~"2.*"}',
    '{__name__=~"requests.*|depth",code=~"|200"}',
    "rate(requests_total[1100ms])",
    "increase(requests_total[1100ms])",
    "irate(requests_total[1100ms])",
    "rate(restarts_total[2300ms])",
    "increase(restarts_total[2300ms])",
    "irate(restarts_total[2300ms])",
    "resets(restarts_total[2300ms])",
    "delta(depth[1100ms])",
    "idelta(depth[1100ms])",
    "changes(depth[1100ms])",
    "rate(sometimes_total[1500ms])",
    "increase(born_total[3100ms])",
    "avg_over_time(depth[1100ms])",
    "min_over_time(depth[1100ms])",
    "max_over_time(depth[1100ms])",
    "sum_over_time(depth[1100ms])",
    "count_over_time(depth[1100ms])",
    "last_over_time(depth[1100ms])",
    "max_over_time(odd[1100ms])",
    "sum(rate(requests_total[1100ms]))",
    "sum by (code) (rate(requests_total[1100ms]))",
    "sum without (code) (requests_total)",
    "avg by (handler) (requests_total)",
    "min(requests_total)",
    "max by (code) (requests_total)",
    "count by (handler) (requests_total)",
    "group by (handler) (requests_total)",
    "topk(2, requests_total)",
    "bottomk by (code) (1, requests_total)",
    "max(odd)",
    "min(odd)",
    "histogram_quantile(0.5, rate(latency_seconds_bucket[1100ms]))",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[2300ms])))",
    "histogram_quantile(1, sum by (le, handler) (rate(latency_seconds_bucket[2300ms])))",
    "histogram_quantile(0, sum by (le) (latency_seconds_bucket))",
    "histogram_quantile(0.9, latency_seconds_bucket)",
    "histogram_quantile(1.5, latency_seconds_bucket)",
    "rate(latency_seconds_sum[1100ms]) / rate(latency_seconds_count[1100ms])",
    "rate(idle_seconds_sum[1100ms]) / rate(idle_seconds_count[1100ms])",
    "histogram_quantile(0.9, rate(idle_seconds_bucket[1100ms]))",
    "1 - depth / 100",
    "depth * 2 + 3 - 4 % 3 ^ 2",
    "-depth ^ 2",
    "2 ^ 3 ^ 0.5 * depth",
    "depth > 50",
    "50 < depth",
    "depth > bool 50",
    "depth == depth",
    "requests_total > on(handler) group_left depth",
    "requests_total / on(handler) group_left(zone) depth",
    "depth * on(handler) group_right(zone) requests_total",
    "sum by (handler) (requests_total) / on(handler) depth",
    'requests_total{code="200"} / ignoring(code) requests_total{code="500"}',
    'requests_total{code="200"} >= ignoring(code) requests_total{code="500"}',
    "sum by (handler) (requests_total) and on(handler) depth",
    "depth unless on(handler) requests_total{handler='/a'}",
    "restarts_total or requests_total or depth",
    "nothing or vector(0)",
    "clamp_min(depth, 50)",
    "clamp_max(depth, 50)",
    "clamp(depth, 40, 60)",
    "abs(depth - 50)",
    "ceil(depth / 7)",
    "floor(depth / 7)",
    "round(depth / 7)",
    "round(depth / 7, 0.5)",
    "sqrt(depth)",
    "exp(depth / 100)",
    "ln(depth)",
    "log2(depth)",
    "log10(depth)",
    "sgn(depth - 50)",
    "sgn(odd)",
    "odd / 0",
    "odd % 0",
    "scalar(restarts_total) + 1",
    "scalar(requests_total)",
    "vector(time())",
    "time() - 5",
    "timestamp(depth)",
    "absent(nothing{a='b',c=~'d'})",
    "absent(depth)",
    "label_replace(depth, 'first', '$1-${1}', 'handler', '/(.).*')",
    "label_replace(depth, 'handler', '', 'zone', '.*')",
    "gone",
    "count_over_time(gone[2300ms])",
    "sometimes_total",
)  # fmt: skip


def _history() -> Iterator[str]:
    """Expositions of a service that has everything: counters that restart, series that come and go, odd numbers."""
    random.seed(7)
    counts = {(handler, code): random.random() * 100 for handler in ("/a", "/b", "/c") for code in ("200", "500")}
    # no series begins near zero: there Prometheus 2 extrapolates a little further than Prometheus 3
    buckets = {handler: [500] * (len(BOUNDS) + 1) for handler in ("/a", "/b")}
    restarts, born, number = 50.0, 50.0, 0
    while True:
        lines = ["# TYPE requests_total counter"]
        for (handler, code), count in counts.items():
            counts[handler, code] = count + random.random() * 20
            lines.append(f'requests_total{{handler="{handler}",code="{code}"}} {counts[handler, code]}')
        restarts = random.random() if number % 7 == 6 else restarts + random.random() * 10
        born += random.random()
        lines += [f"restarts_total {restarts}", f'odd{{a="1"}} {random.choice(["NaN", "+Inf", "-Inf", "1", "0"])}']
        lines += ['odd{a="2"} 3', *([f"born_total {born}"] if number > 6 else []), *(["gone 1"] if number < 16 else [])]
        if number % 5 < 3:
            lines.append(f"sometimes_total {number * 3}")
        for place, handler in enumerate(("/a", "/b", "/c")):
            lines.append(f'depth{{handler="{handler}",zone="z{place}"}} {random.random() * 100}')
        for handler, found in buckets.items():
            for _ in range(20):
                found[bisect.bisect_left(BOUNDS, random.lognormvariate(-3, 2))] += 1
            lines += _histogram("latency_seconds", f'handler="{handler}",', found)
        lines += _histogram("idle_seconds", "", [3, 0, 0, 0, 0, 0])
        number += 1
        yield "\n".join(lines) + "\n"


def _histogram(name: str, labels: str, found: Sequence[float]) -> list[str]:
    totals = [sum(found[: index + 1]) for index in range(len(found))]
    bounds = [f"{bound:g}" for bound in BOUNDS] + ["+Inf"]
    lines = [f'{name}_bucket{{{labels}le="{le}"}} {total}' for le, total in zip(bounds, totals, strict=True)]
    ends = f"{{{labels[:-1]}}}" if labels else ""
    return [*lines, f"{name}_sum{ends} {totals[-1] * 0.05}", f"{name}_count{ends} {totals[-1]}"]


class Service:
    """What both scrape: the history, one step a scrape, and counters that rise evenly with time."""

    def __init__(self) -> None:
        self._history, self._lock, self._started = _history(), threading.Lock(), time.monotonic()

    def __call__(self) -> str:
        with self._lock:
            return next(self._history) + "\n".join(self._even(time.monotonic() - self._started)) + "\n"

    def _even(self, elapsed: float) -> list[str]:
        rates = (5, 30, 40, 20, 4, 1)
        lines = [f'even_total{{speed="{speed}"}} {1000 + speed * elapsed}' for speed in (3, 70, 9000)]
        return [*lines, *_histogram("even_seconds", "", [1000 + rate * elapsed for rate in rates])]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(Service()) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, endpoint: Endpoint) -> Iterator[Prometheus]:
    """A Prometheus that has scraped the service often enough."""
    folder = tmp_path_factory.mktemp("prometheus")
    running = Prometheus(folder, [endpoint.address])
    _scrape_fast(folder / "prometheus.yml")
    running.start()
    try:
        running.wait_for(f"count_over_time(restarts_total[1m]) >= {SCRAPES}")
        yield running
    finally:
        running.kill()


def _scrape_fast(path: Path) -> None:
    text = path.read_text()
    path.write_text(
        text.replace("scrape_interval: 1s, scrape_timeout: 1s", "scrape_interval: 200ms, scrape_timeout: 200ms")
    )


def _bare(metric: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Labels without those that a server adds for the target."""
    return tuple(sorted((key, value) for key, value in metric.items() if key not in ("job", "instance")))


def _raw(server: Prometheus) -> dict[float, dict[Labels, float]]:
    """Every sample that the server has, by its time."""
    found: dict[float, dict[Labels, float]] = {}
    for item in server.query('{job="node",__name__!~"scrape_.*|up"}[1m]'):
        for at, value in item["values"]:
            found.setdefault(at, {})[_bare(item["metric"])] = float(value)
    return dict(sorted(found.items()))


def _feed(samples: Samples, at: float, values: dict[Labels, float], known: dict[Labels, Series]) -> None:
    scrape = {}
    for labels, value in values.items():
        plain = tuple(pair for pair in labels if pair[0] != "__name__")
        series = known.setdefault(labels, Series(dict(labels)["__name__"], plain))
        scrape[series] = value
    finish(samples.take(at, Exposition(scrape, {}, {}, False, 0, False)))


def _same(ours: float, theirs: float) -> bool:
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return ours == theirs or math.isclose(ours, theirs, rel_tol=3e-6, abs_tol=1e-12)


def _theirs(result: Any) -> dict[Labels, float]:
    if result and not isinstance(result[0], dict):
        return {(): float(result[1])}
    return {_bare(item["metric"]): float(item["value"][1]) for item in result}


@pytest.mark.service("prometheus")
def test_every_expression_has_the_value_that_a_real_prometheus_gives_for_the_same_samples(server: Prometheus) -> None:
    raw = _raw(server)
    # as if scrapes were a minute apart: then no window is cut short, though nobody watched before its first sample
    scraped = Scraped(*EXPRESSIONS, interval_s=60.0)
    known: dict[Labels, Series] = {}
    wrong: list[str] = []
    compared = dict.fromkeys(EXPRESSIONS, 0)
    for number, (at, values) in enumerate(raw.items()):
        _feed(scraped.samples, at, values, known)
        if number % 3 or number >= SCRAPES:
            continue
        for expr in EXPRESSIONS:
            theirs = _theirs(server.query(expr, at))
            value = scraped.value(expr)
            ours = {(): value} if isinstance(value, float) else value
            compared[expr] += len(ours)
            if ours.keys() != theirs.keys() or not all(_same(ours[key], theirs[key]) for key in ours):
                wrong.append(f"{expr} at {number}:\n  ours   {ours}\n  theirs {theirs}")

    assert wrong == []
    assert {expr for expr, count in compared.items() if count == 0} == {"absent(depth)"}


LIVE = {
    "rates": "rate(even_total[4s])",
    "total": "sum(increase(even_total[4s]))",
    "median": "histogram_quantile(0.5, rate(even_seconds_bucket[4s]))",
    "p99": "histogram_quantile(0.99, sum by (le) (rate(even_seconds_bucket[4s])))",
    "mean": "rate(even_seconds_sum[4s]) / rate(even_seconds_count[4s])",
}


@pytest.mark.service("prometheus")
def test_beside_a_real_prometheus_rates_are_within_1_percent_and_quantiles_within_a_bucket(
    server: Prometheus, endpoint: Endpoint
) -> None:
    """Both scrape the same service by clocks of their own; the machine gets half a minute to be quiet enough."""

    async def agree() -> tuple[dict[str, float], dict[str, float]]:
        settings = Settings(url=endpoint.url, interval=0.5)
        source = ScrapeSource("app", settings, environ={}, wall=time.time, monotonic=time.monotonic)
        source.set_queries([Query(name, expr) for name, expr in LIVE.items()])
        end = time.monotonic() + 30
        ours: dict[str, float] = {}
        theirs: dict[str, float] = {}
        while time.monotonic() < end and not (len(ours) == 7 and _close(ours, theirs) and _true(ours)):
            batch = await source.poll()
            ours = {series: value for series, value in batch.values.items() if parse_series(series).name in LIVE}
            theirs = {
                series_id("app", name, dict(labels)): value
                for name, expr in LIVE.items()
                for labels, value in _theirs(await asyncio.to_thread(server.query, expr)).items()
            }
            await asyncio.sleep(0.5)
        await source.close()
        return ours, theirs

    ours, theirs = asyncio.run(agree())

    assert _close(ours, theirs), f"{ours}\n{theirs}"
    assert _true(ours), f"{ours}"


def _true(ours: dict[str, float]) -> bool:
    return math.isclose(ours['app/rates{speed="9000"}'], 9000, rel_tol=0.01)


def _close(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    quantiles = ("app/median", "app/p99")
    return ours.keys() == theirs.keys() and all(
        bisect.bisect_left(BOUNDS, ours[key]) == bisect.bisect_left(BOUNDS, value)
        if key in quantiles
        else math.isclose(ours[key], value, rel_tol=0.01)
        for key, value in theirs.items()
    )
