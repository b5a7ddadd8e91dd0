"""Warnings of a check belong to the lines that they are about; a configuration that is well has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.doubts import add_doubts
from perftui.config.load import load
from perftui.config.problems import Problems
from perftui.config.toml_lines import key_lines

MAIN = '[sources.prometheus.main]\nurl = "http://localhost:9090"\n'


def _doubts(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")
    loaded = load(path, {})
    assert loaded.problems == ()
    found = Problems("p.toml", key_lines(text))
    add_doubts(loaded.config, environ or {}, found)
    return [str(doubt) for doubt in found.found]


def test_the_defaults_leave_no_doubts() -> None:
    found = Problems("", {})
    add_doubts(DEFAULTS, {}, found)

    assert found.found == []


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (
            '[sources.prometheus.main.queries]\ne = "up"\nf = "rate(sum(x_total)[5m:])"',
            "p.toml:5: sources.prometheus.main.queries.f: rate(sum(...))",
        ),
        ('[panels.cpu]\npromql = ["up", "avg(latency_p95)"]', "p.toml:4: panels.cpu.promql[1]: avg() of latency_p95"),
        ('[panels.cpu]\npromql = [\n"rate(x_total[15s])"]', "p.toml:5: panels.cpu.promql[0]: [15s] may be too short"),
        ('[panels.mine]\npromql = ["up"]', "p.toml:3: panels.mine: stands in no layout, so no screen shows it"),
        ('token = "env:NOPE"', "p.toml:3: sources.prometheus.main.token: secret env:NOPE: this variable is not set"),
        (
            'secret_headers = {X = "file:/nowhere/x"}',
            "p.toml:3: sources.prometheus.main.secret_headers.X: secret file:",
        ),
    ],
)
def test_each_doubt_has_its_line(tmp_path: Path, text: str, doubt: str) -> None:
    (found,) = _doubts(tmp_path, f"{MAIN}{text}\n")

    assert found.startswith(doubt)


def test_windows_are_measured_by_what_the_configuration_says_of_the_source(tmp_path: Path) -> None:
    panel = '[panels.cpu]\npromql = ["rate(x_total[20s])"]\n'
    scraped = '[sources.scrape.app]\nurl = "http://localhost/m"\n'

    assert _doubts(tmp_path, f'{MAIN}scrape_interval = "5s"\n{panel}') == []
    assert "less than 4 times 10 s" in _doubts(tmp_path, f'{MAIN}scrape_interval = "10s"\n{panel}')[0]
    assert _doubts(tmp_path, scraped + panel) == []
    assert "less than 4 times 6 s" in _doubts(tmp_path, f'{scraped}interval = "6s"\n{panel}')[0]


def test_a_secret_is_tried_and_never_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2")
    (tmp_path / "token").chmod(0o644)
    (found,) = _doubts(tmp_path, f'{MAIN}token = "file:{tmp_path / "token"}"\n')

    assert "chmod 600" in found
    assert "hunter2" not in found
    assert _doubts(tmp_path, f'{MAIN}token = "env:T"\n', {"T": "hunter2"}) == []
