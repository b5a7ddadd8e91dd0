"""The whole story behind what to fix first: method, assumptions, steps, measured outcomes, and every rule's state."""

from __future__ import annotations

from perftui.domain.findings import Finding, RuleState, RuleStatus
from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.units import format_duration
from perftui.view.fixes import fix_lines, impact_text, newest_outcomes, outcome_line, ranked
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, text_width
from perftui.view.wrap import wrapped

_INDENT, _NAME = 4, 10
_LONGEST = 400
_ORDER = (RuleState.FOUND, RuleState.WAITING, RuleState.FAILED, RuleState.QUIET, RuleState.BLIND)


def fixes_details(scene: Scene, width: int) -> tuple[Line, ...]:
    """As many lines of ``width`` cells as it takes."""
    found = ranked(scene)
    lines: list[Line] = []
    for head, finding in zip(fix_lines(scene, found, width), found, strict=True):
        lines += [head, *_finding(scene, finding, width), fit((), width)]
    if not found:
        lines += [*wrapped("Nothing to fix now.", Role.LABEL, width), fit((), width)]
    if scene.mirror.outcomes:
        lines.append(_title("What changes brought", width))
        for outcome in newest_outcomes(scene):
            lines.append(outcome_line(scene, outcome, width))
            ago = format_duration(max(0.0, scene.end - outcome.changed_at))
            after = f"after {clean(outcome.mark, _LONGEST)}, {ago} ago"
            told = f"; {clean(outcome.text, _LONGEST)}" if outcome.text and outcome.measured is not None else ""
            lines += _named(scene, "", after + told, width)
        lines.append(fit((), width))
    if scene.mirror.rules:
        lines.append(_title(f"Rules ({len(scene.mirror.rules)})", width))
        lines += [_rule(scene, rule, width) for rule in _sorted(scene.mirror.rules)]
    return tuple(lines)


def _title(text: str, width: int) -> Line:
    return fit(((text, Role.TITLE),), width)


def _finding(scene: Scene, finding: Finding, width: int) -> list[Line]:
    lines: list[Line] = []
    about = [f"{finding.rule} {finding.target}".strip()]
    if finding.since is not None:
        about.append(f"for {format_duration(max(0.0, scene.end - finding.since))}")
    made = f" = 100 x low gain x confidence x urgency {finding.urgency:g} / hours" if finding.gain is not None else ""
    about.append(f"score {finding.score:.3g}{made}")
    lines += _named(scene, "rule", ", ".join(about), width)
    if finding.gain is not None:
        lines += _named(scene, "impact", impact_text(finding.impact, scene.glyphs.minus), width)
    for number, one in enumerate(finding.evidence):
        # of tasks and histograms there is no series
        told = f"{one.text} ({one.series})" if one.series else one.text
        lines += _named(scene, "" if number else "evidence", told, width)
    lines += _named(scene, "method", finding.impact.method, width)
    for number, text in enumerate(finding.assumptions):
        lines += _named(scene, "" if number else "assumes", text, width)
    for number, step in enumerate(finding.steps, 1):
        lines += _named(scene, "steps" if number == 1 else "", f"{number}. {step}", width)
    return lines


def _named(scene: Scene, name: str, text: str, width: int) -> list[Line]:
    """A text wrapped beside its name."""
    room = width - _INDENT - _NAME
    if room < 12:
        return [*wrapped(f"{name} {clean(text, _LONGEST)}".strip(), Role.LABEL, width)]
    rows = wrapped(clean(text, _LONGEST).strip(), Role.TEXT, room)
    blank = " " * _INDENT
    return [
        fit(((blank + left(name if place == 0 else "", _NAME), Role.LABEL), *row), width, scene.glyphs.ellipsis)
        for place, row in enumerate(rows)
    ]


def _sorted(rules: tuple[RuleStatus, ...]) -> list[RuleStatus]:
    return sorted(rules, key=lambda rule: (_ORDER.index(rule.state), rule.rule, rule.target))


def _rule(scene: Scene, rule: RuleStatus, width: int) -> Line:
    """Sign, rule, target and what became of it."""
    glyphs = scene.glyphs
    sign, role = {
        RuleState.FOUND: (glyphs.live, Role.ACCENT),
        RuleState.WAITING: (glyphs.stale, Role.STALE),
        RuleState.QUIET: (glyphs.ok, Role.LABEL),
        RuleState.BLIND: (glyphs.dash, Role.STALE),
        RuleState.FAILED: (glyphs.bad, Role.BAD),
    }[rule.state]
    text = clean(rule.text, _LONGEST)
    if rule.state is RuleState.BLIND:
        text = f"not evaluated ({text})"
    elif rule.state is RuleState.FAILED:
        text = f"failed: {text}"
    target = clean(rule.target, 40)
    room = min(16, max(0, width - 8 - text_width(text)))
    named = left(target, room, glyphs.ellipsis) + " " if room >= 4 else ""
    line: Line = (
        (f"{sign} ", role),
        (left(clean(rule.rule, 20), 6, glyphs.ellipsis), Role.VALUE),
        (named, Role.LABEL),
        (text, Role.BAD if rule.state is RuleState.FAILED else Role.TEXT if named else Role.LABEL),
    )
    return fit(tuple(span for span in line if span[0]), width, glyphs.ellipsis)
