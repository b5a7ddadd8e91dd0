"""Rows, counts and spans of alerts from tick to tick."""

from __future__ import annotations

import msgspec
import pytest

from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.samples import Batch
from perftui.domain.triage import AlertRow, AlertSpan, Doing, Matcher, Silence, SilenceState, Watchdog
from perftui.session.triage.triage import RESOLVED_SHOWN_S, WORST, Triage
from perftui.session.triage.watchdog import Pipeline
from perftui.store.claims import Claims, Said
from perftui.store.firings import Firings
from tests.unit.session.triage.alerts import NOW, alert, told

PIPELINES = (Pipeline("prom", "Watchdog", manager=False), Pipeline("am", "Watchdog", manager=True))


class Case:
    """A triage that is told alerts, and ticks."""

    def __init__(self) -> None:
        self.claims = Claims(None, lambda: NOW)
        self.spans: list[AlertSpan] = []
        self.triage = Triage(self.claims, Firings(), self.spans.extend)
        self.pipelines: tuple[Pipeline, ...] = PIPELINES

    def tell(self, *batches: Batch, now: float = NOW, own: tuple[Alert, ...] = ()) -> dict[str, AlertRow]:
        for batch in batches:
            self.triage.take(batch)
        self.triage.tick(now, own, (), self.pipelines)
        return self.triage.rows


@pytest.fixture
def case() -> Case:
    return Case()


def test_alerts_of_all_sources_and_of_own_rules_are_rows(case: Case) -> None:
    own = alert("Busy", source="perftui", severity=Severity.CRITICAL)
    rows = case.tell(told("prom", alert()), told("am", alert("Other", source="am")), own=(own,))

    assert {row.name: row.sources for row in rows.values()} == {
        "Slow": ("prom",), "Other": ("am",), "Busy": ("perftui",),
    }  # fmt: skip
    assert (case.triage.counts.critical, case.triage.counts.warning) == (1, 2)
    assert [one.name for one in case.triage.worst] == ["Busy", "Other", "Slow"]


def test_the_condition_is_taken_apart_for_the_graph_and_its_limit(case: Case) -> None:
    (row,) = case.tell(told("prom", alert(expr="rate(x[5m]) >= 0.5", value=0.7))).values()

    assert (row.graph, row.graph_source, row.threshold, row.above) == ("rate(x[5m])", "prom", 0.5, True)


def test_only_addresses_of_the_web_are_runbooks(case: Case) -> None:
    bad = alert("A", annotations=(("runbook_url", "javascript:alert(1)"),))
    good = alert("B", annotations=(("runbook_url", "https://wiki/b"),))
    rows = case.tell(told("prom", bad, good))

    assert [rows[one.fingerprint].runbook for one in (bad, good)] == ["", "https://wiki/b"]


def test_nothing_changes_while_nothing_changed(case: Case) -> None:
    rows = case.tell(told("prom", alert()))
    assert case.tell() is rows
    again = case.tell(told("prom", alert()))
    assert all(again[key] is row for key, row in rows.items())


def test_an_alert_that_is_told_no_more_is_resolved_and_then_forgotten(case: Case) -> None:
    case.tell(told("prom", alert()))
    (row,) = case.tell(told("prom"), now=NOW + 10).values()

    assert (row.state, row.since) == (AlertState.RESOLVED, NOW + 10)
    assert case.tell(now=NOW + 10 + RESOLVED_SHOWN_S) != {}
    assert case.tell(now=NOW + 11 + RESOLVED_SHOWN_S) == {}


def test_a_pending_alert_that_is_told_no_more_is_gone(case: Case) -> None:
    case.tell(told("prom", alert(state=AlertState.PENDING)))

    assert case.tell(told("prom")) == {}


def test_what_was_put_off_comes_back_by_itself(case: Case) -> None:
    (row,) = case.tell(told("prom", alert())).values()
    case.claims.say(Said(NOW, "anna", "snooze", row.key, row.active_at, NOW + 60, row.severity.rank))
    case.tell()
    assert (case.triage.counts.firing, case.triage.counts.snoozed) == (0, 1)

    case.tell(now=NOW + 60)
    assert (case.triage.counts.firing, case.triage.counts.snoozed) == (1, 0)


