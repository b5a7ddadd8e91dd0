"""The alert that fires when several key series leave their usual band together."""

from __future__ import annotations

from perftui.analysis.anomaly import Bands
from perftui.analysis.thresholds import SOURCE, Reading, is_fresh, over
from perftui.config.schema import Anomaly
from perftui.domain.alerts import Alert, AlertState, fingerprint
from perftui.domain.series import parse_selector, parse_series
from perftui.domain.units import Unit
from perftui.store.memory import MemoryStore

_KEY = fingerprint({"alertname": "anomaly"})
_TOLD = 4


class Anomalies:
    """``alert`` is that of the last tick."""

    def __init__(self, settings: Anomaly, memory: MemoryStore) -> None:
        self._memory, self._bands = memory, Bands()
        self.alert: Alert | None = None
        self.configure(settings)

    def configure(self, settings: Anomaly) -> None:
        """Other settings are in force."""
        self.settings = settings
        self._selectors = [parse_selector(text) for text in settings.series]

    def tick(self, now: float) -> None:
        """Take the newest samples in, and judge."""
        settings = self.settings
        newest = {
            series: latest
            for selector in self._selectors
            for series in self._memory.select(selector)
            if (latest := self._memory.latest(series)) is not None
            and is_fresh(Reading(*latest, self._memory.interval(series)), now)
        }
        self._bands.take(newest, settings.width, settings.memory)
        outside = self._bands.outside()
        if len(outside) >= settings.fewest and self._selectors:
            self.alert = self._true(outside, now)
        else:
            self.alert = over(self.alert, now)

    def _true(self, outside: dict[str, int], now: float) -> Alert:
        known = self.alert if self.alert is not None and self.alert.state is not AlertState.RESOLVED else None
        active_at = now if known is None else known.active_at
        fires = now - active_at >= self.settings.for_ or (known is not None and known.state is AlertState.FIRING)
        since = known.since if known is not None and known.state is AlertState.FIRING else now if fires else active_at
        names = [f"{parse_series(series).name} {'rose' if side > 0 else 'fell'}" for series, side in outside.items()]
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        return Alert(
            _KEY, "Several series left their usual band", "anomaly", self.settings.severity,
            AlertState.FIRING if fires else AlertState.PENDING, since, active_at, SOURCE, next(iter(outside)),
            float(len(outside)), float(self.settings.fewest), True, Unit.NONE, self.settings.for_,
            ", ".join(names[:_TOLD]) + more,
        )  # fmt: skip
