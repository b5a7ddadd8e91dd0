"""Clocks, times and silences of an Alertmanager, and what is kept of too many."""

from __future__ import annotations

import asyncio
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.domain.alerts import Severity, severity_of
from perftui.domain.triage import SilenceState
from perftui.sources.alertmanager import source as module
from perftui.sources.alertmanager.alerts import read_alert
from perftui.sources.alertmanager.clock import Clock
from perftui.sources.alertmanager.silences import MOST_EXPIRED, kept, read_silence
from perftui.sources.alertmanager.source import AlertmanagerSource
from perftui.sources.rfc3339 import epoch_s, rfc3339
from tests.fakes import FakeClock
from tests.faults.alertmanager_api import AlertmanagerServer


@given(st.floats(0, 4e9), st.floats(-1000, 1000), st.floats(0, 30), st.floats(0, 1))
def test_a_clock_is_only_called_wrong_when_it_is_and_then_within_what_is_known(
    asked_at: float, ahead: float, took: float, share: float
) -> None:
    clock = Clock()

    clock.add(math.floor(asked_at + took * share + ahead), asked_at, asked_at + took)

    assert clock.ahead_s == 0.0 or abs(clock.ahead_s - ahead) <= (took + 1) / 2 + 1e-3
    if abs(ahead) > took + 4:
        assert clock.ahead_s != 0.0
        assert "s ahead of ours" in clock.words if ahead > 0 else "s behind ours" in clock.words
    elif abs(ahead) <= 2.0:
        assert clock.ahead_s == 0.0


def test_a_clock_that_is_wrong_stays_as_wrong_while_it_is_about_the_same() -> None:
    clock = Clock()

    told = set()
    for number in range(30):
        now = 1000.0 + number * 5.3
        clock.add(float(math.floor(now + 600.4)), now, now + 0.3)
        told.add(clock.ahead_s)

    assert len(told) == 1
    clock.add(None, 0.0, 0.0)
    assert {clock.ahead_s} == told


@given(st.floats(0, 4e9))
def test_a_time_that_was_written_is_read_again(epoch: float) -> None:
    assert epoch_s(rfc3339(epoch)) == pytest.approx(epoch, abs=0.0011)


@pytest.mark.parametrize("epoch", [-1e300, -1.0, 1e300, 1e12])
def test_times_that_no_calendar_has_are_cut(epoch: float) -> None:
    assert epoch_s(rfc3339(epoch)) in (0.0, 253_402_300_799.0)


@pytest.mark.parametrize(
    "text", [None, 7, "", "yesterday", "2026-11-21", "2026-11-21T10:00:00", "2026-13-21T10:00:00Z", "1" * 100]
)
def test_what_is_no_time_is_none(text: object) -> None:
    assert epoch_s(text) is None


def test_the_zero_time_of_go_and_zones_are_read() -> None:
    zero, there, utc = map(epoch_s, ("0001-01-01T00:00:00Z", "2026-11-21T12:00:00.5+02:00", "2026-11-21T10:00:00.500Z"))
    assert zero is not None
    assert zero < 0
    assert there == utc


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("critical", Severity.CRITICAL), ("PAGE", Severity.CRITICAL), ("error", Severity.CRITICAL),
        ("warning", Severity.WARNING), ("", Severity.WARNING), ("strange", Severity.WARNING),
        ("none", Severity.INFO), ("Info", Severity.INFO),
    ],
)  # fmt: skip
def test_words_for_severities(label: str, severity: Severity) -> None:
    assert severity_of(label) is severity


def _alert(**changed: object) -> bytes:
    told: dict[str, object] = {
        "labels": {"alertname": "A"},
        "status": {"state": "active"},
        "startsAt": "2026-11-21T10:00:00.123456789Z",
    }
    return json.dumps({**told, **changed}).encode()


def test_the_expression_is_taken_out_of_the_address_of_its_graph() -> None:
    for url, expr in (
        ("http://p:9090/graph?g0.expr=rate%28x%5B5m%5D%29+%3E+1&g0.tab=1", "rate(x[5m]) > 1"),
        ("http://[bad?g0.expr=up", ""),
        ("http://p:9090/graph?g0.expr=" + "x" * 10_000, ""),
        ("https://grafana.example/d/abc", ""),
    ):
        found = read_alert("am", _alert(generatorURL=url))
        assert found is not None
        assert found.alert.expr == expr


def test_labels_without_end_are_only_taken_with_a_fingerprint() -> None:
    labels = {"alertname": "A", "long": "x" * 300_000}

    found = read_alert("am", _alert(labels=labels, fingerprint="0123456789abcdef"))
    assert found is not None
    assert found.alert.fingerprint == "0123456789abcdef"
    assert read_alert("am", _alert(labels=labels, fingerprint="0123456789ABCDEFG")) is None


def test_all_silences_that_count_are_kept_and_the_last_ones_that_are_over() -> None:
    def silence(number: int, state: str) -> bytes:
        return json.dumps(
            {
                "id": f"{state}-{number}",
                "status": {"state": state},
                "matchers": [{"name": "a", "value": "b", "isRegex": False, "isEqual": True}],
                "startsAt": rfc3339(1000.0),
                "endsAt": rfc3339(2000.0 + number),
            }
        ).encode()

    told = [silence(number, "expired") for number in range(500)]
    told += [silence(2, "active"), silence(1, "pending"), silence(0, "active")]
    found = kept([one for text in told if (one := read_silence("am", text)) is not None])

    assert [one.id for one in found[:5]] == ["active-0", "pending-1", "active-2", "expired-499", "expired-498"]
    assert len(found) == 3 + MOST_EXPIRED
    assert found[0].silence.state is SilenceState.ACTIVE
    assert read_silence("am", told[0].replace(b'"expired"}', b'"gone"}')) is None


def test_of_too_many_alerts_the_worst_are_told_and_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALERTS", 3)
    server = AlertmanagerServer(
        [{"alertname": f"A{number}", "severity": ("none", "warning", "critical")[number % 3]} for number in range(9)]
    )

    async def story() -> None:
        clock = FakeClock()
        source = AlertmanagerSource("am", Settings(url=server.url), environ={}, wall=clock, monotonic=FakeClock(0.0))
        assert (source.alerts_due, source.blind) == (True, "its alerts were not asked for yet")
        batch = await source.poll()
        assert [alert.severity for alert in batch.alerts or ()] == [Severity.CRITICAL] * 3
        assert source.blind == "it has 9 alerts, the 3 worst are told"
        assert (source.alerts_due, source.catalogue(), source.kind) == (False, (), "alertmanager")
        await source.close()

    try:
        asyncio.run(story())
    finally:
        server.close()
