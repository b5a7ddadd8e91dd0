"""Bars on the time axis of a run: when phases and tasks went on, and when what is still to come is due."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from perftui.domain.roles import Role
from perftui.domain.units import format_duration
from perftui.domain.workflow import PhaseRow, TaskRow, WorkState
from perftui.view.glyphs import GlyphSet
from perftui.view.marks import Mark
from perftui.view.text import Line
from perftui.view.time_axis import cell_of, time_labels
from perftui.view.workflow_rows import Run, state_role


class Piece(NamedTuple):
    """A part of a bar in epoch seconds; ``certain`` is false of what only the plan says."""

    start: float
    end: float
    role: Role
    certain: bool = True


class Axis(NamedTuple):
    """The time that a picture of a run shows, epoch seconds."""

    start: float
    end: float


def phase_bars(run: Run) -> list[tuple[Piece, ...]]:
    """A bar a phase: what was, and what the estimates say of the rest; empty where nobody knows."""
    ends: dict[str, float | None] = {}
    bars: list[tuple[Piece, ...]] = []
    before: float | None = run.row.started_at
    for phase in run.phases:
        pieces, end = _phase(phase, run.at, _due(phase, ends, before))
        bars.append(pieces)
        ends[phase.phase] = before = end
    return bars


def _due(phase: PhaseRow, ends: dict[str, float | None], before: float | None) -> float | None:
    """When a phase can begin: after those that it names, else after the one above it."""
    named = [ends[name] for name in phase.after if name in ends]
    if not named:
        return before
    known = [end for end in named if end is not None]
    return max(known) if len(known) == len(named) else None


def _phase(phase: PhaseRow, at: float, due: float | None) -> tuple[tuple[Piece, ...], float | None]:
    if phase.started_at is None:
        if due is None or phase.expected_s is None or phase.state.is_over:
            return (), due if phase.state.is_over else None
        begin = max(due, at)
        return (Piece(begin, begin + phase.expected_s, Role.LABEL, certain=False),), begin + phase.expected_s
    end = at if phase.finished_at is None else phase.finished_at
    pieces = (Piece(phase.started_at, max(phase.started_at, end), _role(phase.state)),)
    if phase.finished_at is not None or phase.expected_s is None:
        return pieces, end if phase.finished_at is not None else None
    planned = phase.started_at + phase.expected_s
    if planned <= end:
        return pieces, end
    return (*pieces, Piece(end, planned, Role.LABEL, certain=False)), planned


def task_bar(task: TaskRow, at: float) -> tuple[Piece, ...]:
    """The bar of a task's newest attempt, after the time that it waited."""
    if task.started_at is None:
        return () if task.queued_at is None else (Piece(task.queued_at, at, Role.LABEL, certain=False),)
    end = at if task.finished_at is None else task.finished_at
    work = Piece(task.started_at, max(task.started_at, end), _role(task.state))
    if task.queued_at is None or task.queued_at >= task.started_at:
        return (work,)
    return Piece(task.queued_at, task.started_at, Role.LABEL, certain=False), work


def _role(state: WorkState) -> Role:
    return Role.BAR if state is WorkState.OK else state_role(state)


def axis_of(run: Run, bars: Sequence[Sequence[Piece]]) -> Axis | None:
    """From the begin of the run to its end, as far as it is known; None before it has begun."""
    starts = [piece.start for bar in bars for piece in bar if piece.certain]
    if run.row.started_at is not None:
        starts.append(run.row.started_at)
    if not starts:
        return None
    ends = [piece.end for bar in bars for piece in bar]
    ends.append(run.row.finished_at if run.row.finished_at is not None else run.at)
    start = min(starts)
    return Axis(start, max(start + 1.0, *ends))


def bar_line(
    pieces: Sequence[Piece],
    axis: Axis,
    width: int,
    glyphs: GlyphSet,
    marks: Sequence[Mark] = (),
    *,
    first: bool = False,
) -> Line:
    """``width`` cells. Marks stand behind the bars; the ``first`` line has their letters on top."""
    cells: list[tuple[str, Role]] = [(" ", Role.TEXT)] * max(0, width)
    for mark in marks:
        place = cell_of(mark.at, axis.start, axis.end, width)
        if place is not None:
            cells[place] = (glyphs.mark, Role.MARK)
    for piece in pieces:
        begin, end = _cells(piece, axis, width)
        sign = glyphs.block if piece.certain else glyphs.shades[1]
        cells[begin:end] = [(sign, piece.role)] * (end - begin)
    for mark in marks if first else ():
        place = cell_of(mark.at, axis.start, axis.end, width)
        if place is not None:
            cells[place] = (mark.letter, Role.MARK)
    return tuple(("".join(char for char, _ in run), role) for role, run in groupby(cells, key=lambda cell: cell[1]))


def _cells(piece: Piece, axis: Axis, width: int) -> tuple[int, int]:
    """What began shows at least one cell."""
    if width < 1:
        return 0, 0
    scale = width / (axis.end - axis.start)
    begin = min(width - 1, max(0, int((piece.start - axis.start) * scale)))
    end = min(width, max(0, round((piece.end - axis.start) * scale)))
    return begin, max(begin + (1 if piece.certain else 0), end)


def axis_line(axis: Axis, width: int) -> Line:
    """Times since the begin of the run."""
    return ((time_labels(0.0, axis.end - axis.start, width, format_duration), Role.LABEL),)
