"""What the demo's processes tell is what others read, and what happened."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from perftui.demo.exposition import BUCKETS, Requests, process_text


def _samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_handler_code_and_duration() -> None:
    requests = Requests("shop_requests_total", "shop_seconds", ("/a", "/b"), ("200",))
    for seconds in (0.0005, 0.2, 0.21, 99.0):
        requests.count("/a", "200", seconds)
    requests.count("/a", "error", None)

    samples = _samples(requests.text())

    assert samples["shop_requests_total", "/a", "200"] == 4
    assert samples["shop_requests_total", "/a", "error"] == 1
    assert samples["shop_requests_total", "/b", "200"] == 0
    # a bound belongs to its bucket
    assert [samples["shop_seconds_bucket", "/a", le] for le in ("0.001", "0.15", "0.2", "0.3", "5.0", "+Inf")] == [
        1, 1, 2, 3, 3, 4,
    ]  # fmt: skip
    assert samples["shop_seconds_count", "/a"] == 4
    assert samples["shop_seconds_sum", "/a"] == pytest.approx(99.4105)
    assert samples["shop_seconds_bucket", "/b", "+Inf"] == 0


def test_buckets_ascend() -> None:
    assert list(BUCKETS) == sorted(set(BUCKETS))
    assert len(BUCKETS) == 24


def test_a_process_tells_what_it_costs() -> None:
    samples = _samples(process_text())

    assert samples[("process_resident_memory_bytes",)] > 1_000_000
    assert samples[("process_cpu_seconds_total",)] > 0
