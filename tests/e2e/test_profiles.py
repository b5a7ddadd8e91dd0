"""Ready panels against a real Prometheus: each expression is good, and those of what is there have values."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Panel
from perftui.profiles.load import detect, profiles, with_profiles
from perftui.sources.prometheus.steps import filled
from tests.prometheus_server import Prometheus, fetch, free_port, node_exporter

pytestmark = pytest.mark.service("prometheus")
FAMILY = "nobodys_http"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """One that scrapes two machines and itself, and has been asked a few things."""
    port = free_port()
    with node_exporter() as one, node_exporter() as two:
        targets = [f"127.0.0.1:{number}" for number in (one, two, port)]
        running = Prometheus(tmp_path_factory.mktemp("prometheus"), targets, port=port)
        try:
            running.start()
            running.wait_for("count(sum_over_time(up[10s]) >= 3) == 3")
            running.wait_for("sum(rate(prometheus_http_requests_total[4s])) > 0")
            yield running
        finally:
            running.kill()


def _panels(server: Prometheus) -> dict[str, Panel]:
    names = json.loads(fetch(f"{server.url}/api/v1/label/__name__/values"))["data"]
    config = with_profiles(DEFAULTS, {"main": detect(names)})
    return {name: panel for name, panel in config.panels.items() if panel.source}


@pytest.mark.parametrize("select", ["", 'job="node"', 'job=~"no.*", instance!="x"'])
def test_every_expression_of_what_is_found_has_values(server: Prometheus, select: str) -> None:
    panels = _panels(server)

    assert {"main_prometheus_http_latency", "main_prometheus_http_errors", "main_host_cpu"} <= panels.keys()
    assert {"main_server_targets", "main_process_cpu"} <= panels.keys()
    for name, panel in panels.items():
        if name in ("main_host_pressure", "main_host_disk", "main_host_busy"):
            continue  # not every machine that runs tests has pressure figures, or disks of its own
        for expr in panel.promql:
            assert server.query(filled(expr, 1.0, 1.0, select)), f"{name}: {expr}"


def test_every_shipped_expression_is_accepted_also_where_it_matches_nothing(server: Prometheus) -> None:
    for profile in profiles():
        for panel in profile.panels.values():
            for expr in panel.promql:
                text = filled(expr.replace("${family}", FAMILY), 1.0, 1.0, "")
                answer = json.loads(fetch(f"{server.url}/api/v1/query?{urllib.parse.urlencode({'query': text})}"))
                assert answer["status"] == "success"


def test_the_labels_that_legends_name_are_there(server: Prometheus) -> None:
    panels = _panels(server)

    for name in ("main_host_cpu", "main_host_network", "main_host_full", "main_server_targets", "main_process_memory"):
        panel = panels[name]
        for expr, legend in zip(panel.promql, panel.legend, strict=True):
            labels = [part.split("}")[0] for part in legend.split("{")[1:]]
            for series in server.query(filled(expr, 1.0, 1.0, "")):
                assert set(labels) <= series["metric"].keys(), f"{name}: {series['metric']}"


def test_what_two_machines_show_is_shown_of_both(server: Prometheus) -> None:
    panels = _panels(server)

    assert len(server.query(filled(panels["main_host_memory"].promql[0], 1.0, 1.0, ""))) == 2
    assert len(server.query(filled(panels["main_server_targets"].promql[0], 1.0, 1.0, ""))) == 3


def test_what_a_server_did_not_see_is_a_gap_in_every_chart_of_a_machine(tmp_path: Path) -> None:
    with node_exporter() as machine:
        running = Prometheus(tmp_path, [f"127.0.0.1:{machine}"])
        try:
            running.start()
            running.wait_for("count_over_time(up[10s]) >= 4")
            panels = _panels(running)
            running.kill()
            killed_at = time.time()
            time.sleep(6.5)  # the outage, longer than the windows of 4 s
            running.start()
            running.wait_for("count_over_time(up[3s]) >= 2")
            for name, panel in panels.items():
                for expr in panel.promql if "_server_" not in name else ():
                    asked = filled(expr, 1.0, 1.0, "")
                    assert running.query(asked, killed_at + 5.5) == [], name
            # without that, the server carries its last sample over the time when it was dead
            assert running.query("node_load1", killed_at + 5.5)
        finally:
            running.kill()


ERRORS_RULES = """
groups:
  - name: counters
    rules:
      - {record: shop_http_requests_total, labels: {status: "200"}, expr: "9 * time()"}
      - {record: shop_http_requests_total, labels: {status: "503"}, expr: "1 * time()"}
      - {record: calm_http_requests_total, labels: {code: "200"}, expr: "time()"}
      - {record: mute_http_requests_total, expr: "time()"}
"""


def test_errors_are_a_share_zero_where_there_are_none_and_nothing_where_nobody_tells(tmp_path: Path) -> None:
    """Counters made by rules: 9 good ones and a bad one a second; only good ones; no status at all."""
    running = Prometheus(tmp_path, [], ERRORS_RULES)
    try:
        running.start()
        running.wait_for("count(count_over_time(shop_http_requests_total[10s]) >= 4) == 2")
        running.wait_for("count_over_time(mute_http_requests_total[10s]) >= 4")
        names = ["shop_http_requests_total", "calm_http_requests_total", "mute_http_requests_total"]
        panels = with_profiles(DEFAULTS, {"main": detect(names)}).panels
        (shop, calm) = (
            running.query(filled(panels[f"main_{name}_http_errors"].promql[0], 1.0, 1.0, ""))[0]["value"][1]
            for name in ("shop", "calm")
        )
        mute = running.query(filled(panels["main_mute_http_errors"].promql[0], 1.0, 1.0, ""))
    finally:
        running.kill()

    assert float(shop) == pytest.approx(0.1, rel=1e-6)
    assert float(calm) == 0.0
    assert mute == []
