from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.quantiles import percentile
from perftui.analysis.rules.headroom import FULL_SAMPLES, MIN_SAMPLES, headroom
from perftui.domain.alerts import Alert, AlertState, Severity, ThresholdRule
from perftui.domain.findings import Finding
from perftui.domain.units import Unit

RULE = ThresholdRule(
    id="disk", title="Disk is full", selector="host/filesystem_used_ratio", unit=Unit.RATIO, above=True, warning=0.8,
    critical=0.9, warning_clear=0.7, critical_clear=0.85, for_s=0.0, advice="Free space", effort="low", hours=2.0,
    steps=("look", "delete"),
)  # fmt: skip
ALERT = Alert(
    "f1", "Disk is full", "disk", Severity.WARNING, AlertState.FIRING, 0.0, 0.0, "perftui",
    'host/filesystem_used_ratio{mount="/a,b=c"}', 0.9, 0.8, True, Unit.RATIO,
)  # fmt: skip
# 0.80, 0.81 ... 0.90
VALUES = [0.8 + step / 100 for step in range(11)]


def found(values: list[float], rule: ThresholdRule = RULE, alert: Alert = ALERT) -> Finding:
    finding = headroom(rule, alert, values, 60.0)
    assert finding is not None
    return finding


def test_the_impact_is_what_the_samples_lie_beyond_the_clear_value() -> None:
    impact = found(VALUES).impact
    assert (impact.low, impact.mid, impact.high) == pytest.approx((-0.11, -0.15, -0.19))
    assert (impact.method, impact.unit) == ("needed, not promised", Unit.RATIO)
    assert impact.metric == "filesystem used /a,b=c"


def test_a_metric_that_is_too_low_must_rise() -> None:
    rule = msgspec.structs.replace(RULE, above=False, warning=0.3, warning_clear=0.4)
    impact = found([0.2] * 20, rule).impact
    assert (impact.low, impact.mid, impact.high) == pytest.approx((0.2, 0.2, 0.2))


def test_too_few_samples_say_nothing() -> None:
    assert headroom(RULE, ALERT, VALUES[: MIN_SAMPLES - 1], 60.0) is None


def test_a_rule_without_advice_recommends_nothing() -> None:
    assert headroom(msgspec.structs.replace(RULE, advice=""), ALERT, VALUES, 60.0) is None


def test_other_data_give_other_numbers() -> None:
    base, more = found(VALUES), found([value + 0.05 for value in VALUES])
    assert more.impact.low == pytest.approx(base.impact.low - 0.05)
    assert more.score > base.score
    assert more.evidence[0].value == pytest.approx(base.evidence[0].value + 0.05)


def test_confidence_grows_with_the_samples_up_to_the_prior() -> None:
    assert found(VALUES).confidence == pytest.approx(0.8 * 11 / FULL_SAMPLES)
    assert found(VALUES * 20).confidence == pytest.approx(0.8)


def test_critical_is_twice_as_urgent_and_hours_divide_the_score() -> None:
    base = found(VALUES).score
    assert found(VALUES, alert=msgspec.structs.replace(ALERT, severity=Severity.CRITICAL)).score == pytest.approx(
        2 * base
    )
    assert found(VALUES, msgspec.structs.replace(RULE, hours=8.0)).score == pytest.approx(base / 4)
    # 100 x (0.11 / 0.85) x (0.8 x 11 / 60) x 1 / 2 h
    assert base == pytest.approx(100 * 0.11 / 0.85 * (0.8 * 11 / 60) / 2)


def test_evidence_names_the_series_the_number_of_samples_and_their_window() -> None:
    (evidence,) = found(VALUES).evidence
    assert (evidence.series, evidence.n, evidence.window_s) == (ALERT.series, 11, 60.0)
    assert evidence.value == pytest.approx(0.85)
    assert "11 samples" in evidence.text


def test_the_work_is_what_the_rule_says() -> None:
    finding = found(VALUES)
    assert (finding.title, finding.effort.value, finding.hours, finding.steps) == (
        "Free space", "low", 2.0, ("look", "delete"),
    )  # fmt: skip


@settings(max_examples=80)
@given(st.lists(st.floats(-1e6, 1e6), min_size=MIN_SAMPLES, max_size=50), st.booleans())
def test_no_data_make_a_negative_score_or_a_disordered_impact(values: list[float], above: bool) -> None:
    finding = found(values, msgspec.structs.replace(RULE, above=above))
    assert finding.score >= 0
    assert abs(finding.impact.low) <= abs(finding.impact.mid) <= abs(finding.impact.high)


def test_percentiles_lie_between_the_ranks() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert percentile([7.0], 0.9) == 7.0


@pytest.mark.parametrize(("value", "called"), [("0.95", "queue wait p95"), ("odd", "queue wait odd")])
def test_a_quantile_is_called_as_people_call_it(value: str, called: str) -> None:
    series = f'ci/queue_wait_seconds{{quantile="{value}"}}'

    assert found(VALUES, alert=msgspec.structs.replace(ALERT, series=series)).impact.metric == called
