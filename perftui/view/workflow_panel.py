"""The panel of a workflow: its phases with progress, estimate and efficiency, and how many tasks are where."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_duration, format_value
from perftui.domain.workflow import PhaseRow, WorkState
from perftui.view.glyphs import GlyphSet
from perftui.view.marks import within
from perftui.view.scene import Scene
from perftui.view.text import Line, Span, fit, left, line_width, right, text_width
from perftui.view.workflow_rows import Run, elapsed_s, shown, state_role, state_sign

_ELAPSED, _FIGURE, _SHARE = 8, 11, 6
_LEAST_BAR, _LEAST_NAME = 6, 6
# an estimate is not that exact
_LATE = 1.1


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
    late = elapsed > _LATE * expected
    sign = f" {scene.glyphs.watch}" if late else ""
    longer = f"{text} of ~{format_duration(expected)}{sign}"
    return ((longer if text_width(longer) <= width else text + sign, Role.WATCH if late else Role.VALUE),)


def workflow_body(scene: Scene, run: Run, width: int, height: int) -> tuple[Line, ...]:
    """A line a phase, then the tasks unless they stand in the frame; their figures and marks as there is room."""
    if not run.phases:
        told = fit(((f"{run.name} has told of no phases yet", Role.LABEL),), width, scene.glyphs.ellipsis)
        return (told, tasks_line(scene, run, width))[: max(0, height)]
    lines = phase_lines(scene, run, width, height)
    if tasks_in_frame(run, height):
        return lines
    below = (tasks_line(scene, run, width), figures_line(scene, run, width), *marks_lines(scene, width))
    return (*lines, *below)[:height]


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
    head = phase_head(scene, phase, at, names)
    room = width - line_width(head)
    figures: Line = ()
    for figure in phase_figures(phase):
        if room >= _FIGURE + _LEAST_BAR + 2:
            figures = (*figures, figure)
            room -= _FIGURE
    return fit((*head, *figures, *_progress(scene, phase, room)), width, scene.glyphs.ellipsis)


def phase_head(scene: Scene, phase: PhaseRow, at: float, names: int) -> Line:
    """Sign, name in ``names`` cells, elapsed time, and a sign when that is longer than it should be."""
    glyphs = scene.glyphs
    elapsed = elapsed_s(phase, at)
    late = elapsed is not None and phase.expected_s is not None and elapsed > _LATE * phase.expected_s
    look = Role.LABEL if phase.state is WorkState.WAITING else Role.VALUE
    return (
        (f"{state_sign(phase.state, glyphs)} ", state_role(phase.state)),
        (left(shown(phase.phase), names, glyphs.ellipsis), look),
        (right(format_duration(elapsed), _ELAPSED), look),
        (f" {glyphs.watch}" if late else "  ", Role.WATCH),
    )


def phase_figures(phase: PhaseRow) -> Line:
    """Its estimate and its efficiency."""
    figures = (("est", format_duration(phase.expected_s)), ("eff", format_value(phase.efficiency, Unit.RATIO)))
    return tuple((f"  {name} {right(text, _FIGURE - 6)}", Role.LABEL) for name, text in figures)


def phase_share(phase: PhaseRow) -> float | None:
    """How much of it is done; None when it has not begun, or nobody knows."""
    if phase.state is WorkState.WAITING:
        return None
    return 1.0 if phase.state is WorkState.OK else phase.progress


def _progress(scene: Scene, phase: PhaseRow, room: int) -> Line:
    """A bar, with its figure where there is plenty of room; only the figure where there is little."""
    share = phase_share(phase)
    role = Role.BAR if phase.state in (WorkState.OK, WorkState.RUNNING) else state_role(phase.state)
    text = right(format_value(share, Unit.RATIO), _SHARE)
    if share is None:
        return ((f"  {scene.glyphs.dash}" if room >= 3 else "", Role.LABEL),)
    if room < _LEAST_BAR + 2:
        return ((text, role),) if room >= _SHARE else ()
    if room < 3 * _LEAST_BAR:
        return ((f"  {_bar(share, room - 2, scene.glyphs)}", role),)
    return ((f"  {_bar(share, room - 2 - _SHARE, scene.glyphs)}", role), (text, Role.VALUE))


def _bar(share: float, width: int, glyphs: GlyphSet) -> str:
    """Whole cells, lower than a line, so that bars do not grow together; only what is done fills the last one."""
    full = width if share >= 1 else min(width - 1, max(share > 0, round(share * width)))
    return (glyphs.block * full).ljust(width)


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


def figures_line(scene: Scene, run: Run, width: int) -> Line:
    """How long tasks took that ended well, and how well the run used its time."""
    row = run.row
    slowest = f" {shown(row.slowest_task)}" if row.slowest_task else ""
    parts = [
        f"fastest {format_value(row.fastest_s, Unit.SECONDS)}",
        f"median {format_value(row.median_s, Unit.SECONDS)}",
        f"mean {format_value(row.mean_s, Unit.SECONDS)}",
        f"slowest {format_value(row.slowest_s, Unit.SECONDS)}{slowest}",
        f"efficiency {format_value(row.efficiency, Unit.RATIO)}",
        f"began {scene.clock_text(row.started_at)}" if row.started_at is not None else "",
    ]
    return fit(joined([(part, Role.LABEL) for part in parts if part], width), width, scene.glyphs.ellipsis)


def marks_lines(scene: Scene, width: int) -> tuple[Line, ...]:
    """A line for each mark that charts show, the newest first."""
    lines: list[Line] = []
    for mark in reversed(within(scene.marks, scene.start, scene.end)):
        sign, told = f"{scene.glyphs.mark}{mark.letter} ", f"{scene.clock_text(mark.at)}  {mark.text}"
        lines.append(fit(((sign, Role.MARK), (told, Role.LABEL)), width, scene.glyphs.ellipsis))
    return tuple(lines)


def joined(parts: Sequence[Span], width: int) -> Line:
    """Parts two blanks apart, as many as fit whole; the first always stands."""
    line: Line = tuple(parts[:1])
    for text, role in parts[1:]:
        if line_width(line) + 2 + text_width(text) > width:
            break
        line = (*line, (f"  {text}", role))
    return line
