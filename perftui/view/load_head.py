"""The head of the Load screen: what is sent where, how it goes, and the figures by which it is judged.

Each line has a rank: where there is no room for all, the lines that say least go first, and the order of the others
stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.domain.load import LoadPhase, LoadRunRow, LoadState, Times, Verdict
from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_duration, format_value
from perftui.view.frame import framed
from perftui.view.load_figures import (
    LIMITS,
    Scale,
    count,
    error_share,
    errors_text,
    failed,
    ms_text,
    phase_line,
    plan_text,
    rate_text,
    said,
    spent,
    target_text,
    verdict_value,
)
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, line_width, right
from perftui.view.wrap import wrapped

_LABEL, _CELL = 9, 8
_COLUMNS = (("p50", "p50"), ("p90", "p90"), ("p95", "p95"), ("p99", "p99"), ("p99.9", "p99_9"), ("max", "max"))
_FEW = ("p50", "p95", "p99", "max")
_TABLE = _LABEL + _CELL * len(_COLUMNS) + 3
_GAP = 3
# beside the table there must be room for a threshold with its value and since when
_LEAST_SIDE = 38
# ms, of the response p99, of a core: beyond them the generator is at its limit
_LAG_BUSY, _LAG_SHARE, _CPU_BUSY = 1.0, 0.1, 0.8
# a phase that takes less says nothing
_LEAST_SHARE = 0.0005
_PHASES = ("connect", "tls", "send", "ttfb", "transfer")


class Ranked(NamedTuple):
    """A line, and how soon it may go: 0 stays longest."""

    rank: int
    line: Line


def framed_head(
    scene: Scene, state: LoadState, body: Sequence[Line], width: int, height: int, *, note: str = ""
) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells: the body between target, plan and state above, and a note below."""
    return framed(
        indented(body), width=width, height=height, title=_title(scene, state, width), summary=_summary(scene, state),
        footer=note, glyphs=scene.glyphs,
    )  # fmt: skip


def tiny_picture(scene: Scene, state: LoadState, width: int, height: int) -> tuple[Line, ...]:
    """State, p95, errors, thresholds, without a frame: what must be seen in the smallest terminal."""
    title: Line = (*phase_line(state, scene.glyphs), (f"  {spent(state)}", Role.VALUE))
    p95: Line = (
        ("p95 ", Role.LABEL), (ms_text(state.response.p95), Role.VALUE),
        ("  p99 ", Role.LABEL), (ms_text(state.response.p99), Role.VALUE),
        ("  ", Role.TEXT), (rate_text(state.rate), Role.LABEL),
    )  # fmt: skip
    lines = [title, p95, _errors(state), *_verdicts(scene, state, width), *_trouble(scene, state, width)]
    lines += [_sent(state), ((target_text(state), Role.LABEL),)]
    shown = [fit(line, width, scene.glyphs.ellipsis) for line in lines[:height]]
    return (*shown, *[fit((), width)] * (height - len(shown)))


def kept(rows: Sequence[Ranked], height: int) -> tuple[Line, ...]:
    """As many as fit, the least important left out."""
    ranks = sorted(range(len(rows)), key=lambda index: (rows[index].rank, index))[: max(0, height)]
    return tuple(rows[index].line for index in sorted(ranks))


def head_lines(scene: Scene, state: LoadState, width: int, last: LoadRunRow | None) -> tuple[Ranked, ...]:
    """Everything that the head has to say."""
    trouble = [Ranked(1, line) for line in _trouble(scene, state, width)]
    table = () if state.phase is LoadPhase.REFUSED else times_table(state, width, last)
    side = [Ranked(2, line) for line in _verdicts(scene, state, width)] if table else []
    facts = [Ranked(5, line) for line in (_phases(state), _flight(state)) if line]
    beside = width - _TABLE - _GAP
    if beside < _LEAST_SIDE or not state.response.n:
        return (*_counts(scene, state, width), *trouble, *table, *side, *facts)
    right_side = [Ranked(2, line) for line in _verdicts(scene, state, beside)] or [
        Ranked(6, ((f"no thresholds: {said('e.g. p(95)<200 in the form', 60)}", Role.LABEL),))
    ]
    right_side += facts
    rows = []
    for index in range(max(len(table), len(right_side))):
        here = table[index] if index < len(table) else None
        there = right_side[index] if index < len(right_side) else None
        line = fit(() if here is None else here.line, _TABLE + _GAP)
        ranks = [one.rank for one in (here, there) if one is not None]
        rows.append(Ranked(min(ranks), (*line, *(there.line if there is not None else ()))))
    return (*_counts(scene, state, width), *trouble, *rows)


