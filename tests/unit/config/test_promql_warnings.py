"""Expressions that look right and are wrong are told; those of people who know what they do are left in peace."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.config.promql import LONGEST
from perftui.config.promql_shape import Kind, shape
from perftui.config.promql_syntax import parser, syntax_warning
from perftui.config.promql_warnings import hopeless_window, warnings
from perftui.profiles.load import profiles


@pytest.mark.parametrize(
    "expr",
    [
        "rate(sum(http_requests_total)[5m:])",
        "rate(sum(http_requests_total))",
        'rate(sum by (job) (http_requests_total{a="b"})[$win:1s])',
        "rate((sum(http_requests_total) by (job))[5m:])",
        "irate(sum(http_requests_total)[5m:])",
        "increase(max(http_requests_total)[1h:])",
        "1 - rate(avg without (instance) (http_requests_total)[5m:]) / 2",
        "sum(RATE(SUM(http_requests_total)[5m:]))",
    ],
)
def test_a_rate_of_a_sum_jumps_when_a_counter_starts_again(expr: str) -> None:
    (found,) = [text for text in warnings(expr) if "starts again" in text]

    assert "of each counter first" in found


@pytest.mark.parametrize(
    "expr",
    [
        "avg(histogram_quantile(0.95, sum by (le, pod) (rate(latency_seconds_bucket[$win]))))",
        "sum by (job) (histogram_quantile(0.5, rate(latency_seconds_bucket[$win])))",
        'avg(rpc_duration_seconds{quantile="0.99"})',
        "avg by (quantile) (rpc_duration_seconds)",
        "avg(k6_http_req_duration_p95)",
        "avg(locust_requests_current_response_time_percentile_95)",
        "avg_over_time(k6_http_req_duration_p99[10m])",
        "avg(job:latency:p99)",
        "avg(latency_90th)",
    ],
)
def test_the_mean_of_percentiles_is_no_percentile(expr: str) -> None:
    assert any("no percentile" in text for text in warnings(expr)), warnings(expr)


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        ("http_requests_total", "rate(http_requests_total[$win])"),
        ("sum by (job) (http_requests_total)", "counts since its program began"),
        ('topk(5, {__name__="http_requests_total"})', "counts since its program began"),
        ("rate(node_filesystem_avail_ratio[5m])", "looks like a gauge"),
        ("rate(go_goroutines[5m])", "looks like a gauge"),
        ("increase(up[5m])", "looks like a gauge"),
        ("histogram_quantile(0.9, latency_seconds_bucket)", "of all time"),
        ("histogram_quantile(0.9, sum(rate(latency_seconds_bucket[$win])))", '"le"'),
        ("histogram_quantile(0.9, sum without (le) (rate(latency_seconds_bucket[$win])))", '"le"'),
        ("histogram_quantile(95, sum by (le) (rate(latency_seconds_bucket[$win])))", "from 0 to 1"),
        ("up[5m]", "one value at a time"),
        ("rate(http_requests_total[15s])", "too short"),
        ("delta(node_load1[30s])", "too short"),
    ],
)
def test_other_doubts_are_told_in_one_sentence(expr: str, words: str) -> None:
    (found,) = warnings(expr)

    assert words in found


@pytest.mark.parametrize(
    "expr",
    [
        "up",
        "1 + 1",
        "time()",
        "node_load1 / on (instance) group_left (job) count by (instance) (node_cpu_seconds_total)",
        "sum(rate(http_requests_total[$win]))",
        "sum(rate(http_requests_total[$__rate_interval])) by (job)",
        "sum without (pod) (increase(http_requests_total[1h])) # rate(sum(x))",
        'sum(rate(http_requests_total{path="rate(sum(x_total))"}[5m]))',
        "max_over_time(sum(rate(http_requests_total[$win]))[1h:1m])",
        "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[$win])))",
        "histogram_quantile(0.95, sum without (pod) (rate(latency_seconds_bucket[$win])))",
        "histogram_quantile(0.95, rate(latency_seconds_bucket[${win}]))",
        "rate(latency_seconds_sum[$win]) / rate(latency_seconds_count[$win])",
        "max(k6_http_req_duration_p95)",
        "max by (quantile) (rpc_duration_seconds)",
        "scalar(max(etcd_committed_total)) - etcd_applied_total",
        "count(http_requests_total)",
        "time() - timestamp(http_requests_total)",
        "changes(process_start_time_seconds[15m])",
        "resets(http_requests_total[5s])",
        "delta(node_memory_MemFree_bytes[5m])",
        "rate(node_network_receive_bytes[5m])",
        "rate(node_netstat_Tcp_RetransSegs[$win])",
        "job:http_requests:rate5m",
        "instance:node_cpu:avg_total",
        "sum(rate(x_total[5m] offset 1h)) by (a, b) or vector(0)",
        "rate(x_total{}[5m] @ 1700000000)",
    ],
)
def test_good_expressions_are_left_in_peace(expr: str) -> None:
    assert warnings(expr) == ()


def test_the_ready_panels_have_no_doubts() -> None:
    for profile in profiles():
        for name, panel in profile.panels.items():
            for expr in panel.promql:
                assert warnings(expr.replace("${family}", "shop_http"), 15.0) == (), name


@pytest.mark.parametrize(
    ("window", "scrape_s", "hopeless", "short"),
    [
        ("29s", 15.0, True, False),
        ("30s", 15.0, False, True),
        ("59s", 15.0, False, True),
        ("60s", 15.0, False, False),
        ("1m30s", 30.0, False, True),
        ("1500ms", 1.0, True, False),
        ("5s", 1.0, False, False),
        ("$win", 15.0, False, False),
        ("$__interval", 15.0, False, False),
    ],
)
def test_a_window_is_measured_by_the_time_between_samples(
    window: str, scrape_s: float, hopeless: bool, short: bool
) -> None:
    expr = f"sum(rate(http_requests_total[{window}]))"

    assert bool(hopeless_window(expr, scrape_s)) is hopeless
    found = warnings(expr, scrape_s)
    assert any("fewer than two samples" in text for text in found) is hopeless
    assert any("less than 4 times" in text for text in found) is short
    assert len(found) == hopeless + short


def test_each_doubt_is_told_once() -> None:
    assert len(warnings("rate(x_total[5s]) + rate(x_total[5s])")) == 1


def test_the_shape_holds_what_grouping_and_matching_say() -> None:
    (first, second) = (shape(text).parts[0] for text in ("sum without (a, b) (x)", "sum(x{a='b', c!~\"d,e\"}[5m])"))

    assert (first.labels, first.by, first.kind) == (("a", "b"), False, Kind.CALL)
    (selector,) = second.parts[0].parts
    assert (selector.name, selector.labels, selector.window) == ("x", ("a", "c"), "5m")


@given(st.text(alphabet=st.sampled_from("()[]{},:$abc_total=~\"'`#\n 05ms-+/"), max_size=120))
def test_whatever_is_written_is_looked_through_and_nothing_is_raised(expr: str) -> None:
    assert isinstance(warnings(expr), tuple)
    assert isinstance(hopeless_window(expr, 15.0), str)


@pytest.mark.parametrize("piece", ["(", "rate(", "{", "sum by (", "[", "a-", '"'])
def test_the_longest_expressions_are_looked_through_in_bounded_depth(piece: str) -> None:
    expr = piece * (LONGEST // len(piece))

    assert isinstance(warnings(expr), tuple)


def test_without_the_parser_nothing_is_said_of_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "promql_parser", None)
    parser.cache_clear()
    try:
        assert parser() is None
        assert syntax_warning("sum(", parser()) == ""
    finally:
        parser.cache_clear()


def test_placeholders_are_filled_before_the_parser_reads_an_expression() -> None:
    seen: list[str] = []

    assert syntax_warning("rate(x{$sel}[$win]) + y{a='b', ${sel}}", SimpleNamespace(parse=seen.append)) == ""
    assert seen == ['rate(x{__sel__=""}[5m]) + y{a=\'b\', __sel__=""}']


def test_the_parser_knows_syntax_and_types_and_agrees_with_the_ready_panels() -> None:
    pytest.importorskip("promql_parser", reason="promql-parser is missing: make test installs it")
    know = parser()

    assert "expected type matrix" in syntax_warning("rate(up)", know)
    assert "unclosed left parenthesis" in syntax_warning("sum(", know)
    for profile in profiles():
        for panel in profile.panels.values():
            for expr in panel.promql:
                assert syntax_warning(expr.replace("${family}", "http"), know) == ""
