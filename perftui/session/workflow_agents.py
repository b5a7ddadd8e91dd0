"""Rows of agents and of the pool they make, over the window that is configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis import workflow as define
from perftui.analysis.quantiles import percentile
from perftui.domain.workflow import AgentRow, AgentState, PoolRow, row_key
from perftui.session.workflow_rows import Presence, known
from perftui.store.workflow.agents import Agent
from perftui.store.workflow.model import Model
from perftui.store.workflow.tasks import QUEUED, Attempt, Task

# who left is shown for so long
LEFT_SHOWN_S = 600.0
# who was there for less of the window says nothing of how work is spread
_BALANCED_FROM = 0.1


class _Share(NamedTuple):
    """Of one agent in the window: slot seconds that it was there, and that it worked."""

    there_s: float
    busy_s: float


class _Figures:
    """Of the attempts that an agent ended: their times, how long they took together, and when the first one began.

    ``seen`` is what the row was made of.
    """

    __slots__ = ("busy_s", "ended", "first_start", "seen", "times")

    def __init__(self, ended: list[Attempt]) -> None:
        self.ended = ended
        self.times = define.times(_responses(ended))
        self.busy_s = sum(one.took_s or 0.0 for one in ended)
        self.first_start = min((one.started_at for one in ended if one.started_at is not None), default=float("inf"))
        self.seen: tuple[object, ...] = ()


class AgentRows:
    """Of one source; ``rows`` and ``pool`` are made by ``make``."""

    def __init__(self, source: str, model: Model, window_s: float) -> None:
        self._source, self._model, self._window_s = source, model, window_s
        self.rows: tuple[AgentRow, ...] = ()
        self.pool: PoolRow | None = None
        self.there: list[Presence] = []
        self._figures: dict[str, _Figures] = {}

    def make(self, now: float) -> None:
        """Rows as of ``now``; there is no pool before there was an agent or a queue."""
        start = now - self._window_s
        shares: dict[str, _Share] = {}
        rows, self.there = [], []
        for agent in self._model.crew.agents.values():
            presence = _presence(agent, now)
            self.there += presence
            row = self._row(agent, presence, start, now, shares)
            if row.state is not AgentState.LEFT or now - known(agent.left_at, now) <= LEFT_SHOWN_S:
                rows.append(row)
        made = tuple(rows)
        if len(self._figures) > len(shares):
            self._figures = {name: one for name, one in self._figures.items() if name in shares}
        self.rows = self.rows if self.rows == made else made
        if rows or self._model.work.was_queued:
            pool = self._pool(shares, start, now)
            self.pool = self.pool if pool == self.pool else pool

    def _row(
        self, agent: Agent, presence: list[Presence], start: float, now: float, shares: dict[str, _Share]
    ) -> AgentRow:
        ended = agent.recent.since(start)
        working = _at_work(agent)
        since = agent.recent.covers(start)
        there = sum([slots * define.overlap_s(begin, end, since, now) for begin, end, slots in presence])
        figures = self._figured(agent, ended)
        busy = figures.busy_s if figures.first_start >= since else _busy_s(ended, since, now)
        busy += sum([define.overlap_s(_begun(task), now, since, now) for task in working])
        shares[agent.id] = _Share(there, busy)
        ratio = define.utilisation(busy, there)
        ratio = None if ratio is None else round(ratio, 3)
        state = _state(agent, bool(working))
        # most agents look as they did a second ago: what a row is made of is compared before it is made
        seen = (agent.version, state, ratio, tuple(working))
        if agent.row is None or figures.seen != seen:
            figures.seen = seen
            row = self._made(agent, state, working, ratio, figures.times)
            agent.row = agent.row if agent.row == row else row
        return agent.row or row

    def _made(
        self, agent: Agent, state: AgentState, working: Sequence[Task], ratio: float | None, times: define.Times
    ) -> AgentRow:
        current = next(iter(working or agent.working), None) if state is not AgentState.LEFT else None
        return AgentRow(
            row_key(self._source, agent.id),
            self._source,
            agent.id,
            agent.kind,
            state,
            agent.slots,
            len(working),
            "" if current is None else current.name,
            "" if current is None else current.kind,
            None if current is None else _begun(current),
            ratio,
            agent.done,
            agent.failed,
            agent.timeouts,
            define.share(agent.done, agent.done + agent.failed + agent.timeouts),
            *times,
            seen_at=agent.seen_at,
            reason=agent.reason if state is AgentState.LEFT else "",
        )

    def _figured(self, agent: Agent, ended: list[Attempt]) -> _Figures:
        """The figures of what it ended; made anew when that is something else."""
        figures = self._figures.get(agent.id)
        if figures is None or figures.ended is not ended:
            figures = self._figures[agent.id] = _Figures(ended)
        return figures

    def _pool(self, shares: dict[str, _Share], start: float, now: float) -> PoolRow:
        states = [row.state for row in self.rows if row.state is not AgentState.LEFT]
        work = self._model.work
        ended = work.ended.since(start)
        since = max(work.ended.covers(start), known(self._model.first_at, start))
        waits = sorted(
            max(0.0, one.started_at - one.queued_at)
            for one in work.begun.since(start)
            if one.started_at is not None and one.queued_at is not None
        )
        by_status = dict.fromkeys(("ok", "failed", "timeout", "cancelled"), 0)
        for one in ended:
            by_status[one.status] += 1
        utilisation = define.utilisation(
            sum(share.busy_s for share in shares.values()), sum(share.there_s for share in shares.values())
        )
        spread = [
            share.busy_s / share.there_s
            for name, share in shares.items()
            if share.there_s >= _BALANCED_FROM * self._window_s * self._model.crew.agents[name].slots
        ]
        balance = define.balance(spread)
        return PoolRow(
            self._source,
            len(states),
            states.count(AgentState.BUSY),
            states.count(AgentState.IDLE),
            states.count(AgentState.LOST),
            None if utilisation is None else round(utilisation, 4),
            _queue(self._model) if work.was_queued else None,
            percentile(waits, 0.5) if waits else None,
            percentile(waits, 0.95) if waits else None,
            None if balance is None else round(balance, 4),
            by_status["ok"] / (now - since) if now > since else None,
            define.share(by_status["timeout"], len(ended)),
            define.share(by_status["failed"], len(ended)),
            *define.times(_responses(ended)),
            window_s=self._window_s,
        )


def _presence(agent: Agent, now: float) -> list[Presence]:
    """When it was there; who is lost was there until the last sign of it."""
    still = agent.seen_at if agent.lost else now
    return [(since, still if until is None else until, agent.slots) for since, until in agent.spans()]


def _at_work(agent: Agent) -> list[Task]:
    """The tasks that it does, longest first."""
    if not agent.working or agent.left_at is not None or agent.lost:
        return []
    return sorted(agent.working, key=_begun) if len(agent.working) > 1 else list(agent.working)


def _state(agent: Agent, works: bool) -> AgentState:
    if agent.left_at is not None:
        return AgentState.LEFT
    if agent.lost:
        return AgentState.LOST
    if works:
        return AgentState.BUSY
    return AgentState.STARTING if agent.starting_at is not None and not agent.has_joined else AgentState.IDLE


def _busy_s(ended: Sequence[Attempt], since: float, now: float) -> float:
    """Seconds of these attempts that lie in the window."""
    return sum(
        define.overlap_s(one.started_at, known(one.finished_at, now), since, now)
        for one in ended
        if one.started_at is not None
    )


def _responses(ended: Sequence[Attempt]) -> list[float]:
    """Seconds from start to end of what ended by itself, ascending."""
    return sorted(took for one in ended if one.status != "cancelled" and (took := one.took_s) is not None)


def _queue(model: Model) -> int:
    """Tasks that wait, of runs that go on."""
    runs = (run for run in model.runs.values() if run.span.finished_at is None)
    return sum(phase.counts[QUEUED] for run in runs for phase in run.phases.values())


def _begun(task: Task) -> float:
    return task.attempts[-1].started_at or 0.0
