"""The Alerts screen on a real pipeline: silenced by keys alone on both members of a cluster, undone with one key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alert_services import Pipeline, pipeline
from tests.e2e.terminal import Terminal, console

pytestmark = [pytest.mark.service("prometheus"), pytest.mark.service("alertmanager")]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline(tmp_path_factory.mktemp("pipeline")) as running:
        yield running


@pytest.fixture
def opened(services: Pipeline, tmp_path: Path) -> Iterator[Terminal]:
    managers = "".join(
        f'[sources.alertmanager.{name}]\nurl = "{manager.url}"\nallow_silence = true\n'
        for name, manager in zip(("one", "two"), services.managers, strict=True)
    )
    path = tmp_path / "perftui.toml"
    path.write_text(
        f'screen = "alerts"\n[sources.host]\nenabled = false\n[sources.prometheus.prom]\n'
        f'url = "{services.prometheus.url}"\n{managers}'
    )
    with console(tmp_path, "--config", str(path)) as terminal:
        terminal.wait_for("Busy")
        yield terminal
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def _busy(terminal: Terminal, state: str) -> bool:
    """Whether all lines of these alerts in the list say so."""
    lines = [line for line in terminal.text.splitlines() if "Busy  " in line and "127.0.0.1" in line]
    return bool(lines) and all(state in line for line in lines)


def test_three_keys_and_a_comment_silence_on_both_members_and_one_key_takes_it_back(
    services: Pipeline, opened: Terminal
) -> None:
    opened.wait_for(lambda seen: _busy(seen, "firing"))
    opened.type("s")
    opened.wait_for("matches 2 firing, 1 of them others'")
    opened.type("deploy\r")
    opened.wait_for("enter again makes it")
    opened.type("\r")
    services.wait_for(lambda manager: manager.states()["Busy"] == {"suppressed"})
    opened.wait_for(lambda seen: _busy(seen, "suppressed"))
    opened.wait_for("2 suppressed")
    (silence,) = [one for one in services.managers[0].get("silences") if one["comment"] == "deploy"]
    assert all(matcher["name"] != "instance" for matcher in silence["matchers"])

    opened.type("u")
    services.wait_for(lambda manager: manager.states()["Busy"] == {"active"})
    opened.wait_for(lambda seen: _busy(seen, "firing"))


def test_the_graph_of_a_servers_alert_is_drawn_with_its_limit_and_the_watchdog_is_seen(opened: Terminal) -> None:
    opened.wait_for("watchdog ✓")
    opened.wait_for("limit > -1")
    opened.wait_for("> -1")
    opened.wait_for("activations 1 in 1 h")
    opened.type("a")
    opened.wait_for("you 0:0")
    opened.type("t")
    opened.wait_for("Timeline: what fired when")
    opened.wait_for("▆▆")
    opened.type("tt\x1bu")
    opened.wait_for(lambda seen: "you 0:" not in seen.text)
