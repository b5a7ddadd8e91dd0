"""The JSON of a demo without a screen: the snapshot, and what happened until then."""

from __future__ import annotations

import json
from typing import Any

from perftui.cli.demo_story import Story
from perftui.cli.document import alert_fields, content, finding_fields, utc
from perftui.config.schema import Config
from perftui.domain.findings import Outcome
from perftui.link.mirror import Mirror


def demo_document(mirror: Mirror, config: Config, story: Story, seconds: float, now: float) -> str:
    """``fired`` holds every alert that fired, ``advised`` every finding, though it may be over by now."""
    told = content(mirror, config, now)
    told["demo"] = {
        "seconds": seconds,
        "marks": [{"at": utc(at), "name": name} for at, name in story.marks],
        "fired": [alert_fields(alert) for alert in story.fired.values()],
        "advised": [finding_fields(finding) for finding in story.found.values()],
        "outcomes": [_outcome(outcome) for outcome in story.outcomes.values()],
    }
    return json.dumps(told, indent=2, allow_nan=False)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    gain, measured = outcome.finding.gain, outcome.measured
    return {
        "id": outcome.finding.id,
        "metric": outcome.finding.impact.metric,
        "changed_at": utc(outcome.changed_at),
        "mark": outcome.mark,
        "predicted": None if gain is None else {"low": gain.low, "mid": gain.mid, "high": gain.high},
        "before": outcome.before,
        "after": outcome.after,
        "measured": measured,
        "within": None if gain is None or measured is None else gain.low <= measured <= gain.high,
        "text": outcome.text,
    }
