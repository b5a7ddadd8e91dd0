"""What a load saw, as rules look at any service."""

from __future__ import annotations

from random import Random

import pytest

from perftui.analysis.metrics import all_latency
from perftui.analysis.quantiles import bucket_percentile, count
from perftui.domain.samples import Batch
from perftui.load.histogram import Histogram
from perftui.load.job import Threshold
from perftui.load.tally import Tally
from perftui.session.load.series import Second
from perftui.session.load.windows import LoadWindows, objective, on_grid
from tests.unit.load.runs import job
from tests.unit.session.load.test_state import tally


def second(at: float, what: Tally) -> Second:
    return Second(Batch("load", at, 0.0), what, 1.0, counted=True)


def test_windows_of_a_long_load_become_longer_and_lose_nothing() -> None:
    windows = LoadWindows()
    for at in range(1, 1001):
        windows.add(second(float(at), tally(10.0, 20.0, failed=1)))

    service = windows.service("x", None)

    assert 24 <= len(service.windows) <= 48
    assert count(all_latency(service.windows)) == 2000
    assert sum(window.requests["home"] for window in service.windows) == 3000
    assert sum(window.errors["home"] for window in service.windows) == 1000
    assert service.windows[0].start == 0.0
    assert [one.end for one in service.windows[:-1]] == [one.start for one in service.windows[1:]]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.95, 0.99])
def test_percentiles_on_the_grid_are_those_of_the_histogram_within_three_percent(part: float) -> None:
    random, histogram = Random(5), Histogram()
    for _ in range(20_000):
        histogram.record(int(random.lognormvariate(16, 1)))

    assert bucket_percentile(on_grid(histogram), part) == pytest.approx((histogram.quantile(part) or 0) / 1e9, rel=0.03)


def test_too_many_endpoints_are_told_as_one() -> None:
    windows = LoadWindows()
    many = Tally()
    for number in range(60):
        many.endpoints.update(tally(5.0, endpoint=f"/{number}").endpoints)
    windows.add(second(1.0, many))

    (window,) = windows.service("x", None).windows
    assert window.requests == {"": 60.0}
    assert count(window.latency[""]) == 60


def test_the_objective_is_the_strictest_p95_of_all_responses() -> None:
    texts = ("p(95)<300", "p(95)<=200", "p(99)<1", "http_req_duration{name:home}: p(95)<10", "rate<0.1", "p(95)>1")

    assert objective(job(1, thresholds=tuple(map(Threshold, texts)))) == 0.2
    assert objective(job(1)) is None
