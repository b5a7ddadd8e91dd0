"""Runs, phases and tasks out of the mirrored tables: which run is meant, and how a state looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from perftui.config.schema import Config
from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.workflow import PhaseRow, TaskRow, WorkflowRow, WorkState
from perftui.link.mirror import Mirror
from perftui.view.glyphs import GlyphSet
from perftui.view.marks import WORKFLOWS

PHASES, TASKS = "phases", "tasks"
_LONGEST = 120


class Run(NamedTuple):
    """One run with its phases; ``at`` is when the rows were measured, epoch seconds."""

    row: WorkflowRow
    phases: tuple[PhaseRow, ...]
    at: float

    @property
    def elapsed_s(self) -> float | None:
        return elapsed_s(self.row, self.at)

    @property
    def name(self) -> str:
        return shown(self.row.workflow)


def shown(name: str) -> str:
    """A name from outside as it may stand on a screen."""
    return clean(name, _LONGEST)


def elapsed_s(row: WorkflowRow | PhaseRow | TaskRow, at: float) -> float | None:
    """From its start to its end, or to ``at`` while it goes on; None when it has not begun."""
    if row.started_at is None:
        return None
    return max(0.0, (at if row.finished_at is None else row.finished_at) - row.started_at)


def connected(config: Config) -> bool:
    """Whether a source of workflow events is configured."""
    return any(source.enabled for source in config.sources.workflow.values())


def runs(mirror: Mirror) -> tuple[WorkflowRow, ...]:
    """All runs: those that go on first, the newest of each kind first."""
    table = mirror.tables.get(WORKFLOWS)
    rows: Iterable[WorkflowRow] = () if table is None else table.rows.values()
    return tuple(sorted(rows, key=lambda row: (row.state.is_over, -(row.started_at or 0.0), row.key)))


def run_of(mirror: Mirror, key: str = "") -> Run | None:
    """The run of that key, else the newest; None when there is none."""
    found = runs(mirror)
    if not found:
        return None
    row = next((row for row in found if row.key == key), found[0])
    table = mirror.tables.get(PHASES)
    phases: Iterable[PhaseRow] = () if table is None else table.rows.values()
    return Run(row, tuple(phase for phase in phases if belongs(phase, row)), mirror.tables[WORKFLOWS].at)


def belongs(part: PhaseRow | TaskRow, row: WorkflowRow) -> bool:
    """Whether a phase or a task is of this run: sources may have runs of equal names, and one name begin another."""
    return part.workflow == row.workflow and part.key.startswith(f"{row.source}/")


def state_sign(state: WorkState, glyphs: GlyphSet) -> str:
    """One cell that says the state without colour."""
    return {
        WorkState.WAITING: glyphs.separator,
        WorkState.RUNNING: glyphs.running,
        WorkState.BLOCKED: glyphs.frozen,
        WorkState.OK: glyphs.ok,
        WorkState.CANCELLED: glyphs.dash,
    }.get(state, glyphs.bad)


def state_role(state: WorkState) -> Role:
    return {
        WorkState.WAITING: Role.LABEL,
        WorkState.RUNNING: Role.ACCENT,
        WorkState.BLOCKED: Role.WATCH,
        WorkState.OK: Role.OK,
        WorkState.CANCELLED: Role.STALE,
    }.get(state, Role.BAD)
