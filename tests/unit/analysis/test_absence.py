"""What is not there breaks no threshold, and is told all the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.absence import absent
from perftui.analysis.thresholds import RESOLVED_SHOWN_S, Reading
from perftui.domain.alerts import AbsenceRule, Alert, AlertState, Severity

RULE = AbsenceRule("gone", "The app is gone", "app/up", Severity.CRITICAL, 10.0)
BEGAN = 1000.0


def _after(now: float, *readings: Reading, known: Alert | None = None) -> Alert | None:
    return absent(RULE, readings, known, BEGAN, now)


def test_what_was_never_measured_is_missing_since_perftui_looks() -> None:
    pending, firing = _after(1009.0), _after(1010.0)

    assert pending is not None
    assert (pending.state, pending.active_at) == (AlertState.PENDING, BEGAN)
    assert firing is not None
    assert (firing.state, firing.since, firing.severity) == (AlertState.FIRING, 1010.0, Severity.CRITICAL)


def test_what_was_measured_is_missing_since_its_last_sample() -> None:
    fresh, old = Reading(1100.0, 1.0, 1.0), Reading(1080.0, 1.0, 1.0)

    assert _after(1105.0, fresh, old) is None
    alert = _after(1106.0, fresh, old)
    assert alert is not None
    assert (alert.state, alert.active_at) == (AlertState.PENDING, 1100.0)


def test_it_goes_on_firing_until_something_is_measured_again_and_then_is_resolved() -> None:
    firing = _after(1020.0)
    assert _after(1500.0, known=firing) is firing
    over = _after(1501.0, Reading(1501.0, 1.0, 1.0), known=firing)

    assert over is not None
    assert (over.state, over.since) == (AlertState.RESOLVED, 1501.0)
    later = 1501.0 + RESOLVED_SHOWN_S
    assert _after(later, Reading(later, 1.0, 1.0), known=over) is over
    assert _after(later + 1, Reading(later + 1, 1.0, 1.0), known=over) is None


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_it_fires_just_when_nothing_was_measured_for_so_long(measured: list[bool]) -> None:
    known: Alert | None = None
    last = BEGAN
    readings: list[Reading] = []
    for second, there in enumerate(measured):
        now = BEGAN + second
        if there:
            last = now
            readings = [Reading(now, 1.0, 1.0)]
        known = absent(RULE, readings, known, BEGAN, now)
        missing = not readings or now - last > 5.0
        firing = known is not None and known.state is AlertState.FIRING
        assert firing is (missing and now - last >= RULE.for_s)
