"""The example configuration holds every key, and each has its default."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.example import example_text
from perftui.config.keymap import BINDINGS
from perftui.config.load import load
from perftui.config.load_settings import LoadLimits, LoadTarget
from perftui.config.schema import (
    AlertmanagerSource,
    AlertRule,
    Config,
    HostSource,
    Intervals,
    Layout,
    Panel,
    PanelKind,
    Plain,
    Pool,
    PrometheusSource,
    Rules,
    ScrapeSource,
    Service,
    Storage,
    WorkflowSource,
)
from perftui.config.toml_text import parse
from perftui.domain.units import Unit


def _example(tmp_path: Path) -> Path:
    path = tmp_path / "perftui.toml"
    path.write_text(example_text(), "utf-8")
    return path


def test_the_example_equals_the_defaults(tmp_path: Path) -> None:
    loaded = load(_example(tmp_path), {})

    assert loaded.problems == ()
    with_keys = msgspec.structs.replace(DEFAULTS, keys={binding.id: binding.keys for binding in BINDINGS})
    assert loaded.config == with_keys


def test_the_example_names_every_key_of_the_schema() -> None:
    text = example_text()

    for struct in (Config, Intervals, HostSource, Storage, Panel, Layout, AlertRule, Rules, Plain, LoadLimits):
        for field in msgspec.structs.fields(struct):
            name = field.encode_name
            assert re.search(rf"\n(# ?)?{name} = |\n#?\[{name}", text), f"{struct}: {name}"


def test_every_top_level_key_of_the_example_has_a_comment_above_it() -> None:
    lines = example_text().split("\n[panels.", maxsplit=1)[0].splitlines()

    for before, line in pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("#"), line


def _switched_on() -> str:
    """What is behind a # without a blank, as it is when somebody takes the # away."""
    return re.sub(r"(?m)^#(?! )", "", example_text())


def test_what_is_switched_off_loads_with_the_defaults_of_sources(tmp_path: Path) -> None:
    path = tmp_path / "perftui.toml"
    path.write_text(_switched_on(), "utf-8")
    loaded = load(path, {})

    assert loaded.problems == ()
    assert loaded.config.sources.prometheus == {"main": PrometheusSource(url="http://localhost:9090")}
    assert loaded.config.sources.scrape == {"app": ScrapeSource(url="http://localhost:8080/metrics")}
    assert loaded.config.sources.alertmanager == {"alerts": AlertmanagerSource(url="http://localhost:9093")}
    assert loaded.config.sources.workflow == {"nightly": WorkflowSource(path="events.jsonl")}
    assert loaded.config.load.targets == {"shop": LoadTarget(url="https://shop.example/")}
    assert set(loaded.config.pools) == {"runners"}
    assert loaded.config.services["checkout"].slo_p95 == 0.2
    assert loaded.config.panels["checkout"].source == "main"
    assert len(loaded.config.panels["checkout"].promql) == 2


def test_what_is_switched_off_names_every_key_of_its_source() -> None:
    table, problems = parse(_switched_on(), "example")

    assert problems.found == []
    for struct, given in (
        (PrometheusSource, table["sources"]["prometheus"]["main"]),
        (ScrapeSource, table["sources"]["scrape"]["app"]),
        (AlertmanagerSource, table["sources"]["alertmanager"]["alerts"]),
        (WorkflowSource, table["sources"]["workflow"]["nightly"]),
        (Pool, table["pools"]["runners"]),
        (Service, table["services"]["checkout"]),
        (LoadTarget, table["load"]["targets"]["shop"]),
    ):
        assert set(given) == {field.encode_name for field in msgspec.structs.fields(struct)}


def test_the_example_names_every_kind_and_every_unit() -> None:
    words = set(re.findall(r"[a-z0-9/]+", example_text()))

    assert {kind.value for kind in PanelKind} | {unit.value for unit in Unit} <= words


@pytest.mark.parametrize("page", ["alerts", "plain", "prometheus", "recommendations", "scrape", "workflow"])
def test_what_the_guide_shows_can_be_configured(page: str, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / f"docs/guide/{page}.md").read_text("utf-8")
    blocks = re.findall(r"```toml\n(.+?)```", text, re.S)

    assert blocks
    for block in blocks:
        path = tmp_path / "perftui.toml"
        path.write_text(block, "utf-8")
        assert load(path, {}).problems == ()
