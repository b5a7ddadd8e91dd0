"""Measures what became of advice: a mark freezes what is advised then, and its metric is measured again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from perftui.analysis import metrics, outcomes
from perftui.analysis.metrics import Measured
from perftui.analysis.rules.signals import Signals
from perftui.domain.findings import Finding, Outcome

# what was under way at the change belongs to neither side
SETTLE_S = 2.0
_MOST = 20
# marks of long ago, read from a file when the session starts, say nothing of findings of now
_FRESH_S = 10.0


class _Frozen(msgspec.Struct):
    finding: Finding
    changed_at: float
    mark: str
    before: Measured | None
    outcome: Outcome
    until: float


class Verifier:
    """Keeps the newest outcomes; one that is measured is measured better until a rules' window has passed."""

    def __init__(self) -> None:
        self._frozen: list[_Frozen] = []
        self._seen: set[tuple[float, str]] = set()

    def tick(
        self,
        signals: Signals,
        findings: Sequence[Finding],
        marks: Sequence[tuple[float, str]],
        within: Callable[[float, float], Signals],
    ) -> tuple[Outcome, ...]:
        """Newest outcomes first. ``findings`` are those of the look before: what is advised when the mark comes.

        ``within`` gives the signals with what services did between two moments in a single window.
        """
        for at, name in marks:
            if (at, name) not in self._seen and signals.now - at <= _FRESH_S:
                self._freeze(signals, findings, at, name, within)
        self._seen = set(marks)
        for one in self._frozen:
            if signals.now <= one.until or one.outcome.measured is None:
                start = one.changed_at + SETTLE_S
                after = outcomes.metric(one.finding, within(start, signals.now), start, signals.now)
                one.outcome = outcomes.measured(one.finding, one.changed_at, one.mark, one.before, after)
        return tuple(one.outcome for one in reversed(self._frozen))

    def _freeze(
        self,
        signals: Signals,
        findings: Sequence[Finding],
        at: float,
        name: str,
        within: Callable[[float, float], Signals],
    ) -> None:
        for finding in findings:
            if finding.gain is None or not outcomes.is_measurable(finding):
                continue
            start = _begin(finding, signals)
            before = outcomes.metric(finding, within(start, at), start, at)
            outcome = outcomes.measured(finding, at, name, before, None)
            self._frozen.append(_Frozen(finding, at, name, before, outcome, at + signals.window_s))
        del self._frozen[:-_MOST]


def _begin(finding: Finding, signals: Signals) -> float:
    """When what is advised against began: runs count from the one in which it was seen first."""
    since = signals.now - signals.window_s if finding.since is None else finding.since
    if finding.impact.metric != metrics.makespan_name(finding.target):
        return since
    begun = [run.row.started_at for run in signals.workflows if run.row.name == finding.target and run.row.started_at]
    return max((at for at in begun if at <= since), default=since)
