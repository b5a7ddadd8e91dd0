"""All alerts as people see and handle them: told by any number of sources, claimed, put off, silenced, remembered."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

import msgspec

from perftui.analysis.noise import noise
from perftui.domain.alerts import Alert, AlertState
from perftui.domain.findings import Finding
from perftui.domain.samples import Batch
from perftui.domain.triage import AlertCounts, AlertRow, AlertSpan, Doing, NoiseRow, Silence, SilenceState, Watchdog
from perftui.session.triage.merging import Merged, merged
from perftui.session.triage.rows import counted, row, urgency
from perftui.session.triage.watchdog import Pipeline, watchdog
from perftui.store.claims import Claims
from perftui.store.firings import Firings

WORST = 200
RESOLVED_SHOWN_S = 300.0
TIMELINE_S = 24 * 3600.0
# what was asked for and is not seen by then did not work
_DOING_S = 30.0


class Triage:
    """``on_spans`` takes the spans that began or ended, to be kept; ``on_turn`` an alert that begins to be heard, or is
    resolved. Everything is bounded by what the sources tell.
    """

    def __init__(
        self,
        claims: Claims,
        firings: Firings,
        on_spans: Callable[[Sequence[AlertSpan]], None] = lambda spans: None,
        on_turn: Callable[[AlertRow], None] = lambda row: None,
    ) -> None:
        self.claims, self.firings, self._on_spans, self._on_turn = claims, firings, on_spans, on_turn
        self._told: dict[str, tuple[Alert, ...]] = {}
        self._silences: dict[str, tuple[Silence, ...]] = {}
        self._outside: dict[str, Merged] = {}
        self._resolved: dict[str, tuple[float, AlertRow]] = {}
        self._doing: dict[str, tuple[float, Doing]] = {}
        self.recounted: dict[str, dict[float, dict[tuple[tuple[str, str], ...], int]]] = {}
        self._fixes: dict[str, tuple[str, ...]] = {}
        self._seen: tuple[object, ...] = ()
        self._until = float("inf")
        self._fresh = False
        self.rows: dict[str, AlertRow] = {}
        self.worst: tuple[Alert, ...] = ()
        self.counts = AlertCounts()
        self.watchdog = Watchdog(None)

    def take(self, batch: Batch) -> None:
        """What a source tells of its alerts and silences, when it was asked."""
        if batch.alerts is not None:
            self._told[batch.source] = batch.alerts
            self._fresh = True
        if batch.silences is not None:
            self._silences[batch.source] = batch.silences
            self._fresh = True

    def tick(
        self, now: float, own: tuple[Alert, ...], findings: Sequence[Finding], pipelines: Sequence[Pipeline]
    ) -> None:
        """Bring rows, counts and spans up to date; cheap while nothing changed."""
        self.claims.poll()
        self.watchdog = watchdog(pipelines, self._told)
        managers = frozenset(one.source for one in pipelines if one.manager)
        if self._fresh:
            self._outside = merged(self._told, managers)
        self._settle(now)
        self._fixes = _fixes(findings)
        seen = (own, self.claims.version, self._doing.copy(), self.recounted.copy(), self._fixes)
        if self._fresh or seen != self._seen or now >= self._until or self._outdated(now):
            self._seen = seen
            self._make(now, own)
        self._fresh = False
        if self.counts.watchdog != self.watchdog:
            self.counts = msgspec.structs.replace(self.counts, watchdog=self.watchdog)

    def _make(self, now: float, own: tuple[Alert, ...]) -> None:
        before = self.rows
        rows = {key: self._row(one, now) for key, one in self._outside.items()}
        for alert in own:
            rows[alert.fingerprint] = self._row(Merged(alert, (alert.source,), alert.labels), now)
        for key, (at, gone) in list(self._resolved.items()):
            if key in rows or now - at > RESOLVED_SHOWN_S:
                del self._resolved[key]
            else:
                rows[key] = gone
        for key, known in before.items():
            if key not in rows and known.state in (AlertState.FIRING, AlertState.SUPPRESSED):
                self._resolved[key] = (now, _resolved(known, now))
                rows[key] = self._resolved[key][1]
        # a row that did not change stays the same object: who compares has it quick
        self.rows = {
            key: old if (old := before.get(key)) is not None and old == one else one for key, one in rows.items()
        }
        self.counts = counted(self.rows.values(), self.watchdog)
        self._until = min((one.snoozed_until for one in self.rows.values() if one.snoozed_until), default=float("inf"))
        alerts = {key: one.alert for key, one in self._outside.items()} | {alert.fingerprint: alert for alert in own}
        worst = heapq.nsmallest(WORST, self.rows.values(), key=urgency)
        self.worst = tuple(alerts[one.key] for one in worst if one.key in alerts)
        for key, one in self.rows.items():
            if one is not before.get(key) and _is_turn(before.get(key), one):
                self._on_turn(one)
        spans = self.firings.note(now, self.rows.values())
        if spans:
            self._on_spans(spans)

    def _row(self, one: Merged, now: float) -> AlertRow:
        alert, key = one.alert, one.key
        doing = self._doing.get(key, (0.0, Doing.NOTHING))[1]
        made = row(alert, one.sources, self.claims.of(key), doing, now)
        counts = self.recounted.get(alert.source, {})
        hour, day = (counts.get(span, {}).get(one.own_labels) for span in (3600.0, 86400.0))
        fixes = self._fixes.get(alert.rule) or self._fixes.get(alert.name) or ()
        if hour is None and day is None and not fixes:
            return made
        return msgspec.structs.replace(made, activations_1h=hour, activations_24h=day, fixes=fixes)

    def _outdated(self, now: float) -> bool:
        return any(now - at > RESOLVED_SHOWN_S for at, _ in self._resolved.values())

    # what was asked for

    def begin(self, keys: Sequence[str], doing: Doing, now: float) -> None:
        """Say that it is under way; only a poll says that it is done."""
        for key in keys:
            self._doing[key] = (now, doing)

    def give_up(self, keys: Sequence[str]) -> None:
        """It was refused."""
        for key in keys:
            self._doing.pop(key, None)

    def _settle(self, now: float) -> None:
        """Forget what a poll has shown meanwhile, or never showed."""
        for key, (at, doing) in list(self._doing.items()):
            one = self._outside.get(key)
            suppressed = one is not None and bool(one.alert.silenced_by)
            done = one is None or suppressed is (doing is Doing.SILENCING)
            if done or now - at > _DOING_S:
                del self._doing[key]

    # tables

    def silences(self) -> tuple[Silence, ...]:
        """Of all Alertmanagers, those that end next first; with how many alerts each hides."""
        hidden: dict[str, int] = {}
        for one in self._outside.values():
            for silence_id in one.alert.silenced_by:
                hidden[silence_id] = hidden.get(silence_id, 0) + 1
        found = [
            msgspec.structs.replace(
                silence, matched=None if silence.state is SilenceState.EXPIRED else hidden.get(silence.id, 0)
            )
            for silences in self._silences.values()
            for silence in silences
        ]
        return tuple(sorted(found, key=lambda one: (one.state is SilenceState.EXPIRED, one.ends_at, one.key)))

    def silence(self, key: str) -> Silence | None:
        return next((one for silences in self._silences.values() for one in silences if one.key == key), None)

    def spans(self, now: float) -> tuple[AlertSpan, ...]:
        return self.firings.spans(now - TIMELINE_S)

    def noise(self, now: float) -> tuple[NoiseRow, ...]:
        return noise(self.firings.spans(now - TIMELINE_S), now - TIMELINE_S, now)

    @property
    def told(self) -> Mapping[str, tuple[Alert, ...]]:
        return self._told


def _is_turn(before: AlertRow | None, one: AlertRow) -> bool:
    """Whether somebody who listens should be told: it is heard now and was not, or it was and is over."""
    heard = one.state is AlertState.FIRING and one.snoozed_until is None
    was = before is not None and before.state is AlertState.FIRING and before.snoozed_until is None
    worse = was and before is not None and one.severity.rank < before.severity.rank
    return (heard and (not was or worse)) or (was and one.state is AlertState.RESOLVED)


def _resolved(known: AlertRow, now: float) -> AlertRow:
    return msgspec.structs.replace(known, state=AlertState.RESOLVED, since=now, doing=Doing.NOTHING)


def _fixes(findings: Sequence[Finding]) -> dict[str, tuple[str, ...]]:
    """Titles of recommendations by the rule of the alert that brings them."""
    found: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        found[finding.rule] = (*found.get(finding.rule, ()), finding.title)
    return found
