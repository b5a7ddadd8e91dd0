"""The history that windows are cut from: resets, gaps, series that come and go; it stays bounded and never lies."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.sources.scrape.promql.tree import ExpressionError
from perftui.sources.scrape.rings import Ring
from perftui.sources.turns import finish
from tests.unit.sources.scrape.scraping import OPENMETRICS, Scraped, read


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 1.5), st.one_of(st.floats(0, 1e6), st.just(0.0))), min_size=2, max_size=300),
    st.floats(2, 60),
)
def test_a_counter_climbs_by_what_it_rose_and_by_all_of_it_after_a_reset(
    steps: list[tuple[float, float]], keep_s: float
) -> None:
    ring, at = Ring(keep_s), 1000.0
    kept: list[tuple[float, float]] = []
    for seconds, value in steps:
        at += seconds
        ring.add(at, value)
        kept.append((at, value))
        first = ring.since(at - keep_s)
        window = [number for moment, number in kept if moment > at - keep_s]
        risen = sum(b - a if b >= a else b for a, b in pairwise(window))
        assert list(ring.values[first:]) == window
        assert math.isclose(ring.climb(first), risen, rel_tol=1e-9, abs_tol=1e-4)
    assert len(ring.times) <= max(64, 2 * keep_s / 0.5 + 64)


def test_a_sample_that_is_not_newer_is_none() -> None:
    ring = Ring(60)
    for at, value in ((1.0, 1.0), (1.0, 5.0), (0.5, 7.0), (2.0, 2.0)):
        ring.add(at, value)

    assert list(ring.values) == [1.0, 2.0]


def test_a_rate_begins_with_the_second_scrape_and_is_true_at_once() -> None:
    """A window of a minute, two seconds after the start: what was not watched is not counted as silence."""
    scraped = Scraped("rate(x_total[1m])")
    scraped.scrape(1000.0, "x_total 5000\n")
    assert scraped.vector("rate(x_total[1m])") == {}

    scraped.scrape(1001.0, "x_total 5010\n")
    assert scraped.vector("rate(x_total[1m])") == pytest.approx({"": 10.0})

    scraped.scrapes((f"x_total {5010 + 10 * n}\n" for n in range(1, 100)), start=1002.0)
    assert scraped.vector("rate(x_total[1m])") == pytest.approx({"": 10.0})


def test_a_rate_after_an_outage_is_of_what_was_watched_since() -> None:
    scraped = Scraped("rate(x_total[30s])", "increase(x_total[30s])")
    scraped.scrapes((f"x_total {10 * n}\n" for n in range(60)), start=1000.0)

    scraped.scrapes((f"x_total {5000 + 10 * n}\n" for n in range(3)), start=1200.0)

    assert scraped.vector("rate(x_total[30s])") == pytest.approx({"": 10.0})
    assert scraped.vector("increase(x_total[30s])") == pytest.approx({"": 20.0})


def test_a_missed_scrape_within_a_window_changes_no_rate() -> None:
    scraped = Scraped("rate(x_total[10s])")
    for second in range(40):
        if second % 7:
            scraped.scrape(1000.0 + second, f"x_total {10 * second}\n")
        if second > 12 and second % 7:
            assert scraped.vector("rate(x_total[10s])") == pytest.approx({"": 10.0}, rel=0.06)


def test_a_query_that_comes_later_is_not_told_a_rate_of_time_before_it() -> None:
    scraped = Scraped("rate(x_total[5s])")
    scraped.scrapes((f"x_total {10 * n}\n" for n in range(100)), start=1000.0)

    scraped.want("rate(x_total[5s])", "rate(x_total[1m])")
    scraped.scrapes((f"x_total {1000 + 10 * n}\n" for n in range(5)), start=1100.0)

    assert scraped.vector("rate(x_total[1m])") == pytest.approx({"": 10.0})
    assert scraped.vector("rate(x_total[5s])") == pytest.approx({"": 10.0})


def test_a_new_series_of_a_counter_is_not_extrapolated_below_zero() -> None:
    scraped = Scraped('increase(x_total{a="new"}[10s])')
    scraped.scrapes(['x_total{a="old"} 1\n'] * 20)
    scraped.scrapes((f'x_total{{a="old"}} 1\nx_total{{a="new"}} {n}\n' for n in range(4)), start=1020.0)

    assert scraped.vector('increase(x_total{a="new"}[10s])') == pytest.approx({"a=new": 3.0})


def test_a_series_that_is_gone_has_no_value_and_its_history_ends_with_the_window() -> None:
    scraped = Scraped("rate(x_total[10s])", "x_total")
    scraped.scrapes(f'x_total{{a="1"}} {10 * n}\n' for n in range(20))
    assert scraped.vector("x_total") == {"__name__=x_total,a=1": 190.0}

    scraped.scrapes(["y 1\n"] * 9, start=1020.0)
    assert scraped.vector("x_total") == {}
    assert scraped.samples.rings == 1
    scraped.scrapes(["y 1\n"] * 9, start=1029.0)

    assert scraped.vector("rate(x_total[10s])") == {}
    assert scraped.samples.rings == 0


def test_a_series_that_comes_back_goes_on_where_it_was() -> None:
    scraped = Scraped("count_over_time(x[10s])")
    scraped.scrapes(["x 1\n"] * 5 + ["y 1\n"] * 2 + ["x 1\n"] * 3)

    assert scraped.vector("count_over_time(x[10s])") == {"": 8.0}


def test_labels_that_change_for_ever_leave_the_history_bounded() -> None:
    scraped = Scraped("sum(rate(x_total[5s]))", "sum by (a) (x_total)")
    for number in range(300):
        lines = [f'x_total{{run="{number // 2}",n="{n}"}} {number}' for n in range(50)]
        scraped.scrape(1000.0 + number, "\n".join(lines) + "\n")
        scraped.vector("sum(rate(x_total[5s]))")
        scraped.vector("sum by (a) (x_total)")
        assert scraped.samples.rings <= 50 * 4

    remembered = [*scraped.evaluator._memos.values(), *scraped.evaluator._buckets.values()]
    assert remembered
    assert all(len(memo) <= 2 * 200 + 512 + 200 for memo in remembered)


def test_a_window_over_too_many_series_is_refused_and_the_others_go_on() -> None:
    scraped = Scraped("rate(small_total[5s])", "rate(big_total[5s])", max_rings=50)
    text = "small_total 1\n" + "".join(f'big_total{{n="{n}"}} 1\n' for n in range(100))
    scraped.scrapes([text] * 3)

    assert scraped.vector("rate(small_total[5s])") == {"": 0.0}
    with pytest.raises(ExpressionError, match="needs the last 5 s of 100 series, more than is kept"):
        scraped.value("rate(big_total[5s])")
    assert scraped.samples.rings == 1


def test_a_window_with_too_many_samples_is_refused() -> None:
    scraped = Scraped("rate(x_total[10m])", max_samples=100)
    scraped.scrapes(["x_total 1\n"] * 3)

    with pytest.raises(ExpressionError, match="more than is kept"):
        scraped.value("rate(x_total[10m])")


def test_what_no_query_needs_any_more_is_forgotten() -> None:
    scraped = Scraped("rate(x_total[5s])", "rate(y_total[5s])")
    scraped.scrapes(["x_total 1\ny_total 1\n"] * 3)
    assert scraped.samples.rings == 2

    scraped.want("rate(y_total[5s])")
    scraped.scrape(1003.0, "x_total 1\ny_total 1\n")

    assert scraped.samples.rings == 1
    assert scraped.vector("rate(y_total[5s])") == {"": 0.0}


def test_a_query_that_is_changed_while_a_scrape_is_taken_breaks_nothing() -> None:
    scraped = Scraped("rate(x_total[5s])")
    text = "".join(f'x_total{{n="{n}"}} 1\n' for n in range(2000))
    scraped.scrapes([text] * 2)
    work = scraped.samples.take(1002.0, read(text, parser=scraped.parser))
    next(work)
    scraped.want("rate(y_total[5s])", "rate(x_total[7s])")
    finish(work)
    scraped.scrapes([text] * 3, start=1003.0)

    assert len(scraped.vector("rate(x_total[7s])")) == 2000


def test_a_scrape_that_is_given_up_in_the_middle_breaks_nothing() -> None:
    scraped = Scraped("count_over_time(x[1m])")
    texts = ["".join(f'x{{n="{n}"}} 1\n' for n in range(start, start + 2000)) for start in (0, 1000, 2000, 3000, 4000)]
    for number, text in enumerate(texts):
        work = scraped.samples.take(1000.0 + number, read(text, parser=scraped.parser))
        for _ in range(number):
            next(work)
        work.close()
    scraped.scrape(1010.0, texts[0])

    counts = scraped.vector("count_over_time(x[1m])")
    assert {counts[f"n={n}"] for n in range(2000)} <= {1.0, 2.0}
    assert len(scraped.vector("x")) == 2000


def test_samples_that_bring_their_own_time_are_kept_at_that_time() -> None:
    """An endpoint that measures every 10 s and is scraped every second: the rate is that of its own clock."""
    scraped = Scraped("rate(x_total[1m])", "x_total")
    for second in range(90):
        told = 1000 + second // 10 * 10
        scraped.scrape(1000.5 + second, f"x_total {told * 3} {told * 1000}\n")

    assert scraped.vector("rate(x_total[1m])") == pytest.approx({"": 3.0}, rel=0.01)
    assert scraped.vector("timestamp(x_total)") == {"": 1080.0}


@pytest.mark.parametrize(("at", "found"), [(701, True), (699, False), (1059, True), (1061, False)])
def test_a_sample_that_is_too_old_or_from_the_future_is_none(at: int, found: bool) -> None:
    scraped = Scraped()
    scraped.scrape(1000.0, f"x 1 {at}\n# EOF\n", OPENMETRICS)

    assert bool(scraped.vector("x")) is found


def test_a_clock_ahead_of_ours_makes_no_sample_of_the_future() -> None:
    scraped = Scraped("rate(x_total[10s])")
    for second in range(30):
        scraped.scrape(1000.0 + second, f"x_total {10 * second} {(1030 + second) * 1000}\n")

    assert scraped.vector("rate(x_total[10s])") == pytest.approx({"": 10.0})


def test_history_begins_anew_when_the_clock_was_set() -> None:
    scraped = Scraped("rate(x_total[10s])")
    scraped.scrapes(f"x_total {10 * n}\n" for n in range(20))

    scraped.samples.forget()
    scraped.scrape(500.0, "x_total 200\n")
    assert scraped.vector("rate(x_total[10s])") == {}
    scraped.scrape(501.0, "x_total 210\n")

    assert scraped.vector("rate(x_total[10s])") == pytest.approx({"": 10.0})
