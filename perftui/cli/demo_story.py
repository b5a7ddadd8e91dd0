"""What happens in a demo without a screen, told line by line: only what changed since the look before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perftui.domain.alerts import Alert, AlertState
from perftui.domain.findings import Finding, Outcome
from perftui.domain.units import Unit, format_duration, format_value
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, WorkflowRow, WorkState
from perftui.link.mirror import Mirror


class Story:
    """``began_at`` is the epoch time that the clock of the lines counts from."""

    def __init__(self, began_at: float) -> None:
        self._began_at = began_at
        self.fired: dict[str, Alert] = {}
        self.found: dict[str, Finding] = {}
        self.outcomes: dict[str, Outcome] = {}
        self._states: dict[str, object] = {}
        self.marks: list[tuple[float, str]] = []
        self._sources: dict[str, str] = {}

    def tell(self, mirror: Mirror, now: float) -> Iterator[str]:
        """The lines since the last call."""
        clock = format_duration(now - self._began_at)
        for text in (*self._failures(mirror), *self._work(mirror), *self._alerts(mirror), *self._advice(mirror)):
            yield f"{clock:>6}  {text}"

    def _changed(self, key: str, state: object) -> bool:
        known = self._states.get(key)
        self._states[key] = state
        return known != state

    def _failures(self, mirror: Mirror) -> Iterator[str]:
        for source in mirror.sources:
            error = "" if source.error is None else source.error.message
            before = self._sources.get(source.name, "")
            self._sources[source.name] = error
            if error and not before:
                yield f"source {source.name} fails: {error}"
            elif before and not error:
                yield f"source {source.name} answers again"

    def _work(self, mirror: Mirror) -> Iterator[str]:
        runs: list[WorkflowRow] = _rows(mirror, "workflows")
        for mark in sorted({mark for run in runs for mark in run.marks}.difference(self.marks)):
            self.marks.append(mark)
            yield f"mark: {mark[1]}"
        for run in runs:
            if self._changed(run.key, run.state) and run.state is not WorkState.WAITING:
                yield f"workflow {run.workflow} {run.state.value}{_took(run.started_at, run.finished_at)}"
        phases: list[PhaseRow] = _rows(mirror, "phases")
        for phase in phases:
            if self._changed(phase.key, phase.state) and phase.state is not WorkState.WAITING:
                yield f"phase {phase.workflow}/{phase.phase} {phase.state.value}{_phase(phase)}"
        agents: list[AgentRow] = _rows(mirror, "agents")
        for agent in agents:
            gone = agent.state in (AgentState.LEFT, AgentState.LOST)
            if self._changed(agent.key, gone) and gone:
                yield f"agent {agent.agent} {agent.state.value}{f': {agent.reason}' if agent.reason else ''}"

    def _alerts(self, mirror: Mirror) -> Iterator[str]:
        for alert in mirror.alerts:
            if alert.state is AlertState.FIRING:
                self.fired[alert.fingerprint] = alert
            known = f"alert {alert.fingerprint}"
            if self._changed(known, alert.state) and alert.state is not AlertState.PENDING:
                sign = ">" if alert.above else "<"
                limit = f" {sign} {format_value(alert.threshold, alert.unit)}" if alert.threshold is not None else ""
                value = format_value(alert.value, alert.unit)
                yield f"alert {alert.state.value}: {alert.name} ({alert.severity.value}) {value}{limit}"

    def _advice(self, mirror: Mirror) -> Iterator[str]:
        for finding in mirror.findings:
            self.found[finding.id] = finding
            if self._changed(f"finding {finding.id}", True):
                yield f"advice {finding.rule}: {finding.title}{_gain(finding)}"
        for outcome in mirror.outcomes:
            self.outcomes[outcome.finding.id] = outcome
            verdict = outcome.text.partition(":")[0]
            if outcome.measured is not None and self._changed(f"outcome {outcome.finding.id}", verdict):
                less = format_value(outcome.measured, Unit.RATIO)
                yield f"measured after {outcome.mark}: {less} less of {_told(outcome)}: {verdict}"


def _rows(mirror: Mirror, table: str) -> list[Any]:
    held = mirror.tables.get(table)
    return [] if held is None else list(held.rows.values())


def _took(start: float | None, end: float | None) -> str:
    return "" if start is None or end is None else f" after {format_duration(end - start)}"


def _phase(phase: PhaseRow) -> str:
    if phase.finished_at is None or phase.efficiency is None:
        return _took(phase.started_at, phase.finished_at)
    return f"{_took(phase.started_at, phase.finished_at)}, efficiency {format_value(phase.efficiency, Unit.RATIO)}"


def _gain(finding: Finding) -> str:
    if finding.gain is None:
        return ""
    gain = finding.gain
    low, mid, high = (format_value(part, Unit.RATIO) for part in (gain.low, gain.mid, gain.high))
    return f": {mid} less of {finding.impact.metric} ({low} to {high}), {finding.hours:g} h"


def _told(outcome: Outcome) -> str:
    gain = outcome.finding.gain
    if gain is None:
        return outcome.finding.impact.metric
    low, high = format_value(gain.low, Unit.RATIO), format_value(gain.high, Unit.RATIO)
    return f"{outcome.finding.impact.metric} (predicted {low} to {high})"
