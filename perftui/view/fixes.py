"""The panel of what to fix first: recommendations by score, what became of those before, and how each is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from perftui.domain.findings import Finding, Gain, Impact, Outcome, RuleState
from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.units import Unit, split_value
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, line_width, right, text_width
from perftui.view.wrap import wrapped

# a gain of a tenth is worth a change; what takes no more than a day is quick
_WORTH, _QUICK_HOURS = 0.1, 8.0
_WIDE, _MEDIUM, _NARROW = 130, 90, 60
_LONGEST = 300
_NOT_YET = "What to fix first stands here, once something is measured."
_NOTHING = "Nothing to fix. When an alert fires, its remedy stands here, with the change that it needs."


def ranked(scene: Scene) -> tuple[Finding, ...]:
    """The findings, the best score first."""
    return tuple(sorted(scene.mirror.findings, key=lambda finding: -finding.score))


def newest_outcomes(scene: Scene) -> tuple[Outcome, ...]:
    """What became of findings, the newest change first."""
    return tuple(sorted(scene.mirror.outcomes, key=lambda outcome: -outcome.changed_at))


def fixes_summary(scene: Scene, width: int) -> Line:
    """Effort against impact in ``width`` cells, or how many there are."""
    found = scene.mirror.findings
    if not found:
        return ()
    count = Counter(map(_class, found))
    words = [_plural(count[name], name) for name in ("quick win", "big bet", "fill-in", "long shot") if count[name]]
    text = f"effort vs impact: {', '.join(words)}"
    if not words or text_width(text) > width:
        text = f"{len(found)} to weigh"
    return ((text, Role.LABEL),)


def _class(finding: Finding) -> str:
    """Where a finding stands between effort and impact; empty where only a need could be computed."""
    if finding.gain is None:
        return ""
    quick = finding.hours <= _QUICK_HOURS
    if finding.gain.mid >= _WORTH:
        return "quick win" if quick else "big bet"
    return "fill-in" if quick else "long shot"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def fixes_body(scene: Scene, width: int, height: int) -> tuple[Line, ...]:
    """A line a finding, then what became of those before; evidence and rules that wait where there is room."""
    found, outcomes = ranked(scene), newest_outcomes(scene)
    lines: list[Line] = []
    rest = [outcome_line(scene, outcome, width) for outcome in outcomes] + _waiting(scene, width)
    told = min(len(rest), 2 if height >= 2 + len(found) else 1 if height > 1 else 0)
    two_lines = width < _WIDE and height - told >= 2 * len(found)
    for line, finding in zip(fix_lines(scene, found, width), found, strict=True):
        lines.append(line)
        if two_lines and finding.evidence:
            lines.append(fit(((f"    {_said(finding.evidence[0].text)}", Role.LABEL),), width, scene.glyphs.ellipsis))
    if not found and not outcomes:
        lines += wrapped(_NOT_YET if scene.mirror.at is None else _NOTHING, Role.LABEL, width)
    lines = _within(scene, lines, width, height - told if found or outcomes else height)
    return (*lines, *rest)[: max(0, height)]


def _within(scene: Scene, lines: list[Line], width: int, room: int) -> list[Line]:
    """As many lines as there is room for; the last one says how many there are more."""
    if len(lines) <= room:
        return lines
    more = fit(((f"{scene.glyphs.ellipsis} {len(lines) - room + 1} more: e shows all", Role.LABEL),), width)
    return [*lines[: max(0, room - 1)], more][: max(0, room)]


def _waiting(scene: Scene, width: int) -> list[Line]:
    """Rules whose condition is true, but not for long enough."""
    return [
        fit(
            ((f"  {scene.glyphs.stale} ", Role.STALE), (f"{_said(rule.rule)} {_said(rule.text)}", Role.LABEL)),
            width, scene.glyphs.ellipsis,
        )
        for rule in scene.mirror.rules
        if rule.state is RuleState.WAITING
    ]  # fmt: skip


def fix_lines(scene: Scene, found: Sequence[Finding], width: int) -> list[Line]:
    """One line a finding, their columns below each other."""
    efforts = [f"{finding.effort.value.replace('_', ' ')} {finding.hours:g} h" for finding in found]
    gains = [gain_text(finding, scene.glyphs.minus, named=width >= _NARROW) for finding in found]
    effort_width, gain_width = max(map(text_width, efforts), default=0), max(map(text_width, gains), default=0)
    lines = []
    for rank, (finding, effort, gain) in enumerate(zip(found, efforts, gains, strict=True), 1):
        tail: Line = ((f"  {left(gain, gain_width)}", Role.VALUE),)
        if width >= _NARROW:
            tail = ((f"  {right(effort, effort_width)}", Role.LABEL), *tail)
        if width >= _MEDIUM:
            tail = (*tail, (f"  conf {finding.confidence:.1f}", Role.LABEL))
        lines.append(_fix_line(scene, rank, finding, tail, width))
    return lines


def _fix_line(scene: Scene, rank: int, finding: Finding, tail: Line, width: int) -> Line:
    """The title gets what the figures leave; on wide screens it leaves room for the evidence."""
    room = width - line_width(tail) - 4
    proof = ""
    if width >= _WIDE and finding.evidence:
        proof = f"   {_said(finding.evidence[0].text)}"
        room = max(room - text_width(proof), min(room, max(text_width(_said(finding.title)), room // 2)))
    if room < min(10, text_width(finding.title)):
        tail, room = (), max(0, width - 4)
    head: Line = (
        (f"{rank} {scene.glyphs.live} ", Role.ACCENT),
        (left(_said(finding.title), room, scene.glyphs.ellipsis), Role.VALUE),
    )
    return fit((*head, *tail, (proof, Role.LABEL)) if proof else (*head, *tail), width, scene.glyphs.ellipsis)


def _said(text: str) -> str:
    return clean(text, _LONGEST)


def gain_text(finding: Finding, minus: str, *, named: bool = True) -> str:
    """``total time −22 % (−15 … −29)``; where only a need is known, how far the metric would have to move."""
    gain, impact = finding.gain, finding.impact
    name = f"{_said(impact.metric)} " if named else ""
    if gain is None:
        return impact_text(impact, minus, named=named)
    sign = "+" if impact.mid > 0 else minus
    return f"{name}{sign}{_percent(gain.mid)} % {_span(gain, sign)}"


def _span(gain: Gain, sign: str) -> str:
    return f"({sign}{_percent(gain.low)} … {sign}{_percent(gain.high)})"


def _percent(share: float) -> str:
    return split_value(abs(share), Unit.RATIO)[0]


def impact_text(impact: Impact, minus: str, *, named: bool = True) -> str:
    """``cpu busy −12 % (−8 … −20)``: the middle estimate with its unit, the range without."""
    name = f"{_said(impact.metric)} " if named else ""
    middle = _signed(impact.mid, impact.unit, minus, with_unit=True)
    # the range goes without a unit only where it has that of the middle
    units = {split_value(abs(value), impact.unit)[1] for value in (impact.low, impact.mid, impact.high) if value}
    low = _signed(impact.low, impact.unit, minus, with_unit=len(units) > 1)
    high = _signed(impact.high, impact.unit, minus, with_unit=len(units) > 1)
    return f"{name}{middle} ({low} … {high})"


def _signed(value: float, unit: Unit, minus: str, *, with_unit: bool) -> str:
    number, suffix = split_value(abs(value), unit)
    sign = minus if value < 0 else "+"
    return f"{sign}{number} {suffix}".rstrip() if with_unit else f"{sign}{number}"


def outcome_line(scene: Scene, outcome: Outcome, width: int) -> Line:
    """``✓ title: measured −38 % (predicted −30 … −45) within``; what is waited for while nothing is measured."""
    glyphs, finding = scene.glyphs, outcome.finding
    if outcome.measured is None:
        told: Line = ((_said(outcome.text) or "measuring", Role.STALE),)
        return fit(((f"  {glyphs.stale} {_said(finding.title)}: ", Role.LABEL), *told), width, glyphs.ellipsis)
    sign = glyphs.minus if outcome.measured >= 0 else "+"
    text = f"measured {sign}{_percent(outcome.measured)} %"
    word, mark, role = _judged(scene, outcome)
    if finding.gain is not None:
        text += f" (predicted {_span(finding.gain, glyphs.minus)[1:]}"
    tail: Line = ((f"  {text}", Role.VALUE), (f"  {mark} {word}" if word else "", role))
    room = width - line_width(tail)
    if room < 10:
        return fit(((f"{mark} {text} {word}".strip(), role),), width, glyphs.ellipsis)
    title = left(f"    {_said(finding.title)}", room, glyphs.ellipsis)
    return fit(((title, Role.LABEL), *tail), width, glyphs.ellipsis)


def _judged(scene: Scene, outcome: Outcome) -> tuple[str, str, Role]:
    """How what was measured stands to what was predicted: a word, a sign, and a look."""
    gain, glyphs = outcome.finding.gain, scene.glyphs
    if gain is None or outcome.measured is None:
        return "", glyphs.ok, Role.LABEL
    if outcome.measured < gain.low:
        return "less than predicted", glyphs.bad, Role.BAD
    if outcome.measured > gain.high:
        return "more than predicted", glyphs.watch, Role.WATCH
    return "within", glyphs.ok, Role.OK
