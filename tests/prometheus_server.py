"""A real Prometheus and real node_exporters on free loopback ports, started, killed and started again by tests."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.services import require

_PATIENCE_S = 90.0


def free_port() -> int:
    """One that nobody uses, and that the kernel gives to no outgoing connection before it is used."""
    while True:
        port = random.randrange(20_000, 32_768)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (always http on loopback)
        return bytes(answer.read())


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until the URL gives 200; fails when the process ended or it takes half a minute."""
    end = time.monotonic() + _PATIENCE_S
    while not _answers(url):
        assert process.poll() is None, f"{url}: the service ended with {process.returncode}"
        assert time.monotonic() < end, f"{url}: no answer in time"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        fetch(url)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


@contextlib.contextmanager
def node_exporter() -> Iterator[int]:
    """A node_exporter; its port."""
    exporter = Exporter()
    try:
        exporter.start()
        yield exporter.port
    finally:
        exporter.kill()


class Running:
    """A service that a test ends or freezes; whoever starts it sets ``_process``."""

    _process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """As a crash does it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """It accepts connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Exporter(Running):
    """A node_exporter that can be killed and started again on its port."""

    def __init__(self) -> None:
        self.port = free_port()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [require("node_exporter"), f"--web.listen-address={self.target}", "--log.level=error"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_it_answers(f"http://{self.target}/metrics", self._process)


class Prometheus(Running):
    """``targets`` are host:port to scrape every second, under the job ``node``; ``rules`` is a rule file's text.

    Its alerts go to ``managers``, host:port of Alertmanagers.
    """

    def __init__(
        self,
        folder: Path,
        targets: Sequence[str],
        rules: str = "",
        port: int | None = None,
        managers: Sequence[str] = (),
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rules.yml").write_text(rules or "groups: []\n")
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
            "rule_files: [rules.yml]\n"
            f"scrape_configs: [{{job_name: node, static_configs: [{{targets: [{_listed(targets)}]}}]}}]\n"
            f"alerting: {{alertmanagers: [{{static_configs: [{{targets: [{_listed(managers)}]}}]}}]}}\n"
        )

    def start(self) -> None:
        command = [
            require("prometheus"),
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--enable-feature=exemplar-storage",
            "--rules.alert.resend-delay=5s",
            "--log.level=error",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_it_answers(f"{self.url}/-/ready", self._process)

    def query(self, expr: str, at: float | None = None) -> list[dict[str, Any]]:
        """The result of the server's own API, now or at a time."""
        params = {"query": expr, **({} if at is None else {"time": f"{at:.3f}"})}
        answer = json.loads(fetch(f"{self.url}/api/v1/query?{urllib.parse.urlencode(params)}"))
        return list(answer["data"]["result"])

    def wait_for(self, expr: str) -> None:
        """Until an expression gives something."""
        end = time.monotonic() + _PATIENCE_S
        while not self.query(expr):
            assert time.monotonic() < end, f"{expr} never gave anything"
            time.sleep(0.1)


def _listed(places: Sequence[str]) -> str:
    return ", ".join(f'"{place}"' for place in places)


@contextlib.contextmanager
def prometheus(
    folder: Path, targets: Sequence[str], rules: str = "", managers: Sequence[str] = ()
) -> Iterator[Prometheus]:
    """A running server that has scraped every target twice."""
    server = Prometheus(folder, targets, rules, managers=managers)
    server.start()
    try:
        if targets:
            server.wait_for(f"count(sum_over_time(up[10s]) >= 2) == {len(targets)}")
        yield server
    finally:
        server.kill()
