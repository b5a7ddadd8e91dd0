"""``perftui alerts`` on a real pipeline: listed, claimed, silenced on both members of a cluster, and taken back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alert_services import Pipeline, pipeline

pytestmark = [pytest.mark.service("prometheus"), pytest.mark.service("alertmanager")]
FIELDS = {
    "fingerprint", "name", "severity", "state", "since", "fired_at", "labels", "annotations", "value", "threshold",
    "expr", "sources", "acked_by", "acked_at", "snoozed_until", "silenced_by", "activations_1h", "runbook",
}  # fmt: skip


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline(tmp_path_factory.mktemp("pipeline")) as running:
        yield running


@pytest.fixture
def config(services: Pipeline, tmp_path: Path) -> Path:
    managers = "".join(
        f'[sources.alertmanager.{name}]\nurl = "{manager.url}"\nallow_silence = true\n'
        for name, manager in zip(("one", "two"), services.managers, strict=True)
    )
    path = tmp_path / "perftui.toml"
    path.write_text(
        f'[sources.host]\nenabled = false\n[sources.prometheus.prom]\nurl = "{services.prometheus.url}"\n{managers}'
    )
    return path


def _run(config: Path, deed: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "perftui", "alerts", deed, "--config", str(config), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def _json(config: Path, deed: str, *words: str) -> Any:
    done = _run(config, deed, "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _named(config: Path, name: str) -> list[dict[str, Any]]:
    return [alert for alert in _json(config, "list") if alert["name"] == name]


def test_the_list_has_every_alert_once_with_everything_that_is_known(config: Path) -> None:
    listed = _json(config, "list")

    assert len({alert["fingerprint"] for alert in listed}) == len(listed)
    assert all(alert.keys() >= FIELDS for alert in listed)
    busy = [alert for alert in listed if alert["name"] == "Busy"]
    assert len(busy) == 2
    assert all(alert["sources"] == ["prom", "one", "two"] for alert in busy)
    assert all(
        (alert["state"], alert["threshold"], alert["expr"]) == ("firing", -1.0, "node_load1 > -1") for alert in busy
    )
    assert all(alert["fired_at"].endswith("Z") and alert["activations_1h"] == 1 for alert in busy)


def test_the_list_is_filtered_by_matchers(config: Path) -> None:
    assert {one["name"] for one in _json(config, "list", "--filter", 'team="perf",severity=~"warn.*"')} == {"Busy"}
    wrong = _run(config, "list", "--filter", "team=~(")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


def test_a_claim_outlives_the_command_and_is_taken_back(config: Path) -> None:
    key = _named(config, "Idle")[0]["fingerprint"]
    _run(config, "ack", key, "--note", "mine")
    (claimed,) = (one for one in _named(config, "Idle") if one["fingerprint"] == key)
    assert claimed["acked_by"]
    assert claimed["acked_at"].endswith("Z")

    assert "ack of Idle" in _run(config, "undo").stdout
    assert {one["acked_by"] for one in _named(config, "Idle")} == {None}


def test_a_silence_is_seen_on_both_members_and_gone_on_both_when_it_is_taken_back(
    services: Pipeline, config: Path
) -> None:
    made = _json(config, "silence", "alertname=Busy", "--for", "10m", "--comment", "deploy", "--yes")
    assert len(made["ids"]) == 1
    services.wait_for(lambda manager: manager.states()["Busy"] == {"suppressed"})
    assert {one["state"] for one in _named(config, "Busy")} == {"suppressed"}
    assert [one["matched"] for one in _json(config, "silences") if one["comment"] == "deploy"] == [2, 2]

    done = _run(config, "undo")
    assert "taken back: silence at" in done.stdout, done.stderr
    services.wait_for(lambda manager: manager.states()["Busy"] == {"active"})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("silence", "alertname=~.+", "--for", "1h", "--comment", "x"), "hide every alert"),
        (("silence", "alertname=Busy", "--for", "never", "--comment", "x"), "--for"),
        (("silence", "alertname=Busy", "--for", "1h", "--comment", " "), "needs a comment"),
        (("show", "Nobody"), "no alert is called 'Nobody'"),
        (("expire", "one/none"), "no such silence"),
    ],
)
def test_what_can_not_be_done_is_told_in_one_sentence(config: Path, words: tuple[str, ...], said: str) -> None:
    done = _run(config, *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_who_may_not_silence_is_told_the_key(services: Pipeline, config: Path) -> None:
    config.write_text(config.read_text().replace("allow_silence = true\n", ""))
    done = _run(config, "silence", "alertname=Busy", "--for", "1h", "--comment", "x", "--yes")

    assert done.returncode == 2
    assert "set allow_silence = true in [sources.alertmanager." in done.stderr
    assert services.managers[0].states()["Busy"] == {"active"}
