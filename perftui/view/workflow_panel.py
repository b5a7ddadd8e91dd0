"""The panel of a workflow: its phases with progress, estimate and efficiency, and how many tasks are where."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_duration, format_value
from perftui.domain.workflow import PhaseRow, WorkState
from perftui.view.gauge import bar
from perftui.view.scene import Scene
from perftui.view.text import Line, Span, fit, left, line_width, right, text_width
from perftui.view.workflow_rows import Run, elapsed_s, shown, state_role, state_sign

_ELAPSED, _FIGURE, _SHARE = 8, 11, 6
_LEAST_BAR, _LEAST_NAME = 6, 6


def workflow_summary(scene: Scene, run: Run, width: int) -> Line:
    """How long it takes, and of how long it should where ``width`` cells hold that too."""
    row = run.row
    elapsed, expected = run.elapsed_s, row.expected_s
    text = format_duration(elapsed)
    if row.state.is_over:
        word = "" if row.state is WorkState.OK else f" {row.state.value}"
        return ((f"{state_sign(row.state, scene.glyphs)}{word} {text}", state_role(row.state)),)
    if elapsed is None:
        return (("not begun", Role.LABEL),)
    if expected is None:
        return ((text, Role.VALUE),)
    late = elapsed > expected
    sign = f" {scene.glyphs.watch}" if late else ""
    longer = f"{text} of ~{format_duration(expected)}{sign}"
    return ((longer if text_width(longer) <= width else text + sign, Role.WATCH if late else Role.VALUE),)


def workflow_body(scene: Scene, run: Run, width: int, height: int) -> tuple[Line, ...]:
    """A line a phase, then the tasks unless they stand in the frame."""
    if not run.phases:
        told = fit(((f"{run.name} has told of no phases yet", Role.LABEL),), width, scene.glyphs.ellipsis)
        return (told, tasks_line(scene, run, width))[: max(0, height)]
    lines = phase_lines(scene, run, width, height)
    return lines if tasks_in_frame(run, height) else (*lines, tasks_line(scene, run, width))


def tasks_in_frame(run: Run, height: int) -> bool:
    """Whether the phases need all lines of the body, so that the tasks had better stand in the frame below it."""
    return len(run.phases) >= height


def phase_lines(scene: Scene, run: Run, width: int, height: int) -> tuple[Line, ...]:
    """At most ``height`` lines: where there is no room for all, phases that are over go first, then the last ones."""
    kept = _kept(run.phases, height)
    names = min(max((text_width(shown(phase.phase)) for phase in kept), default=0), max(_LEAST_NAME, width // 4))
    return tuple(_phase_line(scene, phase, run.at, width, names) for phase in kept)


def _kept(phases: Sequence[PhaseRow], room: int) -> Sequence[PhaseRow]:
    over = 0
    while len(phases) - over > room and phases[over].state.is_over:
        over += 1
    return phases[over : over + room]


def _phase_line(scene: Scene, phase: PhaseRow, at: float, width: int, names: int) -> Line:
    """Sign, name and elapsed time always; then as many of bar, estimate and efficiency as there is room for."""
    glyphs = scene.glyphs
    elapsed = elapsed_s(phase, at)
    late = elapsed is not None and phase.expected_s is not None and elapsed > phase.expected_s
    role = state_role(phase.state)
    begun = phase.state is not WorkState.WAITING
    spans: list[Span] = [
        (f"{state_sign(phase.state, glyphs)} ", role),
        (left(shown(phase.phase), names, glyphs.ellipsis), Role.VALUE if begun else Role.LABEL),
        (right(format_duration(elapsed), _ELAPSED), Role.VALUE if begun else Role.LABEL),
        (f" {glyphs.watch}" if late else "  ", Role.WATCH),
    ]
    room = width - line_width(tuple(spans))
    figures: list[Span] = []
    for name, text in (
        ("est", format_duration(phase.expected_s)),
        ("eff", format_value(phase.efficiency, Unit.RATIO)),
    ):
        if room >= _FIGURE + _LEAST_BAR + 2:
            figures.append((f"  {name} {right(text, _FIGURE - 6)}", Role.LABEL))
            room -= _FIGURE
    return fit((*spans, *figures, *_progress(scene, phase, room)), width, glyphs.ellipsis)


def _progress(scene: Scene, phase: PhaseRow, room: int) -> Line:
    """A bar, with its figure where there is plenty of room; only the figure where there is little."""
    share = 1.0 if phase.state is WorkState.OK else phase.progress
    role = Role.BAR if phase.state in (WorkState.OK, WorkState.RUNNING) else state_role(phase.state)
    text = right(format_value(share, Unit.RATIO), _SHARE)
    if phase.state is WorkState.WAITING or share is None:
        return ((f"  {scene.glyphs.dash}" if room >= 3 else "", Role.LABEL),)
    if room < _LEAST_BAR + 2:
        return ((text, role),) if room >= _SHARE else ()
    if room < 3 * _LEAST_BAR:
        return ((f"  {bar(share, room - 2, scene.glyphs)}", role),)
    return ((f"  {bar(share, room - 2 - _SHARE, scene.glyphs)}", role), (text, Role.VALUE))


def tasks_line(scene: Scene, run: Run, width: int) -> Line:
    """How many tasks are where; what does not fit whole is left out from the end."""
    row = run.row
    failed = f"{row.failed} failed" + (f" {scene.glyphs.bad}" if row.failed else "")
    parts: list[Span] = [
        (f"tasks {row.done} done", Role.VALUE),
        (f"{row.running} running", Role.VALUE),
        (f"{row.queued} queued", Role.VALUE),
        (failed, Role.BAD if row.failed else Role.LABEL),
        (f"{row.retried} retried", Role.LABEL),
    ]
    return fit(joined(parts, width), width, scene.glyphs.ellipsis)


def joined(parts: Sequence[Span], width: int) -> Line:
    """Parts two blanks apart, as many as fit whole; the first always stands."""
    line: Line = tuple(parts[:1])
    for text, role in parts[1:]:
        if line_width(line) + 2 + text_width(text) > width:
            break
        line = (*line, (f"  {text}", role))
    return line
