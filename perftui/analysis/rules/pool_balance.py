"""Rules of pools whose work is spread unevenly: some agents are busy while tasks wait for others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from perftui.analysis.metrics import response_name
from perftui.analysis.replay import Work, replay
from perftui.analysis.rules.estimates import from_pairs, less, limit, mean, windows_of
from perftui.analysis.rules.signals import PoolSignals, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.domain.findings import Effort, Evidence
from perftui.domain.text import clean
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import AgentState, TaskRow

LIMITS = {
    "pool3_balance": 0.8,  # the normalised Jain index of the agents' busy time is below
    "pool3_agents": 3.0,  # of so many agents at least
}
_LEAST_TASKS = 20
_FULL_TASKS = 100


def _pool3(signals: Signals) -> Sequence[Verdict]:
    if not signals.pools:
        return (Blind("", "needs a pool of agents"),)
    return [_uneven(signals, pool) for pool in signals.pools]


def _uneven(signals: Signals, pool: PoolSignals) -> Verdict:
    key, balance = pool.row.key, pool.row.balance
    alive = {one.agent: one.slots for one in pool.agents if one.state in (AgentState.IDLE, AgentState.BUSY)}
    if balance is None:
        return Blind(key, "needs how busy each agent is")
    least, agents = limit(signals, LIMITS, "pool3_balance"), limit(signals, LIMITS, "pool3_agents")
    text = f"balance of {len(alive)} agents {balance:.2f}, limit {least:g}"
    if balance >= least or len(alive) < agents:
        return Quiet(key, text)
    done = [
        task
        for task in sorted(pool.tasks, key=lambda one: one.queued_at or 0.0)
        if task.duration_s is not None and task.queued_at is not None and task.agent in alive
    ]
    if len(done) < _LEAST_TASKS:
        return Blind(key, f"needs {_LEAST_TASKS} tasks that were queued and ended: {len(done)}")
    now = _responses(done, {agent: max(1, slots) for agent, slots in alive.items()})
    then = _anywhere(done, max(1, sum(alive.values())))
    return _found(signals, pool, (now, then), text)


def _found(signals: Signals, pool: PoolSignals, spans: tuple[Sequence[float], Sequence[float]], text: str) -> Found:
    key, (now, then) = pool.row.key, spans
    cuts = [(mean(cut), mean(other)) for cut, other in zip(windows_of(now), windows_of(then), strict=True)]
    estimate = from_pairs([one for one, _ in cuts], [other for _, other in cuts], 1 - mean(then) / max(1e-9, mean(now)))
    busiest = max(pool.agents, key=lambda agent: agent.busy_ratio or 0.0)
    most = f"{clean(busiest.agent, 60)} is the busiest: {busiest.busy_ratio or 0.0:.0%}"
    replayed = f"replayed: {format_value(mean(now), Unit.SECONDS)} becomes {format_value(mean(then), Unit.SECONDS)}"
    return Found(
        target=key,
        title=f"Give tasks of pool {key} to the agent that is free",
        effort=Effort.MEDIUM,
        impact=less(response_name(key), Unit.SECONDS, mean(now), estimate.gain, replayed),
        gain=estimate.gain,
        n=len(now),
        n_min=_FULL_TASKS,
        evidence=(
            Evidence(
                f"{key}/agents_balance_ratio", text, pool.row.balance or 0.0, Unit.RATIO, len(now), signals.window_s
            ),
            Evidence(
                f"{key}/agent_busy_ratio", most, busiest.busy_ratio or 0.0, Unit.RATIO, len(now), signals.window_s
            ),
        ),
        steps=("Let agents take tasks from one queue", "Or send each task to the agent with the fewest"),
        text=f"{text}; {most}",
        confidence=estimate.confidence,
        assumptions=("every agent can do every task, as fast as the one that did it",),
    )


def _responses(tasks: Sequence[TaskRow], slots: dict[str, int]) -> list[float]:
    """Seconds from queued to finished, each agent working off its own tasks as it was given them."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, task in enumerate(tasks):
        places[task.agent].append(place)
    spans = [0.0] * len(tasks)
    for agent, its in places.items():
        for place, span in zip(its, _anywhere([tasks[one] for one in its], slots[agent]), strict=True):
            spans[place] = span
    return spans


def _anywhere(tasks: Sequence[TaskRow], slots: int) -> list[float]:
    """Seconds from queued to finished when every task goes to the first slot that is free."""
    first = min(task.queued_at or 0.0 for task in tasks)
    works = [
        Work(str(place), task.duration_s or 0.0, release_s=(task.queued_at or 0.0) - first)
        for place, task in enumerate(tasks)
    ]
    ends = replay(works, slots).ends
    return [end - work.release_s for end, work in zip(ends, works, strict=True)]


RULES = (Rule("POOL3", "Uneven work", (), LIMITS, _pool3),)
