"""A real Prometheus that scrapes two real node_exporters: what is shown is what it says; its end hurts nobody else."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, HostSource, Panel, PrometheusSource, Sources
from perftui.domain.alerts import AlertState
from perftui.domain.errors import ErrorKind
from perftui.domain.health import SourceState
from perftui.domain.queries import Query, query_name
from perftui.domain.series import parse_series
from perftui.sources.prometheus.source import PrometheusSource as Source
from tests.e2e.watching import Cable, watching
from tests.prometheus_server import Prometheus, node_exporter, prometheus

_POLLS = 8
RULES = """
groups:
  - name: test
    rules:
      - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
      - {alert: Down, expr: up == 0, for: 2s, labels: {severity: critical}, annotations: {summary: "it is down"}}
"""
_EXPRESSIONS = (
    "up",
    "node_load1",
    "node_memory_MemAvailable_bytes",
    "1 - avg by (instance) (rate(node_cpu_seconds_total{mode='idle'}[$win]))",
    "sum by (instance, mode) (rate(node_cpu_seconds_total[$win]))",
    "sum(rate(node_context_switches_total[$win])) # of both",
    "count(node_cpu_seconds_total)",
    "1 + 1",
    "max_over_time(node_load1[10s])",
    "node_filesystem_avail_bytes",
)
PANELS = {
    f"p{number}": Panel(source="main", promql=(expr if number < 10 else f"({expr}\n) * 2",))
    for number, expr in enumerate(_EXPRESSIONS * 2)
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with node_exporter() as one, node_exporter() as two:
        targets = [f"127.0.0.1:{one}", f"127.0.0.1:{two}"]
        with prometheus(tmp_path_factory.mktemp("prometheus"), targets, RULES) as running:
            yield running


def _config(url: str, panels: dict[str, Panel], *, host: bool = False, timeout: float = 5.0) -> Config:
    main = PrometheusSource(url=url, interval=1.0, timeout=timeout, profiles=False, alerts_interval=1.0)
    sources = Sources(host=HostSource(enabled=host), prometheus={"main": main})
    return msgspec.structs.replace(DEFAULTS, sources=sources, panels={**DEFAULTS.panels, **panels})


def _values(result: list[dict[str, Any]]) -> dict[frozenset[tuple[str, str]], float]:
    return {
        frozenset((key, value) for key, value in item["metric"].items() if key != "__name__"): float(item["value"][1])
        for item in result
    }


@pytest.mark.service("prometheus")
def test_twenty_panels_show_what_the_servers_own_api_says_for_the_same_instant(server: Prometheus) -> None:
    """Polls are compared, series by series, with single queries at the time of their evaluation.

    A scrape that a loaded machine stores late changes what the server says of a moment that is past: such a poll says
    nothing, and another one is taken.
    """
    queries = [Query(query_name(expr), expr) for panel in PANELS.values() for expr in panel.promql]

    async def polls() -> list[tuple[float, float, dict[str, float]]]:
        settings = PrometheusSource(url=server.url, profiles=False, scrape_interval=1.0)
        source = Source("main", settings, environ={}, wall=time.time, monotonic=time.monotonic)
        evaluated: list[float] = []
        ask = source._library.query

        async def noting(expr: str) -> Any:
            told = await ask(expr)
            evaluated.extend(item["value"][0] for item in told.result if isinstance(item, dict))
            return told

        source._library.query = noting  # type: ignore[method-assign]
        source.set_queries(queries)
        seen = []
        await source.poll()  # learns which of them are scalars
        for _ in range(_POLLS):
            evaluated.clear()
            batch = await source.poll()
            assert batch.error is None
            assert source.troubles == {}
            assert max(evaluated) - min(evaluated) < 1.0
            seen.append((min(evaluated), max(evaluated), batch.values))
            await asyncio.sleep(1.0)
        await source.close()
        return seen

    compared, spoilt = 0, []
    for low, high, values in asyncio.run(polls()):
        for query in queries:
            expr = query.expr.replace("$win", "4s")
            shown = {
                frozenset(parse_series(series).labels): value
                for series, value in values.items()
                if parse_series(series).name == query.name
            }
            if query.expr.startswith(("1 + 1", "(1 + 1")):
                assert list(shown.values()) == [2.0 if query.expr == "1 + 1" else 4.0]
                continue
            # a scrape may be stored between our question and theirs, with an earlier time: then it was the one before
            said = [_values(server.query(expr, at)) for at in (low, high, low - 1.0)]
            assert shown.keys() == said[0].keys()
            for labels, value in shown.items():
                same = any(math.isclose(value, one.get(labels, math.nan), rel_tol=1e-12) for one in said)
                compared += same
                spoilt += [] if same else [(low, expr)]
    assert compared > 20 * 5 * 2
    assert len({at for at, _ in spoilt}) <= _POLLS - 5, spoilt


@pytest.mark.service("prometheus")
def test_a_killed_server_is_named_in_time_the_rest_moves_on_and_the_gap_stays_a_gap(
    tmp_path: Path, server: Prometheus
) -> None:
    async def run() -> None:
        with prometheus(tmp_path / "own", []) as own:
            async with watching(_config(own.url, {"t": Panel(promql=("time()",))}, host=True, timeout=2.0)) as seen:
                (selector,) = panel_selectors(seen.monitor.config, Panel(promql=("time()",)))
                seen.watch("t", selector)
                await seen.until(lambda: seen.window("t").series[0].last)
                own.kill()
                killed_at = time.time()
                took = await seen.until(lambda: seen.health("main").state is SourceState.FAILED)
                assert took < 2.0 + 0.5
                error = seen.health("main").error
                assert error is not None
                assert error.kind in (ErrorKind.REFUSED, ErrorKind.BAD_DATA)
                polls = seen.health("host").polls
                await seen.until(lambda: seen.health("host").polls >= polls + 5)
                assert seen.health("host").failures == seen.health("host").late == 0
                back_at = time.time()
                own.start()
                await seen.until(lambda: seen.health("main").state is SourceState.OK)
                await seen.until(lambda: (seen.window("t").series[0].last_at or 0) > back_at)
                # time() has a value for every instant that the server is asked for, also for those it was dead
                await seen.until(lambda: None not in _means_between(seen, killed_at - 1, back_at))

    asyncio.run(run())


def _means_between(seen: Any, start: float, end: float) -> list[float | None]:
    window = seen.window("t")
    cells = range(window.cells)
    return [window.series[0].mean[cell] for cell in cells if start <= window.start + cell * window.step_s < end] or [
        None
    ]


@pytest.mark.service("prometheus")
def test_what_a_dead_server_did_not_see_stays_a_gap(tmp_path: Path) -> None:
    async def run() -> None:
        with node_exporter() as port, prometheus(tmp_path / "own", [f"127.0.0.1:{port}"]) as own:
            panel = Panel(promql=("scrape_duration_seconds",))
            async with watching(_config(own.url, {"t": panel}, timeout=2.0)) as seen:
                seen.watch("t", *panel_selectors(seen.monitor.config, panel))
                await seen.until(lambda: seen.window("t").series[0].last)
                own.kill()
                killed_at = time.time()
                await seen.until(lambda: seen.health("main").failures >= 3)
                back_at = time.time()
                own.start()
                await seen.until(lambda: (seen.window("t").series[0].last_at or 0) > back_at + 2)
                inside = _means_between(seen, math.ceil(killed_at) + 1, math.floor(back_at) - 1)
                assert None in inside

    asyncio.run(run())


@pytest.mark.service("prometheus")
def test_a_cut_line_is_backfilled_when_it_is_back(server: Prometheus) -> None:
    async def run() -> None:
        cable = Cable(server.port)
        await cable.plug()
        panel = Panel(promql=("node_load1",))
        async with watching(_config(f"http://127.0.0.1:{cable.port}", {"t": panel}, timeout=2.0)) as seen:
            seen.watch("t", *panel_selectors(seen.monitor.config, panel))
            await seen.until(lambda: len(seen.window("t").series) == 2)
            await cable.cut()
            cut_at = time.time()
            await seen.until(lambda: seen.health("main").failures >= 3)
            assert seen.health("main").blind  # its alerts are not known now, and nobody may think that there are none
            back_at = time.time()
            await cable.plug()
            await seen.until(lambda: (seen.window("t").series[0].last_at or 0) > back_at)
            await seen.until(lambda: None not in _means_between(seen, cut_at - 2, back_at))
        await cable.cut()

    asyncio.run(run())


@pytest.mark.service("prometheus")
def test_its_alerts_stand_beside_ours_with_their_condition(server: Prometheus) -> None:
    async def run() -> None:
        async with watching(_config(server.url, {})) as seen:
            await seen.until(lambda: any(alert.source == "main" for alert in seen.mirror.alerts))
            (watchdog,) = [alert for alert in seen.mirror.alerts if alert.source == "main"]
            assert (watchdog.name, watchdog.state, watchdog.expr) == ("Watchdog", AlertState.FIRING, "vector(1)")
            assert seen.health("main").blind == ""
            assert "2 alerting rules" in seen.health("main").notes

    asyncio.run(run())


@pytest.mark.service("prometheus")
def test_the_time_before_the_session_is_asked_of_the_server(server: Prometheus) -> None:
    async def run() -> None:
        panel = Panel(promql=("sum(up)",))
        config = msgspec.structs.replace(_config(server.url, {"t": panel}), window=60.0)
        async with watching(config) as seen:
            (selector,) = panel_selectors(config, panel)
            seen.watch("t", selector, span_s=60)
            await seen.until(lambda: seen.window("t").series[0].last)
            started = time.time()
            seen.watch("past", selector, span_s=600, cells=300)
            await seen.until(lambda: seen.window("past").series)
            window = seen.window("past")
            before = [
                value
                for cell, value in enumerate(window.series[0].mean)
                if window.start + cell * window.step_s < started - 2
            ]
            assert 2.0 in before
            assert before[0] is None  # the server did not exist then

    asyncio.run(run())


@pytest.mark.service("prometheus")
def test_a_wrong_expression_is_kept_out_and_the_others_go_on(server: Prometheus) -> None:
    panels = {"good": Panel(promql=("node_load1",)), "bad": Panel(promql=("rate(up)",)), "none": Panel(promql=("nix",))}

    async def run() -> None:
        async with watching(_config(server.url, panels)) as seen:
            seen.watch("good", *panel_selectors(seen.monitor.config, panels["good"]))
            await seen.until(lambda: len(seen.window("good").series) == 2)
            bad, none = (f"main/{query_name(text)}" for text in ("rate(up)", "nix"))
            await seen.until(lambda: seen.mirror.troubles.keys() == {bad, none})
            assert "expected type range vector" in seen.mirror.troubles[bad]
            assert "matches nothing" in seen.mirror.troubles[none]
            polls = seen.health("main").polls
            await seen.until(lambda: seen.health("main").polls > polls + 3)
            assert seen.health("main").failures == 0

    asyncio.run(run())
