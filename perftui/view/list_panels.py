"""Bodies of the panels that list what fires and what to fix first."""

from __future__ import annotations

from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.findings import Finding, Impact
from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_duration, format_value, split_value
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, line_width, right, text_width
from perftui.view.wrap import wrapped

_STATE_ORDER = {AlertState.FIRING: 0, AlertState.PENDING: 1, AlertState.RESOLVED: 2}


def sorted_alerts(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Firing before pending before resolved, worst first, oldest first."""
    return tuple(
        sorted(alerts, key=lambda alert: (_STATE_ORDER[alert.state], alert.severity.rank, alert.since, alert.name))
    )


def alerts_summary(scene: Scene) -> Line:
    """What the alerts panel says in its frame."""
    firing = [alert for alert in scene.mirror.alerts if alert.state is AlertState.FIRING]
    blind = _blind(scene)
    if not firing and blind:
        return ((f"{scene.glyphs.watch} {len(blind)} not known", Role.WATCH),)
    if not firing:
        return ((f"{scene.glyphs.ok} none firing", Role.LABEL),)
    worst = min(firing, key=lambda alert: alert.severity.rank)
    return ((f"{len(firing)} firing", _severity_role(worst)),)


def alerts_body(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """One line an alert: state, name, value against threshold, how long."""
    if not scene.mirror.alerts:
        return _no_alerts(scene, width)
    blind = tuple(line for text in _blind(scene) for line in wrapped(text, Role.WATCH, width))[: max(0, height - 1)]
    return _listed(scene, width, height - len(blind)) + blind


def _listed(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    shown = sorted_alerts(scene.mirror.alerts)
    fits = shown if len(shown) <= height else shown[: max(1, height - 1)]
    lines = [_alert_line(scene, alert, width) for alert in fits]
    if len(fits) < len(shown) and height > len(lines):
        lines.append(fit(((f"{scene.glyphs.ellipsis} {len(shown) - len(fits)} more", Role.LABEL),), width))
    return tuple(lines)


def _no_alerts(scene: Scene, width: int) -> tuple[Line, ...]:
    """Quiet is only good news when something was measured and compared, and every source could be asked."""
    blind = tuple(line for text in _blind(scene) for line in wrapped(text, Role.WATCH, width))
    return blind + _own_rules(scene, width)


def _blind(scene: Scene) -> tuple[str, ...]:
    """Sources whose alerts nobody knows now."""
    return tuple(f"{scene.glyphs.watch} {one.name}: {one.blind}" for one in scene.mirror.sources if one.blind)


def _own_rules(scene: Scene, width: int) -> tuple[Line, ...]:
    rules = sum(rule.enabled for rule in scene.config.alerts.values())
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
    if alert.state is AlertState.PENDING:
        return scene.glyphs.stale
    return scene.glyphs.bad if alert.severity is Severity.CRITICAL else scene.glyphs.watch


def _alert_line(scene: Scene, alert: Alert, width: int) -> Line:
    """Name first; the comparison and the duration align at the right, the state's word when there is room."""
    role = _severity_role(alert)
    compared = _compared(alert)
    since = format_duration(max(0.0, scene.end - alert.since))
    if alert.state is AlertState.PENDING:
        since = f"{format_duration(max(0.0, scene.end - alert.active_at))} of {format_duration(alert.for_s)}"
    name_width = max(8, width - 2 - 19 - 14 - (9 if width >= 60 else 0))
    spans: Line = (
        (f"{_severity_glyph(scene, alert)} ", role),
        (
            left(_alert_name(alert), name_width, scene.glyphs.ellipsis),
            Role.VALUE if alert.state is AlertState.FIRING else Role.LABEL,
        ),
        (right(compared, 19), role),
        (right(since, 14), Role.LABEL),
    )
    if width >= 60:
        spans += ((f" {left(alert.state.value, 8)}", Role.LABEL),)
    return fit(spans, width, scene.glyphs.ellipsis)


def _compared(alert: Alert) -> str:
    """The value against its limit; the value alone when only the server knows the limit."""
    if alert.threshold is None:
        return format_value(alert.value, alert.unit)
    relation = ">" if alert.above else "<"
    return f"{format_value(alert.value, alert.unit)} {relation} {format_value(alert.threshold, alert.unit)}"


def _alert_name(alert: Alert) -> str:
    labels = " ".join(value for _, value in alert.labels)
    return f"{alert.name} {labels}".rstrip()


def fixes_summary(scene: Scene) -> Line:
    count = len(scene.mirror.findings)
    return ((f"{count} to weigh" if count else "", Role.LABEL),) if count else ()


def fixes_body(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """Recommendations by score, one line each, evidence on a second line where there is room."""
    found = sorted(scene.mirror.findings, key=lambda finding: -finding.score)
    if not found:
        text = "Nothing to fix. When an alert fires, its remedy stands here, with the change that it needs."
        return wrapped(text, Role.LABEL, width)
    two_lines = height >= 2 * len(found)
    impacts = [impact_text(finding.impact, scene.glyphs.minus) for finding in found]
    impact_width = max(map(text_width, impacts))
    lines: list[Line] = []
    for rank, (finding, impact) in enumerate(zip(found, impacts, strict=True), 1):
        lines.append(_fix_line(scene, rank, finding, left(impact, impact_width), width))
        if two_lines and finding.evidence:
            lines.append(fit(((f"    {finding.evidence[0].text}", Role.LABEL),), width, scene.glyphs.ellipsis))
    return tuple(lines[:height])


def _fix_line(scene: Scene, rank: int, finding: Finding, impact: str, width: int) -> Line:
    effort = f"{finding.effort.value.replace('_', ' ')} {finding.hours:g} h"
    confidence = f"conf {finding.confidence:.1f}"
    tail: Line = ((right(effort, 12), Role.LABEL), (f"  {impact}", Role.VALUE), (f"  {confidence}", Role.LABEL))
    if width < 90:
        tail = ((right(effort, 12), Role.LABEL), (f"  {impact}", Role.VALUE))
    room = max(10, width - line_width(tail) - 4)
    head: Line = (
        (f"{rank} {scene.glyphs.live} ", Role.ACCENT),
        (left(finding.title, room, scene.glyphs.ellipsis), Role.VALUE),
    )
    return fit((*head, *tail), width, scene.glyphs.ellipsis)


def impact_text(impact: Impact, minus: str) -> str:
    """``cpu busy −12 % (−8 … −20)``: the middle estimate with its unit, the range without."""
    name = impact.metric
    middle = _signed(impact.mid, impact.unit, minus, with_unit=True)
    low = _signed(impact.low, impact.unit, minus, with_unit=False)
    high = _signed(impact.high, impact.unit, minus, with_unit=False)
    return f"{name} {middle} ({low} … {high})"


def _signed(value: float, unit: Unit, minus: str, *, with_unit: bool) -> str:
    number, suffix = split_value(abs(value), unit)
    sign = minus if value < 0 else "+"
    return f"{sign}{number} {suffix}".rstrip() if with_unit else f"{sign}{number}"
