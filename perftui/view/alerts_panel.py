"""The body of the panel that lists what fires."""

from __future__ import annotations

import re

from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.roles import Role
from perftui.domain.units import format_duration, format_value
from perftui.view.alerts_pipeline import counts_of, is_missing, is_proven, outside, watchdog_bar
from perftui.view.blindness import blind_figure, blind_sources
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, line_width, right
from perftui.view.wrap import wrapped

_TELLING_WIDTH = 96
_MATCHERS = re.compile(r"\{[^}]*\}")
_COMPARISON = re.compile(r"[<>]=?|[=!]=")
_LIMIT = re.compile(r"([<>]=?|==|!=)\s*(-?[0-9.]+(?:e[+-]?[0-9]+)?)\s*\Z", re.I)
_STATE_ORDER = {AlertState.FIRING: 0, AlertState.PENDING: 1, AlertState.SUPPRESSED: 2, AlertState.RESOLVED: 3}


def sorted_alerts(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Firing before pending before resolved, worst first, oldest first."""
    return tuple(
        sorted(alerts, key=lambda alert: (_STATE_ORDER[alert.state], alert.severity.rank, alert.since, alert.name))
    )


def alerts_summary(scene: Scene, width: int) -> Line:
    """What the alerts panel says in its frame; never that all is well while a source can't tell its alerts."""
    counts = counts_of(scene)
    if scene.mirror.at is None and not counts.firing:
        return ()
    if is_missing(scene):
        missing = f"{scene.glyphs.bad} watchdog missing"
        figure: Line = ((f"{counts.firing} firing  " if counts.firing else "", Role.LABEL), (missing, Role.BAD))
        return tuple(span for span in figure if span[0]) if line_width(figure) <= width else ((missing, Role.BAD),)
    if not counts.firing:
        sign = f"{scene.glyphs.ok} " if is_proven(scene) else ""
        return blind_figure(scene, width) or ((f"{sign}none firing", Role.LABEL),)
    role = Role.BAD if counts.critical else Role.WATCH if counts.warning else Role.LABEL
    figure = ((f"{counts.firing} firing", role),)
    blind = blind_figure(scene, width - line_width(figure) - 2)
    both: Line = (*blind, ("  ", Role.LABEL), *figure)
    return both if blind and line_width(both) <= width else figure


def alerts_body(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """One line an alert: state, name, value against threshold, how long; then whose alerts can't be told."""
    bar = watchdog_bar(scene, width)
    blind = [*([bar] if bar else []), *_blind_lines(scene, width)]
    if not scene.mirror.alerts:
        return (*blind, *_no_alerts(scene, width))
    room = max(1, height - min(len(blind), height // 3))
    shown = sorted_alerts(scene.mirror.alerts)
    fits = shown if len(shown) <= room else shown[: max(1, room - 1)]
    lines = [_alert_line(scene, alert, width) for alert in fits]
    if len(fits) < len(shown) and room > len(lines):
        counts = counts_of(scene)
        known = max(len(shown), counts.firing + counts.pending + counts.suppressed)
        more = f"{scene.glyphs.ellipsis} {known - len(fits)} more: 5 shows all"
        lines.append(fit(((more, Role.LABEL),), width))
    return (*lines, *blind)


def _blind_lines(scene: Scene, width: int) -> list[Line]:
    return [
        line
        for source, why in blind_sources(scene)
        for line in wrapped(f"{scene.glyphs.watch} {source}: its alerts are not known: {why}", Role.WATCH, width)
    ]


def _no_alerts(scene: Scene, width: int) -> tuple[Line, ...]:
    """Quiet is only good news when something was measured and compared."""
    rules = sum(rule.enabled for rule in scene.config.alerts.values())
    others = outside(scene)
    if rules == 0 and others:
        return wrapped(f"Nothing fires at {', '.join(others)}.", Role.LABEL, width)
    if rules == 0:
        text = "No alert rules. Add one to perftui.toml, for example [alerts.busy] with series and warning."
        return wrapped(text, Role.LABEL, width)
    age = None if scene.mirror.at is None else max(0.0, scene.now - scene.mirror.at)
    if age is None:
        return wrapped(f"{rules} rules wait for the first samples.", Role.LABEL, width)
    return wrapped(f"{rules} rules, checked {format_duration(age)} ago: all within their limits.", Role.LABEL, width)


def _severity_role(alert: Alert) -> Role:
    if alert.state is not AlertState.FIRING:
        return Role.STALE
    return Role.BAD if alert.severity is Severity.CRITICAL else Role.WATCH


def _severity_glyph(scene: Scene, alert: Alert) -> str:
    if alert.state is AlertState.RESOLVED:
        return scene.glyphs.ok
    if alert.state in (AlertState.PENDING, AlertState.SUPPRESSED):
        return scene.glyphs.stale
    return scene.glyphs.bad if alert.severity is Severity.CRITICAL else scene.glyphs.watch


def _alert_line(scene: Scene, alert: Alert, width: int) -> Line:
    """Name first, what it means where there is room; comparison, duration and state align at the right."""
    role = _severity_role(alert)
    since = format_duration(max(0.0, scene.end - alert.since))
    if alert.state is AlertState.PENDING:
        since = f"{format_duration(max(0.0, scene.end - alert.active_at))} of {format_duration(alert.for_s)}"
    name_width = max(8, width - 2 - 19 - 14 - (9 if width >= 60 else 0))
    told = 0
    if width >= _TELLING_WIDTH:
        told = name_width // 2
        name_width -= told
    spans: Line = (
        (f"{_severity_glyph(scene, alert)} ", role),
        (
            left(_alert_name(alert), name_width, scene.glyphs.ellipsis),
            Role.VALUE if alert.state is AlertState.FIRING else Role.LABEL,
        ),
        (left(f" {_meaning(alert)}" if told else "", told, scene.glyphs.ellipsis), Role.LABEL),
        (right(_compared(alert), 19, scene.glyphs.ellipsis), role),
        (right(since, 14), Role.LABEL),
    )
    if width >= 60:
        spans += ((f" {left(alert.state.value, 8)}", Role.LABEL),)
    return fit(tuple(span for span in spans if span[0]), width, scene.glyphs.ellipsis)


def _compared(alert: Alert) -> str:
    """The value against its limit; only the server knows the limit of its alerts, but their condition may tell it."""
    value = format_value(alert.value, alert.unit)
    if alert.threshold is not None:
        return f"{value} {'>' if alert.above else '<'} {format_value(alert.threshold, alert.unit)}"
    limit = _LIMIT.search(alert.expr)
    # with several comparisons nobody can say which of them the value stands in
    if limit is not None and len(_COMPARISON.findall(_MATCHERS.sub("", alert.expr))) == 1:
        return f"{value} {limit[1]} {limit[2]}"
    return value


def _meaning(alert: Alert) -> str:
    return alert.summary or " ".join(alert.expr.split())


def _alert_name(alert: Alert) -> str:
    labels = " ".join(value for _, value in alert.labels)
    return f"{alert.name} {labels}".rstrip()
