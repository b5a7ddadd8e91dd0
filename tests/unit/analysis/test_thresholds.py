from __future__ import annotations

import math

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.thresholds import RESOLVED_SHOWN_S, Reading, step
from perftui.domain.alerts import Alert, AlertState, Severity, ThresholdRule
from perftui.domain.units import Unit

BUSY = "host/cpu_busy_ratio"
RULE = ThresholdRule(
    id="cpu", title="CPU is busy", selector=BUSY, unit=Unit.RATIO, above=True, warning=0.8, critical=0.95,
    warning_clear=0.7, critical_clear=0.9, for_s=10.0, summary="too busy",
)  # fmt: skip


class Engine:
    """Feeds one value a second."""

    def __init__(self, rule: ThresholdRule = RULE) -> None:
        self.rule = rule
        self.now = 1000.0
        self.alerts: dict[str, Alert] = {}

    def see(self, *values: float | None, series: str = BUSY) -> Alert | None:
        """None: no new sample in that second. Gives the alert of the last second."""
        for value in values:
            self.now += 1.0
            if value is not None:
                self._latest = {series: Reading(self.now, value, 1.0)}
            self.alerts = step([(self.rule, self._latest)], self.alerts, self.now)
        return next(iter(self.alerts.values()), None)

    _latest: dict[str, Reading] = {}  # noqa: RUF012 (replaced, never changed)


def test_a_value_must_stay_beyond_the_limit_before_it_fires() -> None:
    engine = Engine()
    first = engine.see(0.85)
    assert first is not None
    assert (first.state, first.severity, first.active_at) == (AlertState.PENDING, Severity.WARNING, 1001.0)
    assert engine.see(*[0.85] * 9).state is AlertState.PENDING  # type: ignore[union-attr]
    fired = engine.see(0.85)
    assert fired is not None
    assert (fired.state, fired.since, fired.active_at, fired.value) == (AlertState.FIRING, 1011.0, 1001.0, 0.85)


def test_a_pending_alert_goes_away_as_soon_as_the_value_is_back() -> None:
    engine = Engine()
    engine.see(0.85)
    assert engine.see(0.5) is None


def test_a_pending_alert_has_no_hysteresis() -> None:
    engine = Engine()
    engine.see(0.85)
    assert engine.see(0.75) is None


def test_an_interrupted_excess_starts_its_time_again() -> None:
    engine = Engine()
    alert = engine.see(*[0.85] * 9, 0.5, *[0.85] * 9)
    assert alert is not None
    assert alert.state is AlertState.PENDING


def test_firing_ends_only_beyond_the_clear_value() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11)
    held = engine.see(0.75)
    assert held is not None
    assert held.state is AlertState.FIRING
    resolved = engine.see(0.69)
    assert resolved is not None
    assert (resolved.state, resolved.since, resolved.value) == (AlertState.RESOLVED, engine.now, 0.69)


def test_a_warning_becomes_critical_and_a_warning_again_each_beyond_its_own_value() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11)
    worse = engine.see(0.96)
    assert worse is not None
    assert (worse.severity, worse.threshold, worse.since) == (Severity.CRITICAL, 0.95, engine.now)
    held = engine.see(0.92)
    assert held is not None
    assert held.severity is Severity.CRITICAL
    better = engine.see(0.89)
    assert better is not None
    assert (better.severity, better.state, better.threshold) == (Severity.WARNING, AlertState.FIRING, 0.8)


def test_a_resolved_alert_is_shown_for_five_minutes() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11, 0.1)
    assert engine.see(*[0.1] * int(RESOLVED_SHOWN_S)) is not None
    assert engine.see(0.1) is None


def test_a_resolved_alert_that_comes_back_is_pending_first() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11, 0.1)
    again = engine.see(0.9)
    assert again is not None
    assert (again.state, again.active_at) == (AlertState.PENDING, engine.now)


def test_silence_neither_resolves_nor_hides_and_says_so() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11)
    silent = engine.see(*[None] * 60)
    assert silent is not None
    assert (silent.state, silent.value) == (AlertState.FIRING, None)
    assert silent.summary == "no data since it was 85 %"
    back = engine.see(0.86)
    assert back is not None
    assert (back.summary, back.value, back.since) == ("too busy", 0.86, 1011.0)


def test_silence_after_a_good_value_fires_nothing() -> None:
    engine = Engine()
    assert engine.see(0.1, *[None] * 60) is None


def test_silence_does_not_make_a_pending_alert_fire() -> None:
    engine = Engine()
    silent = engine.see(0.85, *[None] * 60)
    assert silent is not None
    assert silent.state is AlertState.PENDING


def test_what_is_not_a_number_is_silence() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11)
    silent = engine.see(math.nan)
    assert silent is not None
    assert silent.state is AlertState.FIRING


def test_a_resolved_alert_says_its_own_summary_after_a_silence() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11, *[None] * 20)
    resolved = engine.see(0.2)
    assert resolved is not None
    assert (resolved.state, resolved.summary) == (AlertState.RESOLVED, "too busy")


def test_below_can_be_the_bad_side() -> None:
    rule = msgspec.structs.replace(
        RULE, above=False, warning=0.2, critical=0.1, warning_clear=0.3, critical_clear=0.15, for_s=0.0
    )
    engine = Engine(rule)
    low = engine.see(0.15)
    assert low is not None
    assert (low.state, low.severity) == (AlertState.FIRING, Severity.WARNING)
    assert engine.see(0.05).severity is Severity.CRITICAL  # type: ignore[union-attr]
    assert engine.see(0.25).state is AlertState.FIRING  # type: ignore[union-attr]
    assert engine.see(0.31).state is AlertState.RESOLVED  # type: ignore[union-attr]


def test_every_series_has_an_alert_of_its_own_with_its_labels() -> None:
    rule = msgspec.structs.replace(RULE, selector="host/filesystem_used_ratio", for_s=0.0)
    names = [f'host/filesystem_used_ratio{{mount="{mount}"}}' for mount in ("/", "/home", "/srv")]
    readings = {name: Reading(5.0, 0.9, 1.0) for name in names[:2]} | {names[2]: Reading(5.0, 0.1, 1.0)}
    alerts = step([(rule, readings)], {}, 5.0)
    assert [alert.labels for alert in alerts.values()] == [(("mount", "/"),), (("mount", "/home"),)]
    assert [alert.fingerprint for alert in alerts.values()] == list(alerts)


def test_the_alerts_of_a_rule_that_is_gone_resolve() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11)
    (alert,) = step([], engine.alerts, engine.now + 1).values()
    assert alert.state is AlertState.RESOLVED


def test_the_alert_of_a_series_that_the_rule_does_not_pick_any_more_resolves() -> None:
    engine = Engine()
    engine.see(*[0.85] * 11)
    rule = msgspec.structs.replace(RULE, selector="host/memory_used_ratio")
    (alert,) = step([(rule, {})], engine.alerts, engine.now + 1).values()
    assert alert.state is AlertState.RESOLVED


@settings(max_examples=60)
@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=60))
def test_the_same_values_give_the_same_alerts_and_only_ten_seconds_of_excess_fire(values: list[float | None]) -> None:
    one, other = Engine(), Engine()
    beyond = 0
    firing = False
    for value in values:
        one.see(value)
        other.see(value)
        assert one.alerts == other.alerts
        beyond = beyond if value is None else beyond + 1 if value > 0.8 else 0
        now_firing = any(alert.state is AlertState.FIRING for alert in one.alerts.values())
        if now_firing and not firing:
            assert beyond >= 2, "fires only after more than one sample beyond the limit"
        firing = now_firing
