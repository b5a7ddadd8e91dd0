"""URLs of the command line become sources with names that nobody has yet."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.overrides import Given, with_given
from perftui.config.schema import Config, PrometheusSource, ScrapeSource, Sources, WorkflowSource
from perftui.domain.errors import Exit, PerftuiError


def _names(config: Config) -> tuple[list[str], list[str]]:
    return list(config.sources.prometheus), list(config.sources.scrape)


def test_urls_are_named_in_their_order() -> None:
    config = with_given(DEFAULTS, Given(("http://a:9090", "https://b/prom"), ("http://c/metrics",)))

    assert _names(config) == (["prometheus", "prometheus2"], ["scrape"])
    assert config.sources.prometheus["prometheus2"].url == "https://b/prom"
    assert config.sources.scrape["scrape"].url == "http://c/metrics"


def test_names_that_are_taken_are_passed_over() -> None:
    sources = Sources(
        prometheus={"scrape": PrometheusSource(url="http://a"), "prometheus2": PrometheusSource(url="http://b")},
        scrape={"prometheus": ScrapeSource(url="http://c")},
    )
    config = with_given(msgspec.structs.replace(DEFAULTS, sources=sources), Given(("http://d",), ("http://e",)))

    assert _names(config) == (["scrape", "prometheus2", "prometheus3"], ["prometheus", "scrape2"])


def test_what_is_configured_already_is_not_watched_twice() -> None:
    config = with_given(DEFAULTS, Given(("http://a:9090", "http://a:9090", "a:9090"), ()))

    assert _names(config) == (["prometheus"], [])
    assert with_given(config, Given(("http://a:9090",), ())) == config


def test_no_urls_change_nothing() -> None:
    assert with_given(DEFAULTS, Given((), ())) == DEFAULTS


@pytest.mark.parametrize(
    ("prometheus", "scrape", "words"),
    [
        (["http://"], [], "--prometheus: 'http://' is not a URL"),
        ([], ["ftp://a/metrics"], "--scrape: 'ftp://a/metrics' is not a URL"),
        (["me:pw@a:x"], [], "--prometheus: this is not a URL"),
        (["http://me:pw@a"], [], "--prometheus: a URL holds no user and password"),
        (["http://a?x=1"], [], "--prometheus: the address of the server, without parameters"),
    ],
)
def test_a_wrong_url_is_one_clear_message(prometheus: list[str], scrape: list[str], words: str) -> None:
    with pytest.raises(PerftuiError, match="--") as raised:
        with_given(DEFAULTS, Given(tuple(prometheus), tuple(scrape)))

    assert str(raised.value).startswith(words)
    assert "pw" not in str(raised.value)
    assert raised.value.code is Exit.USAGE


def test_event_files_are_sources_by_their_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = with_given(DEFAULTS, Given(workflow=("events.jsonl", "logs", "./events.jsonl")))

    paths = {name: source.path for name, source in config.sources.workflow.items()}
    assert paths == {"workflow": str(tmp_path / "events.jsonl"), "workflow2": str(tmp_path / "logs")}


def test_a_file_that_is_configured_already_is_not_read_twice_whatever_its_path_is_written_like(tmp_path: Path) -> None:
    known = {"ci": WorkflowSource(path=os.path.relpath(tmp_path / "events.jsonl"))}
    config = msgspec.structs.replace(DEFAULTS, sources=Sources(workflow=known))

    assert with_given(config, Given(workflow=(str(tmp_path / "events.jsonl"),))) == config


def test_odd_paths_of_events_are_no_crash() -> None:
    config = with_given(DEFAULTS, Given(workflow=("~nobody-of-that-name/events.jsonl",)))

    assert config.sources.workflow["workflow"].path.endswith("~nobody-of-that-name/events.jsonl")
    with pytest.raises(PerftuiError, match="--workflow: the path"):
        with_given(DEFAULTS, Given(workflow=("",)))


def test_what_was_given_can_be_given_to_another_process() -> None:
    given = Given(("http://a",), ("http://b",), ("/logs/c",))

    assert given.arguments() == ["--prometheus=http://a", "--scrape=http://b", "--workflow=/logs/c"]
