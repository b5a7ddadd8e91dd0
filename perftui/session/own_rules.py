"""Everything that perftui's own rules say: thresholds and absences, objectives, anomalies, what could be better."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from perftui.analysis.opportunities import opportunities
from perftui.config.rules import absence_rules, threshold_rules
from perftui.config.schema import Config
from perftui.domain.alerts import Alert
from perftui.domain.findings import Finding
from perftui.domain.samples import Batch
from perftui.domain.triage import SloRow
from perftui.session.anomalies import Anomalies
from perftui.session.judge import Judge
from perftui.session.objectives import Objectives
from perftui.store.memory import MemoryStore


class OwnRules:
    """``publish`` takes the burn rates of objectives, which are series like others."""

    def __init__(self, config: Config, memory: MemoryStore, publish: Callable[[Batch], None]) -> None:
        self.judge = Judge(threshold_rules(config), memory, absence_rules(config))
        self.objectives, self._publish = Objectives(config, memory), publish
        self._anomalies = Anomalies(config.anomaly, memory)

    def configure(self, config: Config) -> None:
        """Other rules are in force; what fires goes on where its rule is still there."""
        self.judge.rules, self.judge.absences = threshold_rules(config), absence_rules(config)
        self.objectives.configure(config)
        self._anomalies.configure(config.anomaly)

    def tick(self, now: float) -> None:
        """Judge everything on the newest samples."""
        self.judge.tick(now)
        self._anomalies.tick(now)
        burns = self.objectives.tick(now)
        if burns is not None:
            self._publish(burns)

    @property
    def slos(self) -> tuple[SloRow, ...]:
        return self.objectives.rows

    def alerts(self, findings: Sequence[Finding]) -> tuple[Alert, ...]:
        """Of all rules; ``findings`` are the recommendations."""
        anomaly = () if self._anomalies.alert is None else (self._anomalies.alert,)
        return (*self.judge.alerts, *self.objectives.alerts, *anomaly, *opportunities(findings))