def times_table(state: LoadState, width: int, last: LoadRunRow | None = None) -> tuple[Ranked, ...]:
    """Percentiles of response, service and waiting, and those of the last run of this target."""
    rows = [("response", state.response, 0), ("service", state.service, 3), ("blocked", state.blocked, 4)]
    if last is not None:
        times = Times(last.done, last.p50_ms, None, last.p95_ms, last.p99_ms)
        rows.append(("last run", times, 4))
    shown = [(title, name) for title, name in _COLUMNS if width >= _TABLE or title in _FEW]
    scale = Scale([times for _, times, _ in rows])
    head = "".join(right(title, _CELL) for title, _ in shown)
    lines = [Ranked(0, ((" " * _LABEL + head, Role.LABEL), (f" {scale.unit}", Role.LABEL)))]
    for label, times, rank in rows:
        cells = "".join(right(scale.text(getattr(times, name)), _CELL) for _, name in shown)
        role = Role.VALUE if label == "response" else Role.TEXT if times.n else Role.STALE
        lines.append(Ranked(rank, ((left(label, _LABEL), Role.LABEL), (cells, role))))
    return tuple(lines)


def _title(scene: Scene, state: LoadState, width: int) -> str:
    """The target gives way before the plan does."""
    plan = f" {scene.glyphs.horizontal * 2} {plan_text(state, scene.glyphs)}"
    room = width - len(plan) - line_width(_summary(scene, state)) - 12
    target = target_text(state)
    if room < 16:
        return f"Load  {target}"
    cut = (
        target
        if len(target) <= room
        else target[: room // 2] + scene.glyphs.ellipsis + target[-(room - room // 2) + 1 :]
    )
    return f"Load  {cut}{plan}"


def _summary(scene: Scene, state: LoadState) -> Line:
    if state.phase.is_over:
        return phase_line(state, scene.glyphs)
    return ((f"{spent(state)}  ", Role.VALUE), *phase_line(state, scene.glyphs))


def _sent(state: LoadState) -> Line:
    parts: Line = ()
    for name, number in (
        ("offered", state.offered),
        ("sent", state.sent),
        ("done", state.done),
        ("dropped", state.dropped),
    ):
        role = Role.WATCH if name == "dropped" and number else Role.VALUE
        parts += ((f"{'  ' if parts else ''}{name} ", Role.LABEL), (count(number), role))
    return parts


def _errors(state: LoadState) -> Line:
    bad = failed(state)
    if not bad:
        return (("errors ", Role.LABEL), ("0", Role.VALUE))
    share = error_share(state)
    role = Role.BAD if share is None or share >= 0.05 else Role.WATCH
    kinds = f" ({errors_text(state.errors)})"
    return (
        ("errors ", Role.LABEL), (count(bad), role), (f" {format_value(share, Unit.RATIO)}", role), (kinds, Role.TEXT)
    )  # fmt: skip


def _counts(scene: Scene, state: LoadState, width: int) -> tuple[Ranked, ...]:
    """What was sent and came back, in one line with our own health where it fits, else in three."""
    if state.phase in (LoadPhase.STARTING, LoadPhase.REFUSED):
        return ()
    health = _health(scene, state)
    sent: Line = (*_sent(state), ("  ", Role.TEXT), *_errors(state))
    free = width - line_width(sent) - line_width(health)
    if free >= 3:
        return (Ranked(0, (*sent, (" " * free, Role.TEXT), *health)),)
    if line_width(sent) <= width:
        return Ranked(0, sent), Ranked(3, health)
    return Ranked(3, _sent(state)), Ranked(0, _errors(state)), Ranked(3, health)


def _health(scene: Scene, state: LoadState) -> Line:
    """Whether our own figures can be trusted: how late our loop was, and how busy."""
    lag, cpu = state.lag.p99, state.cpu_share
    busy = state.limited_by == "generator"
    late = lag is not None and lag > max(_LAG_BUSY, _LAG_SHARE * (state.response.p99 or 0.0))
    near = late or (cpu is not None and cpu >= _CPU_BUSY)
    word, role = ("busy", Role.BAD) if busy else ("near its limit", Role.WATCH) if near else ("ok", Role.OK)
    sign = scene.glyphs.bad if busy else scene.glyphs.watch if near else ""
    figures = [f"lag p99 {ms_text(lag)}"] if lag is not None else []
    figures += [f"cpu {format_value(cpu, Unit.RATIO)}"] if cpu is not None else []
    if not figures:
        return (("generator: no figures" if state.phase.is_over else "generator: no figures yet", Role.LABEL),)
    return (("generator ", Role.LABEL), (f"{sign} {word}".strip(), role), (f": {', '.join(figures)}", Role.LABEL))


def _trouble(scene: Scene, state: LoadState, width: int) -> tuple[Line, ...]:
    """What a person must know before reading any figure."""
    lines: list[Line] = []
    if state.phase is LoadPhase.STARTING:
        lines += wrapped(
            "Looking the host up, judging the plan, one request first: nothing is counted yet.", Role.LABEL, width
        )
    if state.phase is LoadPhase.PAUSED:
        lines += wrapped(f"{scene.glyphs.frozen} paused: nothing is sent, P goes on", Role.WATCH, width)
    if state.limited_by in LIMITS:
        told = " ".join(said(text, 200) for text in state.advice) or LIMITS[state.limited_by]
        role = Role.LABEL if state.limited_by == "target" else Role.WATCH
        lines += wrapped(f"{scene.glyphs.watch} {told}", role, width)
    if state.verdict:
        lines += wrapped(said(state.verdict, 400), Role.VALUE, width)
    if state.percentile_quality not in ("", "exact"):
        lines += wrapped(f"percentiles: {said(state.percentile_quality, 100)}", Role.LABEL, width)
    return tuple(lines)


def _verdicts(scene: Scene, state: LoadState, width: int) -> tuple[Line, ...]:
    """``✗ p(95)<200   238   since 0:14``; broken ones first."""
    ordered = sorted(state.thresholds, key=lambda one: one.ok)
    size = min(max((len(one.expr) for one in ordered), default=0), max(10, width - 26))
    return tuple(verdict_line(scene, one, size, width) for one in ordered)


def verdict_line(scene: Scene, one: Verdict, size: int, width: int) -> Line:
    """A threshold as one line; without a value there is no verdict yet."""
    role = Role.BAD if not one.ok else Role.OK if one.value is not None else Role.STALE
    sign = scene.glyphs.bad if not one.ok else scene.glyphs.ok if one.value is not None else scene.glyphs.dash
    since = "" if one.ok or one.broken_at_s is None else f"  since {format_duration(one.broken_at_s)}"
    return fit(
        (
            (f"{sign} ", role), (left(said(one.expr), size, scene.glyphs.ellipsis), Role.VALUE),
            (right(verdict_value(one), 9), role), (since, role),
        ),
        width, scene.glyphs.ellipsis,
    )  # fmt: skip


def _phases(state: LoadState) -> Line:
    shares = [(name, state.phases[name]) for name in _PHASES if state.phases.get(name, 0.0) >= _LEAST_SHARE]
    if not shares:
        return ()
    line: Line = (("phases ", Role.LABEL),)
    for name, share in shares:
        line += ((f" {name} ", Role.LABEL), (format_value(share, Unit.RATIO), Role.TEXT))
    return line


def _flight(state: LoadState) -> Line:
    if state.phase.is_over:
        return ()
    backlog = Role.WATCH if state.backlog else Role.TEXT
    return (
        ("in flight ", Role.LABEL), (count(state.in_flight), Role.TEXT), ("  waiting ", Role.LABEL),
        (count(state.backlog), backlog), ("  timed out ", Role.LABEL),
        (count(state.timed_out), Role.WATCH if state.timed_out else Role.TEXT),
    )  # fmt: skip
