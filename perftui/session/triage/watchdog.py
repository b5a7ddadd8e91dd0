"""Whether silence may be read as peace: an alert that always fires proves that the pipeline behind the alerts lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from perftui.domain.alerts import Alert, AlertState
from perftui.domain.triage import Watchdog


class Pipeline(NamedTuple):
    """A source of alerts: the name of its always firing alert, and why its alerts are not known (empty: they are).

    ``manager`` says that it is an Alertmanager; ``at`` is when its alerts were read last, None before the first time.
    """

    source: str
    watchdog: str
    manager: bool
    blind: str = ""
    at: float | None = None


def watchdog(pipelines: Iterable[Pipeline], told: Mapping[str, tuple[Alert, ...]]) -> Watchdog:
    """Alive when everybody who should tell the always firing alert does.

    Without an Alertmanager, and without a server that has such an alert, nobody can say: ``alive`` is None then.
    """
    asked = [one for one in pipelines if one.watchdog]
    if not asked:
        return Watchdog(None)
    seen = {one.source for one in asked if not one.blind and _tells(told.get(one.source, ()), one.watchdog)}
    missing = [one for one in asked if one.source not in seen]
    at = max((one.at for one in asked if one.source in seen and one.at is not None), default=None)
    if not missing:
        return Watchdog(True, f"told by {', '.join(sorted(seen))}", at)
    if not seen and not any(one.manager for one in asked):
        names = ", ".join(one.source for one in asked)
        return Watchdog(None, f"{names} has no always firing alert {asked[0].watchdog!r}: silence proves nothing")
    words = "; ".join(f"{one.source}: {one.blind or f'{one.watchdog} does not fire'}" for one in missing)
    return Watchdog(False, words, at)


def _tells(alerts: Iterable[Alert], name: str) -> bool:
    """A silenced watchdog lives as well."""
    return any(alert.name == name and alert.state in (AlertState.FIRING, AlertState.SUPPRESSED) for alert in alerts)
