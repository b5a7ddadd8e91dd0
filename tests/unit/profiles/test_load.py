"""Ready panels: which fit, what they are called, and that nothing of the user's is touched."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.meaning import check_meaning
from perftui.config.problems import Problems
from perftui.config.promql import check_expression
from perftui.config.queries import configured_queries
from perftui.config.schema import Config, HostSource, Layout, Panel, PrometheusSource, Sources
from perftui.domain.units import Unit
from perftui.profiles.load import MOST_FAMILIES, detect, profiles, with_profiles
from perftui.sources.scrape.plans import read
from perftui.view.layout import arrange

SERVER = ("latency(prometheus_http)", "http(prometheus_http)", "host", "server", "process")
EVERYTHING = ("latency(http)", "http", "host", "server", "process")


def _config(**changes: object) -> Config:
    sources = Sources(prometheus={"main": PrometheusSource(url="http://localhost:9090")})
    return msgspec.structs.replace(DEFAULTS, **{"sources": sources, **changes})


def test_every_shipped_profile_can_be_read_and_found() -> None:
    assert [profile.id for profile in profiles()] == ["latency", "http", "host", "server", "process"]
    for profile in profiles():
        assert profile.title
        assert profile.panels
        assert bool(profile.detect) is not bool(profile.family)


def test_every_panel_says_what_it_is_and_in_which_unit() -> None:
    for profile in profiles():
        for name, panel in profile.panels.items():
            assert panel.title, name
            assert panel.promql, name
            assert len(panel.legend) == len(panel.promql), name
            assert panel.unit is not Unit.NONE or name == "targets"
            assert not panel.source


def test_every_expression_takes_the_window_and_the_selection() -> None:
    for profile in profiles():
        for panel in profile.panels.values():
            for expr in panel.promql:
                check_expression(expr)
                assert "$sel" in expr
                assert ("[" in expr) is ("[$win]" in expr)


def test_scraped_sources_understand_every_expression() -> None:
    for profile in profiles():
        for panel in profile.panels.values():
            for expr in panel.promql:
                read(expr.replace("${family}", "shop_http"), 1.0)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], ()),
        (["up"], ("server",)),
        (["go_goroutines", "process_cpu_seconds_total"], ("process",)),
        (["http_requests_total"], ("http",)),
        (["http_request_duration_seconds_bucket", "http_requests_total"], ("latency(http)", "http")),
        (["http_requests_duration_seconds_bucket"], ("latency(http)",)),
        (["http_server_requests_seconds_bucket"], ("latency(http_server)",)),
        (["http_server_request_duration_seconds_bucket"], ("latency(http_server)",)),
        (["shop_http_requests_total"], ("http(shop_http)",)),
        (["http_request_duration_seconds_sum", "promhttp_metric_handler_requests_total", "http_requests"], ()),
        (["up", "node_cpu_seconds_total"], ("host", "server")),
    ],
)
def test_profiles_are_found_by_the_names_of_metrics(names: list[str], found: tuple[str, ...]) -> None:
    assert detect(names) == found


def test_services_come_before_what_watches_them_and_there_are_never_too_many() -> None:
    names = [f"{name}_http_requests_total" for name in ("prometheus", "alertmanager", "cart", "shop")]

    assert detect(names) == ("http(cart_http)", "http(shop_http)", "http(prometheus_http)")
    assert len(detect([f"x{number}_http_requests_total" for number in range(500)])) == MOST_FAMILIES


@given(st.lists(st.text(max_size=80) | st.from_regex(r"\A[a-zA-Z_:]{0,70}http_requests_total\Z"), max_size=20))
def test_whatever_a_server_calls_its_metrics_the_panels_have_good_names(names: list[str]) -> None:
    config = with_profiles(_config(), {"main": detect(names)})

    problems = Problems("", {})
    check_meaning(config, ("dark",), problems)
    assert problems.found == []


def test_panels_ask_their_source_and_name_what_they_are_about() -> None:
    config = with_profiles(_config(), {"main": SERVER})

    latency = config.panels["main_prometheus_http_latency"]
    assert (latency.source, latency.title) == ("main", "Latency  prometheus")
    assert all("rate(prometheus_http_request_duration_seconds_bucket{$sel}[$win])" in expr for expr in latency.promql)
    assert config.panels["main_host_cpu"].title == "CPU busy"
    asked = {query.expr for query in configured_queries(config, "main")}
    assert asked == {
        expr for name, panel in config.panels.items() if name not in DEFAULTS.panels for expr in panel.promql
    }


def test_with_two_sources_each_panel_says_whose_it_is() -> None:
    one = with_profiles(_config(), {"main": ("host",), "other": ()})
    two = with_profiles(_config(), {"main": ("host",), "other": ("host",)})

    assert one.panels["main_host_cpu"].title == "CPU busy"
    assert two.panels["main_host_cpu"].title == "CPU busy  main"
    assert two.panels["other_host_cpu"].title == "CPU busy  other"


def test_no_panel_of_one_source_takes_the_place_of_another_sources() -> None:
    sources = Sources(prometheus={name: PrometheusSource(url="http://localhost:1") for name in ("a", "a_b")})
    config = with_profiles(_config(sources=sources), {"a": ("http(b_http)",), "a_b": ("http",)})

    asked = {panel.source for panel in config.panels.values() if panel.promql}
    assert asked == {"a", "a_b"}
    assert len(config.panels) == len(DEFAULTS.panels) + 4


def test_the_counter_tells_requests_and_errors_where_there_is_one() -> None:
    histogram = with_profiles(_config(), {"main": ("latency(http)",)}).panels
    both = with_profiles(_config(), {"main": ("latency(http)", "http")}).panels

    assert "http_request_duration_seconds_count" in histogram["main_http_requests"].promql[0]
    assert both["main_http_requests"].promql == ("sum by (job) (rate(http_requests_total{$sel}[$win]))",)
    assert both["main_http_latency"] == histogram["main_http_latency"]


def test_a_panel_of_the_user_is_never_overridden() -> None:
    mine = Panel(title="Mine", source="main", promql=("up",))
    config = with_profiles(_config(panels={**DEFAULTS.panels, "main_host_cpu": mine}), {"main": ("host",)})

    assert config.panels["main_host_cpu"] is mine


def test_an_overview_that_the_user_arranged_stays_as_it_is() -> None:
    layouts = {**DEFAULTS.layouts, "overview": Layout(rows=(("cpu",),))}
    config = with_profiles(_config(layouts=layouts), {"main": EVERYTHING})

    assert config.layouts == layouts
    assert "main_host_cpu" in config.panels


def test_panels_of_the_default_overview_that_the_user_filled_stay_and_come_first() -> None:
    mine = Panel(title="Checkout", source="main", promql=("up",))
    config = with_profiles(_config(panels={**DEFAULTS.panels, "latency": mine}), {"main": EVERYTHING})

    overview = config.layouts["overview"]
    assert overview.rows[0][0] == "latency"
    assert overview.priority[0] == "latency"
    assert "throughput" not in {name for row in overview.rows for name in row}


@pytest.mark.parametrize("found", [{}, {"main": ()}, {"main": ("nothing", "http(", "latency(Bad)", "")}])
def test_nothing_found_changes_nothing(found: dict[str, tuple[str, ...]]) -> None:
    config = _config()

    assert with_profiles(config, found) is config


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((80, 23), ["main_http_latency", "main_http_errors", "alerts", "fixes"]),
        ((40, 10), ["main_http_latency", "alerts"]),
    ],
)
def test_on_a_small_terminal_the_most_important_panels_stay(size: tuple[int, int], kept: list[str]) -> None:
    layout = with_profiles(_config(), {"main": EVERYTHING}).layouts["overview"]

    assert list(arrange(layout.rows, layout.weights, layout.priority, *size)) == kept


def test_on_a_large_terminal_remote_panels_alerts_fixes_and_this_machine_are_all_there() -> None:
    layout = with_profiles(_config(), {"main": EVERYTHING}).layouts["overview"]
    shown = arrange(layout.rows, layout.weights, layout.priority, 200, 60)

    names = {name for row in layout.rows for name in row}
    assert set(shown) == names
    assert {"alerts", "fixes", "cpu", "memory", "main_process_files"} <= names
    assert shown["alerts"].y < shown["fixes"].y < shown["cpu"].y


def test_without_this_machine_as_a_source_none_of_its_panels_are_shown() -> None:
    sources = Sources(host=HostSource(enabled=False), prometheus={"main": PrometheusSource(url="http://localhost:1")})
    config = with_profiles(_config(sources=sources), {"main": ("server",)})

    (first, second) = config.layouts["overview"].rows
    assert first == ("main_server_targets", "main_server_scrapes", "main_server_samples", "alerts")
    assert second == ("fixes",)
