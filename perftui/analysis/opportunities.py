"""What could be better, as alerts that nobody has to hurry for: one for each recommendation whose gain is worth it."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.analysis.thresholds import SOURCE
from perftui.domain.alerts import Alert, AlertState, Severity, fingerprint
from perftui.domain.findings import Finding
from perftui.domain.units import Unit

LEAST_GAIN = 0.05


def opportunities(findings: Iterable[Finding]) -> tuple[Alert, ...]:
    """Those whose gain is at least 5 % even at its lower end; they end with the recommendation."""
    return tuple(
        Alert(
            fingerprint({"alertname": "optimisation_opportunity", "finding": one.id}), "Optimisation opportunity",
            one.rule, Severity.INFO, AlertState.FIRING, one.since, one.since, SOURCE, "", one.gain.mid, LEAST_GAIN,
            True, Unit.RATIO, 0.0, one.title, (("rule", one.rule), ("target", one.target)),
        )
        for one in findings
        if one.gain is not None and one.gain.low >= LEAST_GAIN and one.since is not None
    )  # fmt: skip
