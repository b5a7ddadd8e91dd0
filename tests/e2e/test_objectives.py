"""Burn rates beside a real Prometheus: the same as what it computes itself for the same windows."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import HostSource, Objective, PrometheusSource, Sources
from perftui.domain.alerts import AlertState, Severity
from perftui.domain.triage import SloRow
from tests.e2e.watching import watching
from tests.prometheus_server import Prometheus
from tests.services import require

ERRORS = 'sum(increase(x_total{code="500"}[$window]))'
EVENTS = "sum(increase(x_total[$window]))"
TARGET, PERIOD_S = 0.99, 1800.0
# 97 good and 3 bad events a second for the last 10 minutes, before that none was bad
_BEFORE_S, _AFTER_S, _BAD_FOR_S = 2400, 900, 600


def _history(now: int) -> str:
    """Counters of the time around now, as promtool makes blocks of them."""
    lines = ["# TYPE x counter"]
    for code, rate in (("200", 97), ("500", 3)):
        for at in range(now - _BEFORE_S, now + _AFTER_S):
            since = at - (now - _BEFORE_S) if code == "200" else max(0, at - (now - _BAD_FOR_S))
            lines.append(f'x_total{{code="{code}"}} {rate * since} {at}')
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "history").write_text(_history(int(time.time())))
    making = [str(Path(require("prometheus")).with_name("promtool")), "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run([*making, str(folder / "history"), str(folder / "data")], check=True, capture_output=True)
    running = Prometheus(folder, [])
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.mark.service("prometheus")
def test_burn_rates_equal_what_the_server_computes_for_the_same_windows(server: Prometheus) -> None:
    main = PrometheusSource(url=server.url, interval=1.0, scrape_interval=1.0, profiles=False, alerts=False)
    sources = Sources(host=HostSource(enabled=False), prometheus={"main": main})
    slo = Objective(bad=ERRORS, all=EVENTS, target=TARGET, title="API answers", period=PERIOD_S)
    config = msgspec.structs.replace(DEFAULTS, sources=sources, slo={"api": slo})

    async def judged() -> SloRow:
        async with watching(config) as session:
            session.watch_table("slos")
            await session.until(
                lambda: session.mirror.alerts and session.mirror.tables["slos"].rows["api"].left is not None
            )
            (alert,) = session.mirror.alerts
            assert (alert.name, alert.state, alert.severity) == ("API answers", AlertState.FIRING, Severity.CRITICAL)
            assert alert.value == pytest.approx(3.0, rel=0.01)
            row: SloRow = session.mirror.tables["slos"].rows["api"]
            return row

    row = asyncio.run(judged())

    theirs = [_burn(server, burn.window_s) for burn in row.burns]
    assert [burn.window_s for burn in row.burns] == [150.0, 450.0]
    assert [burn.rate for burn in row.burns] == pytest.approx(theirs, rel=0.01)
    assert theirs == pytest.approx([3.0, 3.0], rel=0.01)
    # ten minutes of 3 % in half an hour: the budget of 1 % is used up, to the last hundredth
    assert row.left == pytest.approx(1 - _burn(server, PERIOD_S), abs=0.01)
    assert row.fires == "30s+150s"


def _burn(server: Prometheus, window_s: float) -> float:
    texts = (text.replace("$window", f"{window_s:.0f}s") for text in (ERRORS, EVENTS))
    (answer,) = server.query(f"({next(texts)}) / ({next(texts)}) / (1 - {TARGET})")
    return float(answer["value"][1])
