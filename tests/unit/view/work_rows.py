"""Rows of workflows, agents and findings as tests need them, and the scene that they are drawn in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, WorkflowSource
from perftui.domain.findings import Effort, Evidence, Finding, Gain, Impact
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import series_id
from perftui.domain.units import Unit
from perftui.domain.workflow import AgentRow, AgentState, PhaseRow, PoolRow, TaskRow, WorkflowRow, WorkState
from perftui.link.mirror import Mirror, Table
from perftui.view.glyphs import UTF8, GlyphSet
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line, plain

NOW = 1_800_000_000.0
SOURCE = "main"
HOSTILE = "a\x1b[31mb\x00\u202ec[red]中文\n"
_SOURCES = msgspec.structs.replace(DEFAULTS.sources, workflow={SOURCE: WorkflowSource(path="events.jsonl")})
CONFIG: Config = msgspec.structs.replace(DEFAULTS, sources=_SOURCES)


def run_row(name: str = "demo-1", state: WorkState = WorkState.RUNNING, **more: Any) -> WorkflowRow:
    """A run that began 134 s ago and should take 220 s."""
    given: dict[str, Any] = {"started_at": NOW - 134, "expected_s": 220.0, "done": 118, "running": 4, "queued": 31}
    return WorkflowRow(f"{SOURCE}/{name}", SOURCE, name, "demo", state, **{**given, **more})


def phase_row(phase: str, state: WorkState = WorkState.WAITING, run: str = "demo-1", **more: Any) -> PhaseRow:
    return PhaseRow(f"{SOURCE}/{run}/{phase}", run, phase, state, **more)


def phases() -> tuple[PhaseRow, ...]:
    """One that is over, one that goes on, two to come."""
    return (
        phase_row("setup", WorkState.OK, started_at=NOW - 134, finished_at=NOW - 126, expected_s=10.0, progress=1.0,
                  efficiency=0.98),
        phase_row("build", WorkState.RUNNING, started_at=NOW - 125, expected_s=130.0, progress=0.5, efficiency=0.71),
        phase_row("test", expected_s=50.0),
        phase_row("deploy"),
    )  # fmt: skip


def task_row(task: str, state: WorkState = WorkState.OK, run: str = "demo-1", **more: Any) -> TaskRow:
    given: dict[str, Any] = {"phase": "build", "kind": "hash"}
    return TaskRow(f"{SOURCE}/{run}/{task}", run, task=task, state=state, **{**given, **more})


def agent_row(agent: str, state: AgentState = AgentState.BUSY, **more: Any) -> AgentRow:
    return AgentRow(f"{SOURCE}/{agent}", SOURCE, agent, "worker", state, **more)


def pool_row(**more: Any) -> PoolRow:
    given: dict[str, Any] = {"total": 4, "active": 4, "idle": 0}
    return PoolRow(SOURCE, **{**given, **more})


def finding(name: str = "add 2 agents", **more: Any) -> Finding:
    impact = Impact("total time", Unit.SECONDS, -20.0, -30.0, -41.0, "Erlang C scaled to the measured wait")
    given: dict[str, Any] = {
        "gain": Gain(0.15, 0.22, 0.29), "score": 6.0, "effort": Effort.LOW, "hours": 2.0, "impact": impact,
        "evidence": (Evidence("main/queue_wait_seconds", "queue wait p95 9.4 s", 9.4, Unit.SECONDS, 60, 60.0),),
        "confidence": 0.8,
    }  # fmt: skip
    return Finding(name, "POOL1", name, **{**given, **more})


def table(rows: Iterable[Any], at: float = NOW) -> Table:
    made = Table()
    made.rows, made.at, made.version = {row.key: row for row in rows}, at, 1
    return made


def mirror(at: float = NOW, **tables: Iterable[Any]) -> Mirror:
    """A mirror with these tables, measured at that time."""
    made = Mirror()
    made.at, made.version = NOW, 1
    made.tables = {name: table(rows, at) for name, rows in tables.items()}
    return made


def working(**more: Iterable[Any]) -> Mirror:
    """A run in its second phase."""
    return mirror(**{"workflows": (run_row(),), "phases": phases(), **more})


def busy_window(*agents: str, value: float = 1.0) -> Window:
    """How busy agents were in the last five minutes, as the session tells it."""
    names = [series_id(SOURCE, "agent_busy_ratio", {"agent": agent}) for agent in agents]
    cells = (value,) * 100
    return Window(NOW - 300, 3.0, 100, tuple(SeriesWindow(name, cells, cells, cells, value, NOW) for name in names))


def scene(mirrored: Mirror, *, config: Config = CONFIG, glyphs: GlyphSet = UTF8, mode: Mode = Mode.LIVE) -> Scene:
    return Scene(mirrored, config, glyphs, NOW, NOW, 300.0, lambda at: f"t{at - NOW:+.0f}", mode=mode)


def text(lines: Iterable[Line]) -> str:
    return "\n".join(plain(line) for line in lines)
