"""Burn rates against a table that was computed by hand, and what never may happen whatever is counted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.burn import Count, Judged, judge, pairs, windows
from perftui.domain.alerts import Severity

MONTH = 30 * 86400.0


def test_for_30_days_the_pairs_are_those_of_the_workbook() -> None:
    found = [(pair.short_s, pair.long_s, round(pair.factor, 9), pair.severity.value) for pair in pairs(MONTH, 15.0)]

    assert found == [
        (300, 3600, 14.4, "critical"),
        (1800, 21600, 6.0, "critical"),
        (7200, 86400, 3.0, "warning"),
        (21600, 259200, 1.0, "warning"),
    ]


def test_a_week_has_windows_as_much_shorter_and_the_same_factors() -> None:
    found = pairs(7 * 86400.0, 1.0)

    assert [(pair.short_s, pair.long_s) for pair in found] == [(70, 840), (420, 5040), (1680, 20160), (5040, 60480)]
    assert [pair.factor for pair in found] == pytest.approx([14.4, 6.0, 3.0, 1.0])


def test_a_test_run_has_two_pairs_cut_from_the_run() -> None:
    found = pairs(1800.0, 1.0)

    assert [(pair.short_s, pair.long_s) for pair in found] == [(30, 150), (150, 450)]
    assert [pair.factor for pair in found] == pytest.approx([2.4, 1.6])


def test_no_window_is_shorter_than_four_scrapes() -> None:
    assert min(pair.short_s for pair in pairs(600.0, 15.0)) == 60.0


def _judged(counts: dict[float, tuple[float, float]], target: float = 0.999, period: float = MONTH) -> Judged:
    return judge("api", "API", target, period, pairs(period, 15.0), {at: Count(*count) for at, count in counts.items()})


# target 99.9 %: a budget of 0.1 %; 1.44 % of errors burn it 14.4 times as fast as it may
BY_HAND = [
    # bad and all in 5 min, 1 h -> burn rate over 1 h, whether the pair fires
    ((15.0, 1000.0), (180.0, 12000.0), 15.0, "5m+1h"),
    ((14.4, 1000.0), (172.8, 12000.0), 14.4, ""),
    ((0.0, 1000.0), (180.0, 12000.0), 15.0, ""),
    ((500.0, 1000.0), (120.0, 12000.0), 10.0, ""),
    ((15.0, 15.0), (99.0, 99.0), 1000.0, ""),
]


@pytest.mark.parametrize(("short", "long", "rate", "fires"), BY_HAND)
def test_burn_rates_are_those_that_were_computed_by_hand(
    short: tuple[float, float], long: tuple[float, float], rate: float, fires: str
) -> None:
    judged = _judged({300.0: short, 3600.0: long})

    assert judged.row.burns[0].rate == pytest.approx(rate)
    assert judged.row.fires == fires


def test_the_worst_pair_that_fires_is_told_with_its_severity() -> None:
    judged = _judged({7200.0: (40, 10000), 86400.0: (400, 100000), 21600.0: (100, 30000), 259200.0: (900, 300000)})

    assert judged.pair is not None
    assert (judged.row.fires, judged.pair.severity, judged.rate) == ("2h+1d", Severity.WARNING, pytest.approx(4.0))


def test_what_is_left_of_the_budget_and_for_how_long() -> None:
    row = _judged({300.0: (2, 1000), 3600.0: (24, 12000), MONTH: (4000, 10_000_000)}).row

    assert row.sli == pytest.approx(0.9996)
    assert row.left == pytest.approx(0.6)
    # at 2 times the pace 60 % of 30 days last 9 days
    assert row.exhausted_in_s == pytest.approx(9 * 86400.0)


def test_a_budget_that_is_overdrawn_is_gone_now() -> None:
    row = _judged({3600.0: (1, 1000), MONTH: (5.53, 1000)}).row

    assert row.left == pytest.approx(-4.53)
    assert row.exhausted_in_s == 0.0


def test_few_events_are_not_judged_and_it_is_said() -> None:
    judged = _judged({300.0: (6, 12), 3600.0: (6, 12)})

    assert judged.pair is None
    assert judged.row.why == "low traffic: 12 of 100 events in 1h"


def test_windows_that_are_not_filled_are_not_known() -> None:
    row = _judged({300.0: (1, 1000)}).row

    assert [burn.rate for burn in row.burns] == [None] * 4
    assert row.left is None


def test_nothing_counted_and_no_events_are_told_apart() -> None:
    assert _judged({}).row.why == "nothing was counted yet"
    assert _judged({300.0: (0, 0), 3600.0: (0, 0)}).row.why == "no events: nothing to judge"


_COUNTS = st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)).map(lambda pair: (min(pair), max(pair)))


@given(
    st.floats(0.5, 0.99999),
    st.floats(60.0, 90 * 86400.0),
    st.floats(0.5, 60.0),
    st.data(),
)
def test_whatever_is_counted_the_figures_make_sense(
    target: float, period: float, scrape: float, data: st.DataObject
) -> None:
    of = pairs(period, scrape)
    counts = {window: Count(*data.draw(_COUNTS)) for window in windows(of, period) if data.draw(st.booleans())}
    judged = judge("x", "X", target, period, of, counts)

    for burn in judged.row.burns:
        assert burn.rate is None or 0 <= burn.rate <= 1 / (1 - target) * (1 + 1e-9)
    if judged.pair is not None:
        short, long = counts[judged.pair.short_s], counts[judged.pair.long_s]
        assert long.all >= 100
        assert short.bad / short.all / (1 - target) > judged.pair.factor
        assert long.bad / long.all / (1 - target) > judged.pair.factor
    assert judged.row.exhausted_in_s is None or judged.row.exhausted_in_s >= 0
    assert judged.row.left is None or (judged.row.left <= 1 and math.isfinite(judged.row.left))
