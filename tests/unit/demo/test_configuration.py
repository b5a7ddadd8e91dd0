"""The console's configuration for the demo is right by the same checks as everybody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.load import load
from perftui.config.schema import Config, PanelKind
from perftui.demo.configuration import configuration


def _loaded(folder: Path, events: str) -> Config:
    path = folder / "perftui.toml"
    ready = {"events": events, "service": "http://127.0.0.1:1234", "client": "http://127.0.0.1:4321", "pid": 1}
    path.write_text(configuration(ready), "utf-8")
    loaded = load(path, {})
    assert loaded.problems == ()
    return loaded.config


@pytest.mark.parametrize("events", ["/srv/e.jsonl", 'C:\\"é😀\x7f\x1b{service}/e.jsonl'])
def test_it_is_filled_in_and_has_no_problems(tmp_path: Path, events: str) -> None:
    config = _loaded(tmp_path, events)

    assert config.sources.workflow["demo"].path == events
    assert config.sources.scrape["service"].url == "http://127.0.0.1:1234"
    assert config.sources.scrape["client"].url == "http://127.0.0.1:4321"


def test_it_shows_the_workflow_the_service_the_host_and_what_to_do(tmp_path: Path) -> None:
    config = _loaded(tmp_path, "/srv/e.jsonl")

    placed = [panel for row in config.layouts["overview"].rows for panel in row]
    kinds = {config.panels[panel].kind for panel in placed}
    assert {PanelKind.WORKFLOW, PanelKind.AGENTS, PanelKind.ALERTS, PanelKind.FIXES, PanelKind.LINE} <= kinds
    assert config.rules.for_ == 5
    shop = config.services["shop"]
    assert (shop.source, shop.by, shop.slo_p95) == ("client", "handler", 0.2)
    ours = ("pool_saturated", "queue_wait", "checkout_slow", "requests_failing", "tasks_failing")
    assert {config.alerts[name].for_ for name in ours} == {5}
