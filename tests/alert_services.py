"""Real Alertmanagers in a cluster, and a real Prometheus whose rules fire for real and are sent to all of them."""

from __future__ import annotations

import contextlib
import datetime
import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.prometheus_server import Exporter, Prometheus, Running, fetch, free_port, prometheus, wait_until_it_answers
from tests.services import require

_PATIENCE_S = 60.0

# TargetDown inhibits what is a warning of the same instance; Idle and Busy fire for every exporter as long as it lives
RULES = """
groups:
  - name: pipeline
    rules:
      - {alert: Watchdog, expr: vector(1), labels: {severity: none}, annotations: {summary: "the pipeline is alive"}}
      - {alert: TargetDown, expr: up == 0, for: 1s, labels: {severity: critical, team: perf},
         annotations: {summary: "{{ $labels.instance }} is down", runbook_url: "https://runbooks.example/down"}}
      - {alert: NoFigures, expr: up == 0, labels: {severity: warning, team: perf},
         annotations: {summary: "no figures of {{ $labels.instance }}"}}
      - {alert: Busy, expr: "node_load1 > -1", labels: {severity: warning, team: perf},
         annotations: {summary: "{{ $labels.instance }} has a load of {{ $value }}"}}
      - {alert: Idle, expr: "node_load1 > -1", labels: {severity: info, team: other},
         annotations: {summary: "{{ $labels.instance }} is there"}}
"""
_ROUTES = """
route: {receiver: nobody, group_by: [alertname], group_wait: 100ms, group_interval: 1s, repeat_interval: 1h,
        routes: [{matchers: ['team="perf"'], receiver: perf}]}
receivers: [{name: nobody}, {name: perf}]
"""
_INHIBIT = """
inhibit_rules:
  - {source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [instance]}
"""


class Alertmanager(Running):
    """``peers`` are host:port of the cluster; without ``inhibit`` there is no inhibit rule."""

    def __init__(self, folder: Path, *, cluster_port: int = 0, peers: Sequence[str] = (), inhibit: bool = True) -> None:
        self.port = free_port()
        self.target = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.target}"
        self._folder, self._peers = folder, tuple(peers)
        self._listen = f"127.0.0.1:{cluster_port}" if cluster_port else ""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "alertmanager.yml").write_text(_ROUTES + (_INHIBIT if inhibit else ""))

    def start(self) -> None:
        command = [
            require("alertmanager"),
            f"--config.file={self._folder / 'alertmanager.yml'}",
            f"--storage.path={self._folder / 'data'}",
            f"--web.listen-address={self.target}",
            f"--cluster.listen-address={self._listen}",
            *(f"--cluster.peer={peer}" for peer in self._peers),
            "--cluster.gossip-interval=50ms",
            "--cluster.settle-timeout=1s",
            "--log.level=error",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_it_answers(f"{self.url}/-/ready", self._process)

    def get(self, endpoint: str) -> Any:
        """What its own API says: ``alerts``, ``silences``, ``status``."""
        return json.loads(fetch(f"{self.url}/api/v2/{endpoint}"))

    def post(self, endpoint: str, value: object) -> Any:
        request = urllib.request.Request(  # noqa: S310 (always http on loopback)
            f"{self.url}/api/v2/{endpoint}", json.dumps(value).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            body = answer.read()
        return json.loads(body) if body else None

    def states(self) -> dict[str, set[str]]:
        """The states of its alerts by their name, as its own API says."""
        found: dict[str, set[str]] = {}
        for alert in self.get("alerts"):
            found.setdefault(alert["labels"]["alertname"], set()).add(alert["status"]["state"])
        return found

    def peers(self) -> int:
        return len(self.get("status")["cluster"].get("peers", ()))


class Pipeline(NamedTuple):
    """Two clustered Alertmanagers, the Prometheus that sends to both, and two exporters that can be killed.

    Watchdog, two Busy and two Idle fire. While an exporter is dead, TargetDown fires and inhibits NoFigures.
    """

    managers: tuple[Alertmanager, Alertmanager]
    prometheus: Prometheus
    exporters: tuple[Exporter, Exporter]

    def wait_for(self, condition: Callable[[Alertmanager], object]) -> None:
        """Until it holds for both Alertmanagers."""
        for manager in self.managers:
            wait_until(lambda manager=manager: condition(manager))  # type: ignore[misc]


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


@contextlib.contextmanager
def alertmanager(folder: Path, *, inhibit: bool = True) -> Iterator[Alertmanager]:
    """One that is in no cluster."""
    manager = Alertmanager(folder, inhibit=inhibit)
    try:
        manager.start()
        yield manager
    finally:
        manager.kill()


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[Alertmanager, Alertmanager]]:
    """Two that know each other."""
    ports = free_port(), free_port()
    members = tuple(
        Alertmanager(folder / name, cluster_port=mine, peers=[f"127.0.0.1:{other}"])
        for name, mine, other in (("one", *ports), ("two", *reversed(ports)))
    )
    one, two = members
    try:
        one.start()
        two.start()
        wait_until(lambda: all(member.peers() == 2 for member in members))
        yield one, two
    finally:
        for member in members:
            member.kill()


@contextlib.contextmanager
def pipeline(folder: Path) -> Iterator[Pipeline]:
    """Everything runs, and both Alertmanagers have heard of all that fires."""
    exporters = Exporter(), Exporter()
    with contextlib.ExitStack() as stack:
        for exporter in exporters:
            stack.callback(exporter.kill)
            exporter.start()
        managers = stack.enter_context(cluster(folder / "managers"))
        targets = [exporter.target for exporter in exporters]
        places = [manager.target for manager in managers]
        server = stack.enter_context(prometheus(folder / "prometheus", targets, RULES, places))
        found = Pipeline(managers, server, exporters)
        found.wait_for(lambda manager: {"Watchdog", "Busy", "Idle"} <= manager.states().keys())
        yield found


def made_up(count: int, now: float, **labels: str) -> list[Mapping[str, object]]:
    """Alerts to be posted: of 20 names, 3 severities and 50 instances, each with labels of its own."""
    start = datetime.datetime.fromtimestamp(now - 600, datetime.timezone.utc).isoformat()
    end = datetime.datetime.fromtimestamp(now + 3600, datetime.timezone.utc).isoformat()
    return [
        {
            "labels": {
                "alertname": f"Generated{number % 20}",
                "severity": ("critical", "warning", "info")[number % 3],
                "instance": f"web-{number % 50}:9100",
                "pod": f"checkout-{number:05}",
                "team": "perf" if number % 4 else "other",
                **labels,
            },
            "annotations": {"summary": f"number {number} is beyond its limit", "description": "generated " * 12},
            "startsAt": start,
            "endsAt": end,
            "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up",
        }
        for number in range(count)
    ]
