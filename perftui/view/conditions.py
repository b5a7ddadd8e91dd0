"""What is in one of a few states and is told when it comes into another: sources, alerts, work, agents, advice.

Each condition brings its own words, so that whoever tells them only has to compare states.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from perftui.domain.alerts import Alert, AlertState
from perftui.domain.findings import Finding, Outcome
from perftui.domain.health import SourceHealth, SourceState, StorageState
from perftui.domain.units import Unit, format_duration, format_value
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, WorkflowRow, WorkState
from perftui.link.mirror import Mirror
from perftui.view.fixes import gain_text
from perftui.view.scene import Scene

TABLES = ("workflows", "phases", "agents", "pools")
_GONE = (AgentState.LEFT, AgentState.LOST)


class Condition(msgspec.Struct, frozen=True):
    """``kind`` is what many of them are called; ``key`` tells them apart within it, ``state`` is what is compared.

    ``now`` says that it came into this state, ``standing`` that it is in it, ``gone`` that nobody tells of it any
    more; an empty one is not said. A ``usual`` state is only news after another one that was told.
    """

    kind: str
    key: str
    state: str
    now: str = ""
    standing: str = ""
    gone: str = ""
    usual: bool = False


def conditions(scene: Scene) -> tuple[Condition, ...]:
    """All of a mirror, what is worst first."""
    mirror = scene.mirror
    return (
        *(_source(source, scene) for source in mirror.sources),
        *_own_trouble(mirror),
        *(_alert(alert, scene) for alert in mirror.alerts),
        *_marks(mirror, scene),
        *(_run(run, scene) for run in _rows(mirror, "workflows")),
        *(_phase(phase, scene) for phase in _rows(mirror, "phases")),
        *(_agent(agent) for agent in _rows(mirror, "agents")),
        *(_finding(finding, scene) for finding in mirror.findings),
        *map(_outcome, mirror.outcomes),
    )


def _rows(mirror: Mirror, table: str) -> list[Any]:
    held = mirror.tables.get(table)
    return [] if held is None else list(held.rows.values())


def _source(source: SourceHealth, scene: Scene) -> Condition:
    name, error = f"source {source.name}", source.error
    if error is not None:
        why = f"{name} failed: {error.message}"
        since = "" if source.failing_since is None else f", since {scene.clock_text(source.failing_since)}"
        return Condition("sources", source.name, f"failed {error.kind.value}", why, why + since)
    if source.state is SourceState.WAITING:
        # nobody looks at it, or it has not answered yet: neither is news
        return Condition("sources", source.name, "waiting")
    if source.state is SourceState.STALE:
        text = f"{name} is stale: nothing new came"
        return Condition("sources", source.name, "stale", text, text)
    blind = f", but its alerts are not known: {source.blind}" if source.blind else ""
    told = f"{name} answers{blind}"
    return Condition("sources", source.name, "ok", told, told, usual=True)


def _own_trouble(mirror: Mirror) -> Iterator[Condition]:
    storage = mirror.storage
    if storage is not None:
        lost = storage.state is StorageState.MEMORY
        text = f"history not saved: {storage.reason}" if lost else ""
        yield Condition("history", "", str(lost), text or "history is saved again", text, usual=not lost)
    for problem in mirror.problems:
        text = f"configuration: {problem}"
        yield Condition("problems of the configuration", problem, "", text, text, "configuration: mended")
    for series, trouble in mirror.troubles.items():
        text = f"{series}: {trouble}"
        yield Condition("expressions without a value", series, trouble, text, text, f"{series}: has a value")


def _alert(alert: Alert, scene: Scene) -> Condition:
    title = f"{alert.name} ({alert.severity.value})"
    held = format_duration(scene.end - alert.active_at)
    resolved = f"alert resolved: {title}, after {held}"
    if alert.state is AlertState.PENDING:
        return Condition("alerts", alert.fingerprint, "pending")
    if alert.state is AlertState.RESOLVED:
        resolved = f"alert resolved: {title}, after {format_duration(alert.since - alert.active_at)}"
        return Condition("alerts", alert.fingerprint, "resolved", resolved, usual=True)
    value = "" if alert.value is None else f": {format_value(alert.value, alert.unit)}"
    sign = "above" if alert.above else "below"
    limit = "" if alert.threshold is None else f", {sign} {format_value(alert.threshold, alert.unit)}"
    text = f"{title}{value}{limit}, {alert.series or alert.source}"
    standing = f"alert firing since {scene.clock_text(alert.since)}: {text}"
    return Condition("alerts", alert.fingerprint, f"firing {alert.severity.value}", f"alert firing: {text}", standing,
                     resolved)  # fmt: skip


def _marks(mirror: Mirror, scene: Scene) -> Iterator[Condition]:
    runs: list[WorkflowRow] = _rows(mirror, "workflows")
    for at, name in sorted({mark for run in runs for mark in run.marks}):
        yield Condition("marks", f"{at} {name}", "", f"mark at {scene.clock_text(at)}: {name}")


def _run(run: WorkflowRow, scene: Scene) -> Condition:
    name, done = f"workflow {run.workflow}", f"{run.done} tasks done, {run.failed} failed"
    return _work("workflows", run.key, name, run, scene, f", {done}")


def _phase(phase: PhaseRow, scene: Scene) -> Condition:
    name = f"phase {phase.phase} of {phase.workflow}"
    efficiency = "" if phase.efficiency is None else f", efficiency {format_value(phase.efficiency, Unit.RATIO)}"
    return _work("phases", phase.key, name, phase, scene, efficiency)


def _work(kind: str, key: str, name: str, row: WorkflowRow | PhaseRow, scene: Scene, more: str) -> Condition:
    """A run or a phase: that it began, and how it ended after how long."""
    state = row.state
    if state is WorkState.WAITING:
        return Condition(kind, key, state.value)
    if state.is_over:
        known = row.started_at is not None and row.finished_at is not None
        took = f" after {format_duration((row.finished_at or 0.0) - (row.started_at or 0.0))}" if known else ""
        return Condition(kind, key, state.value, f"{name} ended: {state.value}{took}{more}")
    since = "" if row.started_at is None else f" for {format_duration(scene.end - row.started_at)}"
    word = "blocked" if state is WorkState.BLOCKED else "started"
    return Condition(kind, key, state.value, f"{name} {word}", f"{name} {state.value}{since}")


def _agent(agent: AgentRow) -> Condition:
    name = f"agent {agent.agent}"
    if agent.state not in _GONE:
        return Condition("agents", agent.key, "there", f"{name} joined")
    text = f"{name} {agent.state.value}{f': {agent.reason}' if agent.reason else ''}"
    return Condition("agents", agent.key, agent.state.value, text)


def _finding(finding: Finding, scene: Scene) -> Condition:
    text = f"{finding.title}: {gain_text(finding, scene.glyphs.minus)}, {finding.hours:g} h of work"
    return Condition("recommendations", finding.id, "", f"recommendation new: {text}", f"recommendation: {text}",
                     f"recommendation gone: {finding.title}")  # fmt: skip


def _outcome(outcome: Outcome) -> Condition:
    verdict, key = outcome.text.partition(":")[0], f"{outcome.finding.id} {outcome.changed_at}"
    if outcome.measured is None:
        return Condition("outcomes", key, "")
    less = format_value(outcome.measured, Unit.RATIO)
    text = f"measured after {outcome.mark}: {less} less of {outcome.finding.impact.metric}: {verdict}"
    return Condition("outcomes", key, verdict, text, text)
