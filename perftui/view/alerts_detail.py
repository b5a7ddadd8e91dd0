"""The whole story of one alert: why it fires, since when, how often, who cares for it, and what may help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from perftui.domain.alerts import AlertState
from perftui.domain.findings import Finding
from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow, Silence
from perftui.domain.units import Unit, format_duration, format_value
from perftui.view.alerts_graph import graph_lines
from perftui.view.alerts_pipeline import watchdog_figure
from perftui.view.alerts_rows import (
    SILENCES,
    age_text,
    flaps,
    is_snoozed,
    limit_text,
    person,
    said,
    severity_role,
    severity_sign,
    state_text,
    value_text,
)
from perftui.view.alerts_story import Told, slo_of, trend_words, window_of
from perftui.view.fixes import gain_text, ranked
from perftui.view.frame import framed
from perftui.view.gauge import bar as part_bar
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, line_width
from perftui.view.workflow_gantt import Axis, Piece, bar_line
from perftui.view.wrap import wrapped

_NAME = 9
_BESIDE = 76
_TALL = 18
_LONGEST = 2000
_DAY_S = 86400.0
_SHORT = {"description": "about"}
_SCHEMES = ("http://", "https://")


class Fact(NamedTuple):
    """A line or more of the detail: what it is about, and the words; ``whole`` ones only stand on the full page."""

    name: str
    text: str
    role: Role = Role.TEXT
    whole: bool = False


def detail_picture(
    scene: Scene, row: AlertRow, told: Told, width: int, height: int, *, full: bool = False, top: int = 0
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells, from line ``top`` of its words on."""
    inner, room = max(0, width - 4), max(0, height - 2)
    if inner >= _BESIDE and room <= _TALL and not full:
        words = inner * 11 // 20
        text = _scrolled(scene, detail_lines(scene, row, told, words, full=False), top, room, words, full=False)
        graph = graph_lines(scene, row, told, inner - words - 2, room)
        blank: Line = ((" " * words, Role.TEXT),)
        pairs = zip((*text, *[blank] * (room - len(text))), graph, strict=False)
        body = [(*one, ("  ", Role.TEXT), *other) for one, other in pairs]
    else:
        tall = min(_TALL - 2, room * 2 // 5) if full or room > _TALL else min(7, room // 2) if room >= 8 else 0
        graph = graph_lines(scene, row, told, inner, tall)
        text = detail_lines(scene, row, told, inner, full=full)
        body = [*graph, *_scrolled(scene, text, top, room - tall, inner, full=full)]
    sign: Line = ((f"{severity_sign(row.severity)} {state_text(row)}", severity_role(row.severity)),)
    figure = watchdog_figure(scene) if full else ()
    summary = (*sign, ("  ", Role.LABEL), *figure) if figure else sign
    if line_width(summary) > inner // 2:
        summary = sign
    return framed(
        indented(body), width=width, height=height, title=said(row.name), summary=summary, focused=full,
        footer="esc back to the list" if full else "", glyphs=scene.glyphs,
    )  # fmt: skip


def _scrolled(
    scene: Scene, lines: tuple[Line, ...], top: int, room: int, width: int, *, full: bool
) -> tuple[Line, ...]:
    """The part that is in sight; what lies below it is counted."""
    first = max(0, min(top, len(lines) - room))
    rest = len(lines) - first - room
    if rest <= 0 or room < 1:
        return lines[first : first + max(0, room)]
    way = "down scrolls" if full else "enter"
    more = fit(((f"{scene.glyphs.ellipsis} {rest + 1} more lines: {way}", Role.LABEL),), width, scene.glyphs.ellipsis)
    return (*lines[first : first + room - 1], more)


def detail_lines(scene: Scene, row: AlertRow, told: Told, width: int, *, full: bool) -> tuple[Line, ...]:
    """As many lines of ``width`` cells as it takes; the full page leaves nothing out."""
    lines: list[Line] = []
    if row.summary:
        lines += wrapped(said(row.summary, 600), Role.VALUE, width)[: None if full else 2]
    for fact in facts(scene, row, told):
        if full or not fact.whole:
            lines += _fact(scene, fact, width, 8 if full else 2)
        if fact.name == "times" and told.key == row.key and told.story is not None:
            lines += _timeline(scene, told, width)
    return tuple(lines)


def _fact(scene: Scene, fact: Fact, width: int, most: int) -> list[Line]:
    room = max(1, width - _NAME)
    rows = wrapped(clean(fact.text, _LONGEST), fact.role, room)[:most]
    return [
        fit(
            ((left(fact.name if place == 0 else "", _NAME - 1, scene.glyphs.ellipsis) + " ", Role.LABEL), *line),
            width,
            scene.glyphs.ellipsis,
        )
        for place, line in enumerate(rows)
    ]


def facts(scene: Scene, row: AlertRow, told: Told) -> Iterator[Fact]:
    """What there is to say, the most useful first."""
    if row.expr:
        held = f" for {format_duration(row.for_s)}" if row.for_s else ""
        yield Fact("expr", " ".join(row.expr.split()) + held, Role.VALUE)
    yield Fact("value", _compared(scene, row))
    yield Fact("times", _times(scene, row, told))
    if row.state is AlertState.PENDING and row.for_s:
        yield Fact("pending", _progress(scene, row), Role.WATCH)
    yield from _people(scene, row)
    yield from _hidden(scene, row)
    if row.runbook.startswith(_SCHEMES):
        yield Fact("runbook", row.runbook, Role.KEY)
    elif row.runbook:
        yield Fact("runbook", f"not a web address, not shown as one: {said(row.runbook, 80)}", Role.STALE)
    if told.key == row.key and told.story is not None and told.story.problem:
        yield Fact("history", f"not known: {told.story.problem}", Role.STALE)
    yield from _moved(row, told)
    for finding in related(scene, row):
        yield Fact("fix", f"{said(finding.title)} ({gain_text(finding, scene.glyphs.minus)})", Role.ACCENT)
    yield Fact("labels", "  ".join(f"{name}={said(value, 200)}" for name, value in row.labels))
    for name, value in row.annotations:
        if value not in (row.summary, row.runbook):
            yield Fact(_SHORT.get(name, said(name, 40)), value, whole=name != "description")
    yield Fact("sources", ", ".join(row.sources) or "–", whole=True)
    yield Fact("identity", row.key, Role.LABEL, whole=True)


def _compared(scene: Scene, row: AlertRow) -> str:
    parts = [value_text(row)]
    parts.append(f"limit {limit_text(row)}" if row.threshold is not None else "limit: see expr")
    trend = trend_words(window_of(scene, row), row.above)
    if trend:
        parts.append(f"trend {trend}")
    slo = slo_of(scene, row)
    if slo is not None and slo.left is not None:
        gone = "" if slo.exhausted_in_s is None else f" (gone in {age_text(slo.exhausted_in_s)})"
        parts.append(f"budget left {format_value(slo.left, Unit.RATIO)}{gone}")
    return f" {scene.glyphs.separator} ".join(parts)


def _times(scene: Scene, row: AlertRow, told: Told) -> str:
    """When the condition became true, when it fired, and how often it did."""
    parts = [f"true since {_clock(scene, row.active_at)}"]
    if row.fired_at is not None:
        parts.append(f"fired {_clock(scene, row.fired_at)}")
    if row.state is AlertState.RESOLVED:
        parts.append(f"resolved {_clock(scene, row.since)}")
    story = told.story if told.key == row.key else None
    day, hour = row.activations_24h, row.activations_1h
    if story is not None:
        day = story.activations_24h if story.activations_24h is not None else day
        hour = story.activations_1h if story.activations_1h is not None else hour
    if day is not None or hour is not None:
        counts = f"activations {'–' if hour is None else hour} in 1 h, {'–' if day is None else day} in 24 h"
        parts.append(f"{counts} {scene.glyphs.watch} flaps" if flaps(row) else counts)
    return f" {scene.glyphs.separator} ".join(parts)


def _clock(scene: Scene, at: float) -> str:
    return f"{scene.clock_text(at)} ({age_text(scene.end - at)} ago)"


def _timeline(scene: Scene, told: Told, width: int) -> list[Line]:
    """When it fired in the last 24 hours, or since the first time that is known."""
    story = told.story
    if story is None or not story.spans or width < _NAME + 20:
        return []
    end = scene.end
    start = max(end - _DAY_S, min(span.start for span in story.spans))
    axis = Axis(start, max(start + 1.0, end))
    pieces = [
        Piece(max(start, span.start), end if span.end is None else span.end,
              Role.STALE if span.state == AlertState.PENDING.value else Role.WATCH)
        for span in story.spans
        if (end if span.end is None else span.end) >= start
    ]  # fmt: skip
    label = f"{age_text(end - start)} "
    room = width - _NAME - len(label) - len("- now")
    bar = bar_line(pieces, axis, room, scene.glyphs)
    line: Line = ((left("fired", _NAME), Role.LABEL), (f"-{label}", Role.LABEL), *bar, (" now", Role.LABEL))
    return [fit(line, width, scene.glyphs.ellipsis)]


def _progress(scene: Scene, row: AlertRow) -> str:
    """``0:40 of 1:00 ███████░░░``: how long it must hold before it fires."""
    held = max(0.0, scene.end - row.active_at)
    bar = part_bar(min(1.0, held / row.for_s), 12, scene.glyphs)
    return f"{format_duration(min(held, row.for_s))} of {format_duration(row.for_s)} {bar} until it fires"


def _people(scene: Scene, row: AlertRow) -> Iterator[Fact]:
    session = scene.mirror.session
    if row.acked_by:
        since = "" if row.acked_at is None else f", {age_text(scene.end - row.acked_at)} ago"
        yield Fact("acked", f"by {person(row.acked_by, session)}{since}", Role.ACCENT)
    if row.note:
        by = f" ({person(row.note_by, session)})" if row.note_by else ""
        yield Fact("note", f"{said(row.note, 600)}{by}", Role.ACCENT)
    if is_snoozed(row) and row.snoozed_until is not None:
        by = f" by {person(row.snoozed_by, session)}" if row.snoozed_by else ""
        rest = age_text(row.snoozed_until - scene.end)
        yield Fact("snoozed", f"until {scene.clock_text(row.snoozed_until)}, {rest} more{by}; sooner if it gets worse")


def _hidden(scene: Scene, row: AlertRow) -> Iterator[Fact]:
    """Whose silences hide it, with their reason; which alert does."""
    for silence in silences_of(scene, row):
        rest = age_text(silence.ends_at - scene.end)
        who = person(silence.author, scene.mirror.session)
        told = f"by {who}, {rest} more, {said(silence.source, 40)}: {said(silence.comment, 300)}"
        yield Fact("silenced", told)
    known = {name for one in silences_of(scene, row) for name in (one.id, one.key)}
    for name in row.silenced_by:
        if name not in known:
            yield Fact("silenced", said(name, 80), Role.LABEL)
    if row.inhibited_by:
        yield Fact("hidden", "by " + ", ".join(_named(scene, key) for key in row.inhibited_by))


def _named(scene: Scene, key: str) -> str:
    table = scene.mirror.tables.get("alerts")
    row: AlertRow | None = None if table is None else table.rows.get(key)
    return said(key if row is None else row.name, 80)


def silences_of(scene: Scene, row: AlertRow) -> list[Silence]:
    table = scene.mirror.tables.get(SILENCES)
    rows: list[Silence] = [] if table is None or not row.silenced_by else list(table.rows.values())
    names = set(row.silenced_by)
    return [one for one in rows if one.id in names or one.key in names]


def _moved(row: AlertRow, told: Told) -> Iterator[Fact]:
    story = told.story if told.key == row.key else None
    if story is not None and story.moved:
        yield Fact("moved", "at the same time: " + ", ".join(map(_move, story.moved)))


def _move(moved: tuple[str, str]) -> str:
    """``cpu_busy_ratio rose from 20 % to 90 %``, the series without its source."""
    series, words = moved
    return f"{said(series.partition('/')[2] or series, 80)} {said(words, 120)}"


def related(scene: Scene, row: AlertRow) -> list[Finding]:
    """Recommendations that name the alert, its rule, or measured the series that it watches."""
    names = {*row.fixes, row.rule} - {""}
    return [
        one
        for one in ranked(scene)
        if names & {one.id, one.rule, one.title}
        or (row.series and any(row.series == proof.series for proof in one.evidence))
    ]
