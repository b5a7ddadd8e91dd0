"""What the rules of pools know of a pool: its slots, what arrives, how long a task takes, how many the CPU can hold."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.queueing import MOST_RHO, mean_wait
from perftui.analysis.rules.estimates import mean
from perftui.analysis.rules.signals import PoolSignals, Signals
from perftui.domain.workflow import AgentState, TaskRow

_LEAST_ARRIVALS = 3
_DEPTHS = 60


class Cpu(NamedTuple):
    """The cores of the machine, how many of them are busy with something else, and what share of one a task uses."""

    cores: int
    other: float
    share: float

    def stretch(self, slots: int) -> float:
        """How many times its CPU time a task needs for it while ``slots`` tasks run."""
        load = min(self.other + slots * self.share, MOST_RHO * self.cores)
        return 1 + mean_wait(self.cores, load)


class Crew(NamedTuple):
    """A pool within the window. ``done`` are tasks that ran to an end, in the order in which they did; empty when the
    pool is told by figures only.

    ``load`` is arrival rate times mean run time, the offered load in slots. ``cpu`` is None when cores, CPU use or the
    tasks' CPU time are not known.
    """

    slots: int
    agents: int
    arrived: int
    finished: int
    arrivals_per_s: float
    done: Sequence[TaskRow]
    mean_s: float
    cpu: Cpu | None

    @property
    def slots_for_cpu(self) -> int | None:
        return None if self.cpu is None else int(max(0.0, self.cpu.cores - self.cpu.other) / self.cpu.share)

    def slower_with(self, slots: int) -> float:
        """By what run times grow when ``slots`` instead of those now compete for the cores; 1 when that is not known.

        The CPU part of a task waits for a core as in M/M/c; so it does now, at the load that is measured.
        """
        if self.cpu is None:
            return 1.0
        now, then = (self.cpu.stretch(busy) for busy in (self.slots, slots))
        return 1 + self.cpu.share * (then / now - 1)

    @property
    def load(self) -> float:
        return self.arrivals_per_s * self.mean_s


def crew_of(signals: Signals, pool: PoolSignals) -> Crew | None:
    """The figures of a pool; None without slots, arrivals or tasks that ran to an end."""
    start = signals.now - signals.window_s
    alive = [agent for agent in pool.agents if agent.state in (AgentState.IDLE, AgentState.BUSY)]
    slots = sum(agent.slots for agent in alive) if pool.agents else pool.row.total - pool.row.lost
    done = sorted(
        (task for task in pool.tasks if task.duration_s is not None and (task.finished_at or 0.0) >= start),
        key=lambda task: task.finished_at or 0.0,
    )
    arrivals, rate = arrivals_of(pool.tasks, start, signals.now)
    if not pool.tasks:
        return _by_figures(signals, pool, slots)
    if slots < 1 or not done or rate is None:
        return None
    mean_s = mean([task.duration_s or 0.0 for task in done])
    return Crew(slots, len(alive) or slots, arrivals, len(done), rate, done, mean_s, _cpu(signals, done))


def _by_figures(signals: Signals, pool: PoolSignals, slots: int) -> Crew | None:
    """What arrives is what is done, and what waits, spread over the window."""
    row, mean_s = pool.row, pool.row.mean_s or pool.row.p50_s
    if slots < 1 or not row.done_per_s or not mean_s:
        return None
    done, queued = row.done_per_s * signals.window_s, float(row.queue or 0)
    rate = (done + queued) / signals.window_s
    return Crew(slots, slots, round(done + queued), round(done), rate, (), mean_s, None)


def arrivals_of(tasks: Sequence[TaskRow], start: float, end: float) -> tuple[int, float | None]:
    """How many tasks were queued in the interval, and their rate while tasks arrived; None with too few.

    Only the time from the first to the last arrival of a phase counts: while a phase waits for its last tasks nothing
    can arrive, and a pool that is too small would by that seem to be asked for less.
    """
    by_phase: dict[tuple[str, str], list[float]] = defaultdict(list)
    for task in tasks:
        if task.queued_at is not None and start <= task.queued_at <= end:
            by_phase[task.workflow, task.phase].append(task.queued_at)
    arrived = sum(len(times) for times in by_phase.values())
    spans = sorted((min(times), max(times)) for times in by_phase.values() if len(times) >= _LEAST_ARRIVALS)
    gaps = sum(len(times) - 1 for times in by_phase.values() if len(times) >= _LEAST_ARRIVALS)
    covered, until = 0.0, start
    for first, last in spans:
        covered += max(0.0, last - max(first, until))
        until = max(until, last)
    if not gaps:
        return arrived, None
    # all at once: as many a second as there are, as if they had come within one
    return arrived, gaps / covered if covered > 0 else float(gaps)


def depths_of(tasks: Sequence[TaskRow], signals: Signals) -> list[tuple[float, float]]:
    """How many tasks waited, at times evenly over the window; empty when no task says when it was queued."""
    start, step = signals.now - signals.window_s, signals.window_s / _DEPTHS
    came = sorted(task.queued_at for task in tasks if task.queued_at is not None)
    went = sorted(task.started_at for task in tasks if task.queued_at is not None and task.started_at is not None)
    times = [start + step * (place + 1) for place in range(_DEPTHS)]
    return [(at, float(bisect_right(came, at) - bisect_right(went, at))) for at in times] if came else []


def _cpu(signals: Signals, done: Sequence[TaskRow]) -> Cpu | None:
    cores = [value for _, value in signals.series.get("host/cpu_cores", ())]
    measured = signals.series.get("host/cpu_busy_ratio", ())
    if not cores or cores[-1] < 1 or not measured:
        return None
    # what the tasks used counts for as long as the machine was watched, which may be less than the window
    since = max(signals.now - signals.window_s, measured[0][0])
    known = [task for task in done if task.cpu_s is not None]
    ran = sum(task.duration_s or 0.0 for task in known)
    used = sum(task.cpu_s or 0.0 for task in known)
    if since >= signals.now or ran <= 0 or used <= 0:
        return None
    watched = sum(task.cpu_s or 0.0 for task in known if (task.finished_at or 0.0) >= since)
    mine = watched / (signals.now - since) * len(done) / len(known)
    busy = mean([value for _, value in measured]) * cores[-1]
    return Cpu(int(cores[-1]), max(0.0, busy - mine), used / ran)
