"""What became of advice: the metric of a frozen finding, measured before and after something was changed."""

from __future__ import annotations

from perftui.analysis import metrics
from perftui.analysis.metrics import Measured
from perftui.analysis.rules.signals import Signals
from perftui.domain.findings import Finding, Outcome
from perftui.domain.units import format_value


def measured(
    finding: Finding, changed_at: float, mark: str, before: Measured | None, after: Measured | None
) -> Outcome:
    """The outcome of a finding that was frozen at ``changed_at``: the gain 1 - after / before, against its interval.

    ``measured`` is None as long as one of the two is missing, and ``text`` says which.
    """
    outcome = Outcome(finding, changed_at, mark, before.value if before else None, after.value if after else None)
    if before is None or after is None:
        missing = "before" if before is None else "after"
        return _with(outcome, None, f"not enough {missing} the change to measure {finding.impact.metric}")
    if before.value <= 0:
        return _with(outcome, None, f"{finding.impact.metric} was 0 before the change: nothing to compare with")
    gain = 1 - after.value / before.value
    unit = finding.impact.unit
    values = (
        f"{format_value(before.value, unit)} ({before.text}) became {format_value(after.value, unit)} ({after.text})"
    )
    return _with(outcome, gain, f"{_against(finding, gain)}: {values}")


def is_measurable(finding: Finding) -> bool:
    """Whether the metric of its impact can be measured again."""
    named = (metrics.time_per_task_name, metrics.response_name, metrics.makespan_name, metrics.p99_name)
    return finding.impact.metric in {name(finding.target) for name in named}


def metric(finding: Finding, signals: Signals, start: float, end: float) -> Measured | None:
    """The metric of the finding's impact in [start, end) of what ``signals`` hold; None when they don't hold enough.

    Only metrics that can be measured again have one: time per task and response time of a pool, makespan of a workflow,
    p99 of a service.
    """
    name, target = finding.impact.metric, finding.target
    for pool in signals.pools:
        if pool.row.key == target and name == metrics.time_per_task_name(target):
            return metrics.time_per_task(pool.tasks, start, end)
        if pool.row.key == target and name == metrics.response_name(target):
            return metrics.response(pool.tasks, start, end)
    if name == metrics.makespan_name(target):
        return metrics.makespan([run.row for run in signals.workflows], target, start, end)
    for service in signals.services:
        if service.name == target and name == metrics.p99_name(target):
            return metrics.p99(service.windows, start, end)
    return None


def _against(finding: Finding, gain: float) -> str:
    if finding.gain is None:
        return "no gain was predicted"
    if finding.gain.low <= gain <= finding.gain.high:
        return "within the prediction"
    return "less than predicted" if gain < finding.gain.low else "more than predicted"


def _with(outcome: Outcome, gain: float | None, text: str) -> Outcome:
    return Outcome(
        outcome.finding, outcome.changed_at, outcome.mark, outcome.before, outcome.after, measured=gain, text=text
    )
