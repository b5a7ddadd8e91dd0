"""Values of expressions where no Prometheus is at hand, and what is refused because it would not be true."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.sources.scrape.promql.arithmetic import ARITHMETIC, MATHS
from perftui.sources.scrape.promql.parse import parse
from perftui.sources.scrape.promql.quantile import bucket_quantile
from perftui.sources.scrape.promql.tree import ExpressionError
from perftui.sources.turns import finish
from tests.unit.sources.scrape.scraping import Scraped

_TEXT = """
requests_total{handler="/a",code="200"} 10
requests_total{handler="/a",code="500"} 2
requests_total{handler="/b",code="200"} 30
limit{handler="/a",zone="z1"} 100
limit{handler="/b",zone="z2"} 300
temperature{room="1"} 20.5
temperature{room="2"} NaN
"""


def _vector(expr: str) -> dict[str, float]:
    scraped = Scraped()
    scraped.scrape(1000.0, _TEXT)
    return scraped.vector(expr)


@pytest.mark.parametrize(
    ("expr", "values"),
    [
        ("sum by (handler) (requests_total)", {"handler=/a": 12, "handler=/b": 30}),
        ("sum without (code) (requests_total)", {"handler=/a": 12, "handler=/b": 30}),
        ("sum(requests_total) by (nothing)", {"": 42}),
        ("avg(requests_total)", {"": 14}),
        ("max(temperature)", {"": 20.5}),
        ("count(temperature)", {"": 2}),
        ("topk(1, requests_total)", {"__name__=requests_total,code=200,handler=/b": 30}),
        ("topk(0, requests_total)", {}),
        ("bottomk(5, temperature) > 0", {"__name__=temperature,room=1": 20.5}),
        ("sum by (handler) (requests_total) / on(handler) limit", {"handler=/a": 0.12, "handler=/b": 0.1}),
        ("sum by (handler) (requests_total) / ignoring(zone) limit", {"handler=/a": 0.12, "handler=/b": 0.1}),
        ("limit > 200", {"__name__=limit,handler=/b,zone=z2": 300}),
        ("limit > bool 200", {"handler=/a,zone=z1": 0, "handler=/b,zone=z2": 1}),
        ("nothing or vector(3)", {"": 3}),
        ("scalar(limit{handler='/a'}) * vector(2)", {"": 200}),
        ("requests_total * on(handler) group_left(zone) limit > 3000", {"code=200,handler=/b,zone=z2": 9000}),
    ],
)
def test_an_expression_has_its_value(expr: str, values: dict[str, float]) -> None:
    assert _vector(expr) == pytest.approx(values)


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("requests_total / limit", None),
        ("requests_total / on(handler) limit", "several series of the left side match one (handler=\"/a\")"),
        ("limit / on(handler) requests_total", 'several series of the right side match (handler="/a")'),
        ("limit * on(handler) group_right requests_total", None),
        ("requests_total * on(handler) group_right limit", "several series of the left side match"),
        ("abs({__name__=~'limit|size',handler='/a'})", None),
        ("-label_replace(limit, 'handler', '', 'handler', '.*') + 0", None),
        ("label_replace(label_replace(limit, 'zone', '', 'zone', '.*'), 'handler', 'x', '', '')", "the same labels"),
    ],
)  # fmt: skip
def test_what_would_be_two_values_for_one_series_is_refused(expr: str, reason: str | None) -> None:
    if reason is None:
        _vector(expr)
        return
    with pytest.raises(ExpressionError) as caught:
        _vector(expr)

    assert reason in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(0, 20), min_size=1, max_size=200),
    st.floats(0.001, 1),
    st.lists(st.floats(0.01, 15), min_size=1, max_size=12, unique=True),
)
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seen: list[float], quantile: float, bounds: list[float]) -> None:
    bounds = [*sorted(bounds), math.inf]
    buckets = [(bound, float(sum(1 for value in seen if value <= bound))) for bound in bounds]

    estimate = bucket_quantile(quantile, buckets)

    true = sorted(seen)[max(0, math.ceil(quantile * len(seen)) - 1)]
    assert estimate.low <= true <= estimate.high
    if math.isinf(estimate.high):
        assert estimate.value == estimate.low == bounds[-2]
    else:
        assert estimate.low <= estimate.value <= estimate.high


@pytest.mark.parametrize(
    ("buckets", "reason"),
    [
        ([], "none"), ([(math.inf, 5.0)], "one"), ([(1.0, 3.0), (2.0, 5.0)], "no +Inf"),
        ([(1.0, 0.0), (math.inf, 0.0)], "no observations"), ([(1.0, math.nan), (math.inf, math.nan)], "no numbers"),
    ],
)  # fmt: skip
def test_a_quantile_of_nothing_is_no_number(buckets: list[tuple[float, float]], reason: str) -> None:
    assert math.isnan(bucket_quantile(0.5, buckets).value), reason


def test_a_quantile_at_the_end_of_its_bucket_is_not_beyond_it_by_a_last_digit() -> None:
    bounds = (1.6967059102655884, 6.323997432785988)

    assert bucket_quantile(0.5, [(bounds[0], 0.0), (bounds[1], 1.0), (math.inf, 2.0)]).value == bounds[1]


def test_counts_that_fall_from_bucket_to_bucket_are_lifted() -> None:
    torn = [(1.0, 10.0), (2.0, 8.0), (4.0, 20.0), (math.inf, 20.0)]

    assert bucket_quantile(0.5, torn).value == 1.0
    assert bucket_quantile(0.75, torn) == (3.0, 2.0, 4.0)


def test_the_bucket_of_each_quantile_is_known_after_an_evaluation() -> None:
    scraped = Scraped()
    scraped.scrape(1000.0, 'x_bucket{le="1"} 2\nx_bucket{le="2"} 10\nx_bucket{le="+Inf"} 20\n')
    middle, high = parse("histogram_quantile(0.3, x_bucket)", 1.0), parse("histogram_quantile(0.99, x_bucket)", 1.0)

    finish(scraped.evaluator.value(middle))
    finish(scraped.evaluator.value(high))

    assert scraped.evaluator.brackets[middle][()] == (1.5, 1.0, 2.0)
    assert scraped.evaluator.brackets[high][()] == (2.0, 2.0, math.inf)
    scraped.evaluator.keep([high])
    assert list(scraped.evaluator.brackets) == [high]


_FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=500)
@given(_FLOATS, _FLOATS)
def test_arithmetic_never_raises(left: float, right: float) -> None:
    for compute in ARITHMETIC.values():
        assert isinstance(compute(left, right), float)
    for one in MATHS.values():
        assert isinstance(one(left), float)


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("1 / 0", math.inf), ("-1 / 0", -math.inf), ("0 / 0", math.nan), ("5 % 0", math.nan), ("-5 % 3", -2),
        ("0 ^ -1", math.inf), ("-8 ^ 0.5", -(8**0.5)), ("(0 - 8) ^ 0.5", math.nan), ("10 ^ 400", math.inf),
        ("1 == bool 1", 1), ("NaN == bool NaN", 0), ("2 > bool 3", 0),
    ],
)  # fmt: skip
def test_numbers_are_those_of_prometheus(expr: str, value: float) -> None:
    assert Scraped().value(expr) == pytest.approx(value, nan_ok=True)
