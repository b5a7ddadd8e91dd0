"""Agents and pools out of the mirrored tables: whom to show first, and which figures are worth a sign.

The limits are those at which the rules of pools begin to look: a sign says that it is worth to look there too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from perftui.config.schema import Config
from perftui.domain.roles import Role
from perftui.domain.units import format_duration
from perftui.domain.workflow import AgentRow, AgentState, PoolRow
from perftui.link.mirror import Mirror
from perftui.view.glyphs import GlyphSet
from perftui.view.workflow_rows import shown

AGENTS, POOLS = "agents", "pools"
FULL, WAITS, UNEVEN, TIMEOUTS, SLOW = 0.9, 0.1, 0.8, 0.003, 1.5
_FEW = 3
_DIGITS = re.compile(r"(\d+)")


class Crew(NamedTuple):
    """The agents of a picture with their pools. ``slow_s`` is the p95 from which an agent is slow beside the others.

    ``at`` is when the rows were measured, epoch seconds.
    """

    agents: tuple[AgentRow, ...]
    pools: tuple[PoolRow, ...]
    slow_s: float | None
    at: float


def connected(config: Config) -> bool:
    """Whether agents can be known: by workflow events, or by metrics of a pool."""
    return bool(sources(config))


def sources(config: Config) -> tuple[str, ...]:
    """The names that begin the series of agents."""
    return (*(name for name, one in config.sources.workflow.items() if one.enabled), *config.pools)


def crew(mirror: Mirror, pool: str = "") -> Crew:
    """All agents, or those of one pool; agents in trouble first, then by name, those that left at the end."""
    agents, pools = mirror.tables.get(AGENTS), mirror.tables.get(POOLS)
    rows: list[AgentRow] = [] if agents is None else list(agents.rows.values())
    found: list[PoolRow] = [] if pools is None else list(pools.rows.values())
    if pool:
        rows, found = [row for row in rows if row.source == pool], [one for one in found if one.key == pool]
    slow = slow_from(rows)
    rows.sort(key=lambda row: (_rank(row), natural(row.agent), row.key))
    times = [table.at for table in (agents, pools) if table is not None]
    return Crew(tuple(rows), tuple(sorted(found, key=lambda one: one.key)), slow, max(times, default=0.0))


def slow_from(rows: Sequence[AgentRow]) -> float | None:
    """The p95 that is one and a half times the median of all; None among too few to compare."""
    import statistics  # most consoles watch no agents

    known = [row.p95_s for row in rows if row.p95_s is not None]
    return SLOW * statistics.median(known) if len(known) >= _FEW else None


@lru_cache(maxsize=8192)
def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key that puts ``agent_2`` before ``agent_10``."""
    return tuple((int(part), "") if part.isdecimal() and part.isascii() else (0, part) for part in _DIGITS.split(name))


def _rank(row: AgentRow) -> int:
    if in_trouble(row):
        return 0
    return 2 if row.state is AgentState.LEFT else 1


def in_trouble(row: AgentRow) -> bool:
    """Lost, or ended for a reason: a goodbye needs none."""
    return row.state is AgentState.LOST or (row.state is AgentState.LEFT and bool(row.reason))


def agent_sign(row: AgentRow, glyphs: GlyphSet) -> str:
    if in_trouble(row):
        return glyphs.bad
    signs: dict[AgentState, str] = {
        AgentState.BUSY: glyphs.running,
        AgentState.LEFT: glyphs.dash,
        AgentState.STARTING: glyphs.stale,
    }
    return signs.get(row.state, glyphs.separator)


def agent_role(row: AgentRow) -> Role:
    if in_trouble(row):
        return Role.BAD
    return {AgentState.BUSY: Role.ACCENT, AgentState.LEFT: Role.STALE}.get(row.state, Role.LABEL)


def doing(row: AgentRow, at: float) -> str:
    """What it works on, or why it does not."""
    if row.state is AgentState.LOST:
        silent = "" if row.seen_at is None else f" {format_duration(max(0.0, at - row.seen_at))}"
        return f"lost{silent}  {shown(row.reason)}".rstrip()
    if row.state is AgentState.LEFT:
        return f"left: {shown(row.reason)}" if row.reason else "left"
    if row.task:
        return f"{shown(row.task_kind)} {shown(row.task)}".strip()
    return str(row.state.value)


def waits(pool: PoolRow) -> bool:
    """Whether work waits for agents that have no time."""
    full = pool.utilisation is not None and pool.utilisation > FULL
    response = pool.mean_s or pool.p50_s
    return full and pool.wait_p95_s is not None and response is not None and pool.wait_p95_s > WAITS * response
