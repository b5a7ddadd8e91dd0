"""The Metrics screen with a real Prometheus: found, typed, drawn, refused in place, cancelled, kept as a panel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.config.load import load
from tests.e2e.terminal import Terminal, console
from tests.prometheus_server import Prometheus, node_exporter, prometheus

_CONFIG = """
[sources.prometheus.main]
url = "{url}"
timeout = "10s"
profiles = false
"""
_ESC = "\x1b"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Prometheus]:
    with node_exporter() as port, prometheus(tmp_path / "prometheus", [f"127.0.0.1:{port}"]) as running:
        yield running


def _replace(terminal: Terminal, text: str) -> None:
    """Type it into the prompt instead of what stands there."""
    terminal.wait_for("main> ")
    # a key that is no character takes effect a moment later: what is typed at once behind it would go with it
    terminal.type("\x05\x15")
    terminal.wait_for(lambda seen: re.search(r"main> *$", seen.text, re.M))
    terminal.type(text)
    terminal.wait_for(f"main> {text}")


@pytest.mark.service("prometheus")
def test_a_metric_is_found_drawn_compared_and_kept(tmp_path: Path, server: Prometheus) -> None:
    home, panel = tmp_path / "home", tmp_path / "panel.toml"
    home.mkdir(exist_ok=True)
    (home / "perftui.toml").write_text(_CONFIG.format(url=server.url))
    with console(home, "--config", str(home / "perftui.toml")) as terminal:
        terminal.wait_for("LIVE")
        terminal.type("4")
        terminal.wait_for("go_gc_duration_seconds")
        terminal.type("/cpu seconds\r")  # all at once: no key may go past the prompt
        terminal.wait_for("filter cpu seconds ")
        terminal.wait_for("tab other source")  # the prompt is gone
        terminal.wait_for("▸ node_cpu_guest_seconds_total")
        terminal.type("j")
        terminal.wait_for("iowait")  # a value of its label
        terminal.type("\r")
        terminal.wait_for("main: rate(node_cpu_seconds_total[$win])")
        terminal.wait_for("series ╮")
        terminal.type("c")
        terminal.wait_for("mean ")
        terminal.type("B")
        terminal.wait_for("any key closes")
        terminal.wait_for("┤")
        terminal.type("z")
        terminal.wait_for("Metrics")
        terminal.type("p")
        terminal.wait_for("panel id node_cpu_seconds")
        terminal.type("\r")
        terminal.wait_for("add to file")
        terminal.type(f"{panel}\r")
        terminal.wait_for("is there")
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []
    config = (home / "perftui.toml").read_text() + panel.read_text()
    panel.write_text(config)
    loaded = load(panel, {})
    assert loaded.problems == ()
    assert loaded.config.panels["node_cpu_seconds"].promql == ("rate(node_cpu_seconds_total[$win])",)


@pytest.mark.service("prometheus")
def test_a_bad_expression_is_refused_in_place_and_a_hanging_one_is_cancelled(
    tmp_path: Path, server: Prometheus
) -> None:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "perftui.toml").write_text(_CONFIG.format(url=server.url))
    with console(home, "--config", str(home / "perftui.toml")) as terminal:
        terminal.wait_for("LIVE")
        terminal.type("4")
        terminal.wait_for("go_gc_duration_seconds")
        terminal.type("i")
        _replace(terminal, "sum(up))")
        terminal.type("\r")
        terminal.wait_for("parse error: unexpected right parenthesis")
        terminal.wait_for(_marked)
        server.freeze()
        _replace(terminal, "up")
        terminal.type("\r")
        terminal.wait_for("esc cancels")
        terminal.type(_ESC)
        terminal.wait_for("cancelled")
        assert "main> up" in terminal.text
        server.thaw()
        terminal.type("\r")
        terminal.wait_for("main: up")
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def _marked(terminal: Terminal) -> bool:
    """The mark stands below the parenthesis that is too much."""
    rows = terminal.text.split("\n")
    line = next((place for place, row in enumerate(rows) if "main> sum(up))" in row), None)
    return line is not None and rows[line + 1].find("^") == rows[line].index("sum(up))") + len("sum(up)")
