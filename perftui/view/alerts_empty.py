"""What stands where alerts would be: whose can't be read, what brings some, or how sure it is that all is quiet."""

from __future__ import annotations

from perftui.domain.health import SourceState
from perftui.domain.roles import Role
from perftui.domain.units import format_duration
from perftui.view.alerts_pipeline import is_missing, is_proven
from perftui.view.alerts_rows import ALERTS, said
from perftui.view.alerts_triage import Triage
from perftui.view.blindness import blind_sources
from perftui.view.failures import failure_text
from perftui.view.scene import Scene
from perftui.view.text import Line
from perftui.view.wrap import wrapped

_TEACHING = (
    "No rules and no Alertmanager. In perftui.toml, a rule of your own:\n"
    "  [alerts.busy]\n"
    '  series = "host/cpu_busy_ratio"\n'
    "  warning = 0.9\n"
    "and the alerts of others:\n"
    "  [sources.prometheus.main]\n"
    '  url = "http://localhost:9090"\n'
    "  [sources.alertmanager.main]\n"
    '  url = "http://localhost:9093"\n'
    "The guide (alerts) tells all kinds of rules."
)
_TELLERS = ("prometheus", "alertmanager")


def no_alerts(scene: Scene, triage: Triage, width: int) -> tuple[Line, ...]:
    """Quiet is only good news when somebody looked."""
    lines: list[Line] = []
    failed = {one.name: one for one in scene.mirror.sources if one.state is SourceState.FAILED}
    for source, why in blind_sources(scene):
        text = failure_text(failed[source], scene) if source in failed else f"{source}: {why}"
        lines += wrapped(f"{scene.glyphs.watch} its alerts are not known: {said(text)}", Role.WATCH, width)
    if ALERTS not in triage.measured_at:
        return (*lines, *wrapped("reading the alerts", Role.LABEL, width))
    rules = sum(rule.enabled for rule in scene.config.alerts.values())
    tellers = [one.name for one in scene.mirror.sources if one.kind in _TELLERS]
    if not rules and not tellers:
        return (*lines, *wrapped(_TEACHING, Role.LABEL, width))
    role = Role.LABEL
    age = max(0.0, scene.end - triage.measured_at[ALERTS])
    asked = [f"{rules} rules of perftui"] if rules else []
    asked += [f"{said(name, 60)}" for name in tellers]
    text = f"0 alerts from {', '.join(asked)}, {format_duration(age)} ago."
    if is_missing(scene):
        text, role = f"{text} That means nothing: {said(scene.mirror.alert_counts.watchdog.words)}", Role.BAD
    elif not is_proven(scene):
        text += (
            " Nothing proves that alerts would arrive: a rule that always fires (expr: vector(1), alert: Watchdog) "
            "would show that the way is open."
        )
    elif not blind_sources(scene):
        text = f"{scene.glyphs.ok} {text}"
    return (*lines, *wrapped(text, role, width))


def nothing_selected(triage: Triage) -> str:
    """What stands beside a list whose cursor is on no alert."""
    if triage.index.on_section:
        return "A section: a, z, s and space mean all of its alerts; f folds it."
    return "No alert is chosen."
