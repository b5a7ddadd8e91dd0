"""What a person sees of a real Prometheus: panels at once, its end named where they look, and its return."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, console
from tests.prometheus_server import Prometheus, node_exporter, prometheus

_CONFIG = """
[sources.host]
enabled = {host}

[sources.prometheus.main]
url = "{url}"
timeout = "2s"
profiles = false

[panels.clock]
title = "Server clock"
promql = ["time()"]

[panels.wrong]
title = "Wrong"
promql = ["rate(time())"]

[layouts.overview]
rows = [["clock", "cpu"], ["wrong", "alerts"]]
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Prometheus]:
    with prometheus(tmp_path / "prometheus", []) as running:
        yield running


@pytest.mark.service("prometheus")
def test_without_configuration_a_server_brings_its_panels(tmp_path: Path) -> None:
    with node_exporter() as port, prometheus(tmp_path / "prometheus", [f"127.0.0.1:{port}"]) as server:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        with console(home, "--prometheus", server.url) as terminal:
            terminal.wait_for("CPU busy")
            terminal.wait_for("Memory used")
            terminal.type("0")
            terminal.wait_for("prometheus")
            terminal.type("q")
            assert terminal.wait_for_exit() == 0


@pytest.mark.service("prometheus")
def test_a_server_that_dies_is_named_on_the_screen_in_time_and_comes_back_by_itself(
    tmp_path: Path, server: Prometheus
) -> None:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "perftui.toml").write_text(_CONFIG.format(url=server.url, host="true"))
    with console(home, "--config", str(home / "perftui.toml")) as terminal:
        terminal.wait_for("expected type range vector")  # said in the panel of the wrong expression
        terminal.wait_for("busy")  # the host beside it
        server.kill()
        killed_at = time.monotonic()
        terminal.wait_for(lambda seen: _named(seen) and "its alerts are not known" in seen.text)
        # one interval until the next poll, and the bound of the timeout and half a second
        assert time.monotonic() - killed_at < 1.0 + 2.0 + 0.5
        server.start()
        terminal.wait_for(lambda seen: not _named(seen) and "not known" not in seen.text)
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


@pytest.mark.service("prometheus")
def test_secrets_are_nowhere_to_be_seen(tmp_path: Path, server: Prometheus) -> None:
    """Not on any screen, in the journal or in the logs, also when the server refuses them or is gone."""
    home, secret = tmp_path / "home", "tr0ub4dor-and-3"
    home.mkdir(exist_ok=True)
    (home / "token").write_text(secret)
    (home / "token").chmod(0o600)
    config = _CONFIG.format(url=server.url, host="false").replace(
        'timeout = "2s"', f'timeout = "2s"\ntoken = "file:{home / "token"}"'
    )
    (home / "perftui.toml").write_text(config)
    with console(home, "--config", str(home / "perftui.toml")) as terminal:
        terminal.wait_for("expected type range vector")
        server.kill()
        terminal.wait_for(_named)
        _look(terminal)
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert secret not in terminal.output
    kept = [path for path in home.rglob("*") if path.is_file() and path.name != "token"]
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []


def _named(terminal: Terminal) -> bool:
    return re.search(r"connection (was reset|ended|refused)", terminal.text) is not None


def _look(terminal: Terminal) -> None:
    for key in ("0", "j", "j", "1", "?", "\x1b"):
        terminal.type(key)
        terminal.settle(0.3)
