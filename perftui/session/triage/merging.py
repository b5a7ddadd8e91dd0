"""One alert from all that tell it: Prometheus, any number of Alertmanagers, and perftui's own rules.

Equal labels are one alert. A Prometheus adds its external labels to what it sends to Alertmanagers, and does not tell
which they are: they are learned from alerts that are equal but for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from perftui.domain.alerts import Alert, AlertState

Labels = tuple[tuple[str, str], ...]
# alerts that are looked at to learn what labels a server adds
_TRIED = 20
_CANDIDATES = 50


class Merged(NamedTuple):
    """``alert`` is that of the source that knows most, in the state that holds; ``sources`` are all that tell it.

    ``own_labels`` are those of the rule that made it, without what was added on the way.
    """

    alert: Alert
    sources: tuple[str, ...]
    own_labels: Labels

    @property
    def key(self) -> str:
        return self.alert.fingerprint


def merged(told: Mapping[str, tuple[Alert, ...]], managers: frozenset[str]) -> dict[str, Merged]:
    """All alerts by fingerprint; ``managers`` are the sources that are Alertmanagers.

    Value, expression and the moment when the condition became true come from who evaluates the rule. Whether it is
    suppressed, only an Alertmanager knows: one that tells it as active says that somebody hears it.
    """
    held: dict[Labels, Alert] = {}
    names: dict[Labels, list[str]] = {}
    for source in sorted(told.keys() & managers):
        for alert in told[source]:
            known = held.get(alert.all_labels)
            held[alert.all_labels] = alert if known is None else _louder(known, alert)
            names.setdefault(alert.all_labels, []).append(source)
    # one that was told by several rules' servers keeps the first
    rules: dict[Labels, Alert] = {}
    for source in sorted(told.keys() - managers):
        added = _added(told[source], held)
        for alert in told[source]:
            labels = _with(alert.all_labels, added) if added else alert.all_labels
            labels = labels if labels in held else alert.all_labels
            rules.setdefault(labels, alert)
            names.setdefault(labels, []).insert(0, source)
    found = {}
    for labels, sources in names.items():
        rule = rules.get(labels)
        one = Merged(_one(rule, held.get(labels)), tuple(sources), labels if rule is None else rule.all_labels)
        found[one.key] = one
    return found


def _louder(first: Alert, second: Alert) -> Alert:
    """Of two Alertmanagers' words the one that says that it is heard; else the earlier beginning."""
    if first.state is not second.state:
        return first if first.state is AlertState.FIRING else second
    return first if first.since <= second.since else second


def _one(rule: Alert | None, held: Alert | None) -> Alert:
    if rule is None or held is None:
        alert = rule if rule is not None else held
        if alert is None:
            raise ValueError("an alert is told by somebody")
        return alert
    return Alert(
        held.fingerprint, rule.name, rule.rule, rule.severity, held.state, held.since, rule.active_at, rule.source,
        rule.series, rule.value, rule.threshold, rule.above, rule.unit, rule.for_s, rule.summary or held.summary,
        held.labels, rule.expr, rule.annotations or held.annotations, held.all_labels, held.silenced_by,
        held.inhibited_by,
    )  # fmt: skip


def _added(alerts: Iterable[Alert], held: Mapping[Labels, Alert]) -> Labels:
    """The labels that a server adds, empty when it adds none (or nobody can tell)."""
    unknown = [alert for alert in alerts if alert.all_labels not in held][:_TRIED]
    if not unknown or not held:
        return ()
    wanted = {alert.name for alert in unknown}
    candidates: dict[str, list[frozenset[tuple[str, str]]]] = {}
    for labels, alert in held.items():
        if alert.name in wanted and len(found := candidates.setdefault(alert.name, [])) < _CANDIDATES:
            found.append(frozenset(labels))
    for alert in unknown:
        own = frozenset(alert.all_labels)
        names = {name for name, _ in own}
        for full in candidates.get(alert.name, ()):
            more = full - own
            if own <= full and more and not names & {name for name, _ in more}:
                return tuple(sorted(more))
    return ()


def _with(labels: Labels, added: Labels) -> Labels:
    """A label that the alert has itself is not added: Prometheus leaves it as it is."""
    names = {name for name, _ in labels}
    return tuple(sorted((*labels, *(item for item in added if item[0] not in names))))
