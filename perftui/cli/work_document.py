"""Workflows, agents and services in the JSON snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perftui.domain.services import ServiceRow
from perftui.domain.workflow import AgentRow, PhaseRow, PoolRow, WorkflowRow
from perftui.link.mirror import Mirror

TABLES = ("workflows", "phases", "agents", "pools", "services")


def workflows(mirror: Mirror, now: float) -> list[dict[str, Any]]:
    """Every run that is remembered, newest first, with its phases in the order in which they were told."""
    phases: list[PhaseRow] = _rows(mirror, "phases")
    runs: list[WorkflowRow] = sorted(_rows(mirror, "workflows"), key=lambda run: -(run.started_at or 0.0))
    return [
        {
            "id": run.workflow,
            "name": run.name,
            "state": run.state.value,
            "elapsed_s": _elapsed(run.started_at, run.finished_at, now),
            "estimate_s": run.expected_s,
            "efficiency": run.efficiency,
            "tasks": {"done": run.done, "running": run.running, "queued": run.queued, "failed": run.failed,
                      "retried": run.retried, "fastest_s": run.fastest_s, "slowest_s": run.slowest_s,
                      "mean_s": run.mean_s, "median_s": run.median_s},
            "phases": [
                _phase(phase, now)
                for phase in phases
                if phase.workflow == run.workflow and phase.key.startswith(f"{run.source}/")
            ],
        }
        for run in runs
    ]  # fmt: skip


def _phase(phase: PhaseRow, now: float) -> dict[str, Any]:
    return {
        "name": phase.phase,
        "state": phase.state.value,
        "elapsed_s": _elapsed(phase.started_at, phase.finished_at, now),
        "estimate_s": phase.expected_s,
        "efficiency": phase.efficiency,
    }


def _elapsed(start: float | None, end: float | None, now: float) -> float | None:
    return None if start is None else round(max(0.0, (now if end is None else end) - start), 3)


def agents(mirror: Mirror) -> dict[str, Any]:
    """All pools together, and every agent; a figure that a pool does not tell is null for all."""
    pools: list[PoolRow] = _rows(mirror, "pools")
    members: list[AgentRow] = _rows(mirror, "agents")
    total, active = _sum(pool.total for pool in pools), _sum(pool.active for pool in pools)
    worked = _sum(None if pool.utilisation is None else pool.utilisation * pool.total for pool in pools)
    return {
        "total": total,
        "active": active,
        "idle": _sum(pool.idle for pool in pools),
        "utilization_percent": None if worked is None or not total else round(100 * worked / total, 3),
        "queue_depth": _sum(pool.queue for pool in pools),
        "balance_percent": round(100 * pools[0].balance, 3)
        if len(pools) == 1 and pools[0].balance is not None
        else None,
        "members": [_member(agent) for agent in members],
    }


def _member(agent: AgentRow) -> dict[str, Any]:
    return {
        "name": agent.agent,
        "source": agent.source,
        "state": agent.state.value,
        "task": agent.task or None,
        "busy_percent": None if agent.busy_ratio is None else round(100 * agent.busy_ratio, 3),
        "done": agent.done,
        "failed": agent.failed,
        "p50_s": agent.p50_s,
        "p95_s": agent.p95_s,
        "p99_s": agent.p99_s,
        "reason": agent.reason or None,
    }


def latency(mirror: Mirror) -> list[dict[str, Any]]:
    """Latencies of the configured services."""
    services: list[ServiceRow] = _rows(mirror, "services")
    return [
        {"name": one.key, "unit": "seconds", "p50": one.p50_s, "p95": one.p95_s, "p99": one.p99_s, "n": one.n,
         "window_s": one.window_s}
        for one in services
    ]  # fmt: skip


def _rows(mirror: Mirror, table: str) -> list[Any]:
    held = mirror.tables.get(table)
    return [] if held is None else list(held.rows.values())


def _sum(values: Iterable[float | None]) -> float | None:
    """None when any part of it is not known, or there is none."""
    found = list(values)
    return None if not found or any(value is None for value in found) else sum(value or 0 for value in found)
