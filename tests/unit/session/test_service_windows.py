"""Counters of services cut into windows: classes, buckets apart, resets, and more classes than are kept."""

from __future__ import annotations

import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Rules, ScrapeSource, Service, Sources
from perftui.config.services import service_queries
from perftui.domain.samples import Batch
from perftui.domain.series import series_id
from perftui.session.service_windows import cut, increases, services, services_within
from perftui.store.memory import MemoryStore

SERVICE = Service(latency="http_seconds", requests="http_total", errors='code=~"5.."', by="handler", slo_p95=0.2)


def _config(service: Service = SERVICE) -> Config:
    return msgspec.structs.replace(
        DEFAULTS,
        sources=Sources(scrape={"web": ScrapeSource(url="http://localhost")}),
        services={"shop": service},
        rules=Rules(window=12.0),
    )


def _fill(memory: MemoryStore, classes: int, seconds: int = 30) -> None:
    queries = service_queries(_config(), SERVICE)
    assert queries.classes is not None
    assert queries.latency is not None
    assert queries.requests is not None
    for second in range(seconds):
        values = {}
        for le, share in (("0.1", 8), ("1", 9), ("+Inf", 10)):
            values[series_id("web", queries.latency.name, {"le": le})] = float(second * share * classes)
            for place in range(classes):
                labels = {"le": le, "handler": f"h{place}"}
                values[series_id("web", queries.classes.name, labels)] = float(second * share)
        for place in range(classes):
            values[series_id("web", queries.requests.name, {"handler": f"h{place}"})] = float(second * 10)
        memory.add(Batch("web", 1000.0 + second, 0.0, values), 1.0)


def test_a_window_holds_what_was_counted_in_it_by_class_and_bucket() -> None:
    memory = MemoryStore(3600)
    _fill(memory, 2)

    (found,) = services(_config(), memory, 1029.5, (1002.5, 1012.5))

    assert len(found.windows) == 12
    assert found.windows[-1].latency == {
        "h0": ((0.1, 8.0), (1.0, 1.0), (math.inf, 1.0)),
        "h1": ((0.1, 8.0), (1.0, 1.0), (math.inf, 1.0)),
    }
    assert found.windows[-1].requests == {"h0": 10.0, "h1": 10.0}
    assert found.baseline is not None
    assert found.baseline.requests == {"h0": 100.0, "h1": 100.0}
    assert (found.name, found.by, found.slo_s) == ("shop", "handler", 0.2)


def test_of_more_classes_than_are_kept_only_the_sum_is_looked_at() -> None:
    memory = MemoryStore(3600)
    _fill(memory, 400)

    (found,) = services(_config(), memory, 1029.5, None)

    assert set(found.windows[-1].latency) == {""}
    assert dict(found.windows[-1].latency[""])[0.1] == 3200.0


def test_windows_without_a_sample_are_left_out() -> None:
    memory = MemoryStore(3600)
    _fill(memory, 1, seconds=5)

    (found,) = services(_config(), memory, 1012.0, None)

    assert 0 < len(found.windows) < 12
    assert services(_config(), MemoryStore(3600), 1012.0, None)[0].windows == ()


def test_a_counter_that_begins_anew_counts_from_zero() -> None:
    points = [(0.0, 10.0), (1.0, 14.0), (2.0, 3.0), (3.0, 5.0)]

    assert increases(points, [(0.5, 1.5), (1.5, 2.5), (2.5, 3.5)]) == [4.0, 3.0, 2.0]


@given(st.lists(st.integers(0, 50), min_size=2, max_size=60), st.integers(1, 8))
def test_the_increases_of_adjoining_spans_add_up_to_the_whole(steps: list[int], parts: int) -> None:
    total, points = 0.0, []
    for second, step in enumerate(steps):
        total += step
        points.append((float(second), total))
    length = len(steps) / parts
    spans = [(place * length, (place + 1) * length) for place in range(parts)]

    assert sum(increases(points, spans)) == sum(steps[1:])


def test_a_service_that_only_counts_requests_has_no_latency() -> None:
    service = Service(requests="http_total")
    queries = service_queries(_config(service), service)

    (window,) = cut(queries, "", MemoryStore(3600), [(0.0, 1.0)])

    assert (queries.latency, queries.classes, queries.errors) == (None, None, None)
    assert (window.latency, window.requests, window.errors) == ({}, {}, {})


def test_what_was_done_between_two_moments_is_a_single_window() -> None:
    memory = MemoryStore(3600)
    _fill(memory, 2)

    (found,) = services_within(_config(), memory, 1003.5, 1009.5)

    (window,) = found.windows
    assert (window.start, window.end) == (1003.5, 1009.5)
    assert window.requests == {"h0": 60.0, "h1": 60.0}
    assert services_within(_config(), memory, 1009.5, 1009.5) == ()
