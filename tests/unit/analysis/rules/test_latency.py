from __future__ import annotations

from random import Random

import pytest

from perftui.analysis.metrics import p99
from perftui.analysis.quantiles import merged
from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import ServiceWindow, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from tests.unit.analysis.rules.worlds import histogram, service_signals, service_windows

JUDGE = {rule.id: rule.judge for rule in RULES}


def tail(signals: Signals) -> Verdict:
    return JUDGE["LAT1"](signals)[0]


def slowed(by_s: float, seed: int = 1) -> Found:
    verdict = tail(service_signals(service_windows(Random(seed), by_s)))
    assert isinstance(verdict, Found)
    assert verdict.gain is not None
    return verdict


@pytest.mark.parametrize("baseline", [None, service_windows(Random(77), 0.0, 1, 5000)[0]])
@pytest.mark.parametrize("slower_s", [0.06, 0.12, 0.3])
def test_what_mending_the_slow_class_gains_lies_in_the_predicted_interval(
    slower_s: float, baseline: ServiceWindow | None
) -> None:
    before = service_windows(Random(1), slower_s)
    verdict = tail(service_signals(before, baseline))
    assert isinstance(verdict, Found)
    assert "/report" in verdict.title
    assert verdict.gain is not None
    now, then = p99(before, 0, 100), p99(service_windows(Random(2), 0.0), 0, 100)
    assert now is not None
    assert then is not None
    assert verdict.gain.low <= 1 - then.value / now.value <= verdict.gain.high <= 3 * verdict.gain.low
    assert verdict.impact.mid == pytest.approx(-now.value * verdict.gain.mid)


def test_the_slower_the_class_the_larger_the_gain() -> None:
    gains = [found.gain.mid for found in map(slowed, (0.06, 0.12, 0.3)) if found.gain]
    assert gains == sorted(gains)
    assert len(set(gains)) == 3


def test_a_tail_of_all_classes_has_only_an_upper_bound() -> None:
    values = [0.004] * 980 + [0.4] * 20
    windows = [ServiceWindow(n, n + 1.0, {name: histogram(values) for name in ("/a", "/b")}, {}, {}) for n in range(20)]
    verdict = tail(service_signals(windows))
    assert isinstance(verdict, Found)
    assert verdict.impact.method.startswith("upper bound")
    assert verdict.confidence == pytest.approx(0.7)


def test_a_short_tail_is_quiet_and_a_missing_histogram_is_said() -> None:
    assert isinstance(tail(service_signals(service_windows(Random(1), 0.0))), Quiet)
    few = tail(service_signals(service_windows(Random(1), 0.3, windows=2)))
    assert few == Blind("shop", "needs 1000 requests: 400")
    nothing = [ServiceWindow(0.0, 1.0, {}, {}, {})]
    assert tail(service_signals(nothing)) == Blind("shop", "needs a latency histogram with requests")


def test_with_few_windows_the_interval_is_half_and_so_is_the_confidence() -> None:
    verdict = tail(service_signals(service_windows(Random(1), 0.3, windows=6)))
    assert isinstance(verdict, Found)
    assert verdict.gain is not None
    assert verdict.gain.low == pytest.approx(verdict.gain.mid / 2)
    assert verdict.confidence == 0.5


def test_a_breached_target_is_more_urgent() -> None:
    signals = service_signals(service_windows(Random(1), 0.3))
    strict = signals._replace(services=(signals.services[0]._replace(slo_s=0.001),))
    assert (slowed(0.3).urgency, tail(strict).urgency) == (1.0, 2.0)  # type: ignore[union-attr]


def test_what_was_before_the_tail_came_does_not_make_the_prediction_vague() -> None:
    well, slow = service_windows(Random(3), 0.0, 12), service_windows(Random(1), 0.3, 12)
    shifted = [window._replace(start=window.start + 12, end=window.end + 12) for window in slow]
    alone, after = tail(service_signals(shifted)), tail(service_signals([*well, *shifted]))
    assert isinstance(alone, Found)
    assert isinstance(after, Found)
    assert after.gain == alone.gain
    assert after.evidence[1] == alone.evidence[1]


def test_classes_that_are_not_told_apart_are_not_acquitted() -> None:
    signals = service_signals(service_windows(Random(1), 0.3))
    (shop,) = signals.services
    windows = [
        window._replace(latency={"": merged(window.latency.values())}, requests={}, errors={})
        for window in shop.windows
    ]
    for by, why in (("handler", "too many series to tell classes apart by handler"), ("", "are not told apart")):
        verdict = tail(signals._replace(services=(shop._replace(windows=windows, by=by),)))
        assert isinstance(verdict, Found)
        assert why in verdict.impact.method