def test_what_was_put_off_comes_back_when_it_becomes_worse(case: Case) -> None:
    mild = alert("Busy", source="perftui")
    case.tell(own=(mild,))
    case.claims.say(Said(NOW, "anna", "snooze", mild.fingerprint, mild.active_at, NOW + 600, mild.severity.rank))
    case.tell(own=(mild,))
    assert case.triage.counts.snoozed == 1

    case.tell(own=(msgspec.structs.replace(mild, severity=Severity.CRITICAL),))
    assert (case.triage.counts.critical, case.triage.counts.snoozed) == (1, 0)


def test_a_new_firing_is_not_hidden_by_an_old_claim(case: Case) -> None:
    (row,) = case.tell(told("prom", alert())).values()
    case.claims.say(Said(NOW, "anna", "ack", row.key, row.active_at))
    assert next(iter(case.tell().values())).acked_by == "anna"

    again = alert(active_at=NOW + 100, since=NOW + 160)
    assert next(iter(case.tell(told("prom", again), now=NOW + 160).values())).acked_by == ""


def test_what_was_asked_for_is_under_way_until_a_poll_shows_it(case: Case) -> None:
    one = alert(source="am")
    case.tell(told("am", one))
    case.triage.begin([one.fingerprint], Doing.SILENCING, NOW)
    assert case.tell()[one.fingerprint].doing is Doing.SILENCING

    hidden = alert(source="am", state=AlertState.SUPPRESSED, silenced_by=("s1",))
    row = case.tell(told("am", hidden))[one.fingerprint]
    assert (row.doing, row.state) == (Doing.NOTHING, AlertState.SUPPRESSED)


def test_what_no_poll_ever_shows_is_given_up(case: Case) -> None:
    one = alert(source="am")
    case.tell(told("am", one))
    case.triage.begin([one.fingerprint], Doing.SILENCING, NOW)

    assert case.tell(now=NOW + 31)[one.fingerprint].doing is Doing.NOTHING


def test_no_more_than_the_worst_travel_with_every_change(case: Case) -> None:
    many = tuple(alert(instance=str(number)) for number in range(WORST + 50))
    case.tell(told("prom", *many, alert("Bad", severity=Severity.CRITICAL)))

    assert len(case.triage.worst) == WORST
    assert case.triage.worst[0].name == "Bad"
    assert case.triage.counts.firing == WORST + 51


def test_silences_tell_how_many_alerts_they_hide(case: Case) -> None:
    silence = Silence("s1", "am", (Matcher("a", "b"),), NOW, NOW + 60, "anna", "why", SilenceState.ACTIVE)
    hidden = alert(source="am", state=AlertState.SUPPRESSED, silenced_by=("s1",))
    case.tell(told("am", hidden), Batch("am", NOW, 0.0, silences=(silence,)))

    assert [one.matched for one in case.triage.silences()] == [1]
    assert case.triage.silence("am/s1") == silence


def test_what_fires_and_ends_is_written_down(case: Case) -> None:
    case.tell(told("prom", alert(state=AlertState.PENDING)))
    case.tell(told("prom", alert()), now=NOW + 1)
    case.tell(told("prom"), now=NOW + 30)
    ended = [(span.state, span.start, span.end) for span in case.spans if span.end is not None]

    assert ended == [(AlertState.PENDING, NOW - 120, NOW + 1), (AlertState.FIRING, NOW - 60, NOW + 30)]
    (noise,) = case.triage.noise(NOW + 60)
    assert (noise.key, noise.firings, noise.firing_s, noise.short) == ("Slow", 1, 90.0, 1.0)


def _dog(case: Case, *batches: Batch) -> Watchdog:
    case.tell(*batches)
    return case.triage.counts.watchdog


def test_peace_is_proven_only_when_everybody_tells_the_watchdog(case: Case) -> None:
    dog = alert("Watchdog")

    assert _dog(case, told("prom", dog), told("am", alert("Watchdog", source="am"))).alive is True
    missing = _dog(case, told("am"))
    assert missing.alive is False
    assert "am: Watchdog does not fire" in missing.words


def test_an_alertmanager_that_can_not_be_read_proves_nothing(case: Case) -> None:
    _dog(case, told("prom", alert("Watchdog")), told("am", alert("Watchdog", source="am")))
    case.pipelines = (PIPELINES[0], Pipeline("am", "Watchdog", manager=True, blind="connection refused"))

    assert _dog(case) == Watchdog(False, "am: connection refused")


def test_a_server_without_a_watchdog_says_that_silence_proves_nothing(case: Case) -> None:
    case.pipelines = PIPELINES[:1]
    dog = _dog(case, told("prom"))

    assert dog.alive is None
    assert "prom has no always firing alert" in dog.words
