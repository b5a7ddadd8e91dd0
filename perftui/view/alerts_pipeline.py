"""Whether "0 alerts" means peace: how many there are, and whether the way that they come by is proven alive.

No alerts look good only where something that always fires is seen, or where nothing outside of perftui could fire.
"""

from __future__ import annotations

from collections.abc import Iterable

from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.health import SourceState
from perftui.domain.roles import Role
from perftui.domain.triage import AlertCounts, AlertRow
from perftui.view.alerts_rows import ALERTS, age_text, said
from perftui.view.scene import Scene
from perftui.view.text import Line, fit

_OUTSIDE = ("prometheus", "alertmanager")
_MINUTE_S = 60


def counts_of(scene: Scene) -> AlertCounts:
    """As the session counts them; of one that did not count yet, from those that it told."""
    known = scene.mirror.alert_counts
    if known != AlertCounts(watchdog=known.watchdog):
        return known
    table = scene.mirror.tables.get(ALERTS)
    alerts: Iterable[Alert | AlertRow] = scene.mirror.alerts if table is None else table.rows.values()
    firing = [alert.severity for alert in alerts if alert.state is AlertState.FIRING]
    return AlertCounts(
        firing.count(Severity.CRITICAL),
        firing.count(Severity.WARNING),
        firing.count(Severity.INFO),
        sum(alert.state is AlertState.PENDING for alert in alerts),
        sum(alert.state is AlertState.SUPPRESSED for alert in alerts),
        watchdog=known.watchdog,
    )


def is_proven(scene: Scene) -> bool:
    """Whether silence may be read as peace."""
    alive = scene.mirror.alert_counts.watchdog.alive
    return alive is True or (alive is None and not outside(scene))


def is_missing(scene: Scene) -> bool:
    """Whether what always fires does not: alerts may be lost on their way."""
    return scene.mirror.alert_counts.watchdog.alive is False


def outside(scene: Scene) -> list[str]:
    """Sources that tell alerts which perftui does not make itself, and that answer."""
    return [one.name for one in scene.mirror.sources if one.kind in _OUTSIDE and one.state is not SourceState.FAILED]


def watchdog_figure(scene: Scene) -> Line:
    """``watchdog ✓ 12 s ago``; nothing where there is no way that could be proven."""
    watchdog, glyphs = scene.mirror.alert_counts.watchdog, scene.glyphs
    if watchdog.alive is False:
        return ((f"watchdog {glyphs.bad} missing", Role.BAD),)
    if watchdog.alive:
        seen = "" if watchdog.seen_at is None else f" {_ago(scene.end - watchdog.seen_at)}"
        return ((f"watchdog {glyphs.ok}{seen}", Role.OK),)
    return (("no watchdog", Role.LABEL),) if outside(scene) else ()


def watchdog_bar(scene: Scene, width: int) -> Line:
    """One line across the screen while the watchdog is missing; nothing else."""
    if not is_missing(scene):
        return ()
    words = said(scene.mirror.alert_counts.watchdog.words) or "what always fires is not seen"
    seen = scene.mirror.alert_counts.watchdog.seen_at
    last = "" if seen is None else f", last seen {_ago(scene.end - seen)}"
    text = f" {scene.glyphs.bad} alert pipeline broken: {words}{last}. What fires may not be shown."
    return fit(((text, Role.BAD),), width, scene.glyphs.ellipsis)


def quiet_words(scene: Scene) -> str:
    """What may be said when nothing fires."""
    if is_missing(scene):
        return "0 alerts, but the watchdog is missing"
    return "none firing" if is_proven(scene) else "none firing, no watchdog proves it"


def _ago(seconds: float) -> str:
    return f"{max(0.0, seconds):.0f} s ago" if seconds < _MINUTE_S else f"{age_text(seconds)} ago"
