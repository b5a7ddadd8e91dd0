"""Rules of pools that are too small: their agents are never idle, or their queue grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.analysis.metrics import response_name, time_per_task, time_per_task_name
from perftui.analysis.queueing import MOST_RHO, servers_for, wait_ratio
from perftui.analysis.rules.crew import Crew, crew_of, depths_of
from perftui.analysis.rules.estimates import MIN_WINDOWS, Estimate, from_pairs, less, limit, mean, windows_of
from perftui.analysis.rules.signals import PoolSignals, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Rule, Verdict
from perftui.analysis.trend import theil_sen
from perftui.domain.findings import Effort, Evidence, Gain, Impact
from perftui.domain.units import Unit, format_duration, format_value
from perftui.domain.workflow import TaskRow

POOL1_LIMITS = {
    "pool1_utilisation": 0.9,  # the slots are busy for more than this share of the time
    "pool1_wait": 0.1,  # and p95 of the wait is more than this share of the mean response
    "pool1_rho": 0.75,  # so many slots are recommended that they would be busy for less than this
    "pool1_growth": 4.0,  # and at most that many times the slots there are: what is beyond was never seen
}
POOL4_LIMITS = {
    "pool4_growth": 10.0,  # so many tasks more wait at the end of the window than at its beginning
    "pool4_queue": 1000.0,  # tasks that wait: the date of which is told
}
_LEAST_TASKS = 10
_FULL_DEPTHS = 30
_FULL_TASKS = 100
_MOST_TASKS = 2000  # the newest; more would make an interval that looks surer than it is, and take longer
_PARTS = 8  # a window is that part of what is known: as long as people wait to see whether a change helped


def _pool1(signals: Signals) -> Sequence[Verdict]:
    if not signals.pools:
        return (Blind("", "needs a pool of agents"),)
    return [_exhausted(signals, pool) for pool in signals.pools]


def _exhausted(signals: Signals, pool: PoolSignals) -> Verdict:
    row = pool.row
    response = row.mean_s or row.p50_s
    if row.utilisation is None or row.wait_p95_s is None or response is None:
        return Blind(row.key, "needs utilisation, waits and response times")
    busy, waits = (limit(signals, POOL1_LIMITS, name) for name in ("pool1_utilisation", "pool1_wait"))
    share = row.wait_p95_s / response if response > 0 else 0.0
    text = f"slots {row.utilisation:.0%} busy of {busy:.0%}, wait p95 {share:.0%} of the response of {waits:.0%}"
    if row.utilisation <= busy or share <= waits:
        return Quiet(row.key, text)
    crew = crew_of(signals, pool)
    if crew is None or crew.finished < _LEAST_TASKS:
        return Blind(row.key, f"needs {_LEAST_TASKS} tasks that were queued and finished within the window")
    wanted = servers_for(crew.load, limit(signals, POOL1_LIMITS, "pool1_rho"))
    most = int(crew.slots * limit(signals, POOL1_LIMITS, "pool1_growth"))
    slots = min(wanted, most, crew.slots_for_cpu if crew.slots_for_cpu is not None else wanted)
    if slots <= crew.slots:
        held = "" if slots == wanted else ": the CPU holds no more agents"
        return Quiet(row.key, f"{text}; {crew.slots} slots are as many as it needs{held}")
    return _add(signals, pool, crew, slots, text)


class _Choice(NamedTuple):
    """How the gain of more slots was computed."""

    estimate: Estimate
    metric: str
    now: float
    method: str


def _add(signals: Signals, pool: PoolSignals, crew: Crew, slots: int, text: str) -> Found:
    key, more = pool.row.key, slots - crew.slots
    each = max(1, round(crew.slots / max(1, crew.agents)))
    agents = -(-more // each)
    chosen = (
        _drained(signals, pool, crew, slots)
        if crew.load >= MOST_RHO * crew.slots or not crew.done
        else _shorter_wait(key, crew, slots)
    )
    rho, utilisation = crew.load / crew.slots, f"{key}/agents_utilisation_ratio"
    arriving = (
        f"{crew.arrivals_per_s:.3g} tasks/s arrive with {format_value(crew.mean_s, Unit.SECONDS)} of work each: "
        f"{rho:.0%} of {crew.slots} slots"
    )
    evidence = (
        Evidence(utilisation, text, pool.row.utilisation or 0.0, Unit.RATIO, crew.finished, pool.row.window_s),
        Evidence("", arriving, rho, Unit.RATIO, crew.arrived, signals.window_s),
    )
    assumptions = ["tasks arrive as they did within the window", "new agents are as fast as those that are there"]
    if crew.slots_for_cpu is None:
        assumptions.append("the machine of the agents has CPU for them: not known")
    else:
        assumptions.append(f"the agents run on this machine: its CPU holds {crew.slots_for_cpu} slots")
    return Found(
        target=key,
        title=f"Add {agents} agent{'s' if agents > 1 else ''} to pool {key}: {crew.slots} to {slots} slots",
        effort=Effort.LOW,
        impact=less(chosen.metric, Unit.SECONDS, chosen.now, chosen.estimate.gain, chosen.method),
        gain=chosen.estimate.gain,
        n=crew.finished,
        n_min=_FULL_TASKS,
        evidence=evidence,
        steps=(
            f"Start {agents} more",
            "See that the queue empties and the slots are busy for less than 75 % of the time",
        ),
        text=text,
        confidence=chosen.estimate.confidence,
        assumptions=tuple(assumptions),
    )


def _drained(signals: Signals, pool: PoolSignals, crew: Crew, slots: int) -> _Choice:
    """Time per task while tasks wait: as measured now, and by the utilisation law (X = c / D) with more slots.

    What the slots lose between two tasks may be lost after the change too, or not, and further tasks may wait for the
    CPU: the interval holds each case.
    """
    key, done = pool.row.key, crew.done[-_MOST_TASKS:]
    start = signals.now - signals.window_s
    if len(done) < len(crew.done):
        start = done[0].finished_at or start
    tasks = [task for task in pool.tasks if task.finished_at is None or task.finished_at >= start]
    measured = time_per_task(tasks, start, signals.now, crew.slots)
    now = measured.value if measured is not None else crew.mean_s / crew.slots
    lost = max(1.0, now * crew.slots / crew.mean_s)
    queued = [time_per_task(tasks, *cut, crew.slots) for cut in _cuts(start, signals.now)]
    before = [one.value for one in queued if one is not None]
    after = [mean([_run_s(task) for task in cut]) / slots for cut in windows_of(done, _LEAST_TASKS, _PARTS)]
    slower = crew.slower_with(slots)
    variants = [value * factor for value in after for factor in (1.0, lost, slower)]
    estimate = from_pairs(before, variants, 1 - crew.mean_s / slots / now)
    method = f"time per task with a queue; run time by {slots} slots, of {crew.finished} tasks"
    return _Choice(estimate, time_per_task_name(key), now, method)


def _cuts(start: float, end: float) -> list[tuple[float, float]]:
    """Windows of an eighth of the interval each, evenly over it."""
    size, places = (end - start) / _PARTS, 2 * MIN_WINDOWS
    begins = [start + (end - start - size) * place / (places - 1) for place in range(places)]
    return [(begin, begin + size) for begin in begins]


def _shorter_wait(key: str, crew: Crew, slots: int) -> _Choice:
    """E1: the measured wait scaled by Erlang's C, as a share of wait and service together."""
    shorter = wait_ratio(crew.slots, slots, crew.load)

    def now(tasks: Sequence[TaskRow]) -> float:
        return mean([(task.wait_s or 0.0) + _run_s(task) for task in tasks])

    def after(tasks: Sequence[TaskRow]) -> float:
        return mean([(task.wait_s or 0.0) * shorter + _run_s(task) for task in tasks])

    cuts = windows_of(crew.done, _LEAST_TASKS, _PARTS)
    pooled = 1 - after(crew.done) / now(crew.done)
    estimate = from_pairs([now(cut) for cut in cuts], [after(cut) for cut in cuts], pooled)
    method = f"Erlang C: the wait becomes {shorter:.0%} of what it is"
    return _Choice(estimate, response_name(key), now(crew.done), method)


def _run_s(task: TaskRow) -> float:
    return task.duration_s or 0.0


def _pool4(signals: Signals) -> Sequence[Verdict]:
    if not signals.pools:
        return (Blind("", "needs a pool of agents"),)
    return [_growing(signals, pool) for pool in signals.pools]


def _growing(signals: Signals, pool: PoolSignals) -> Verdict:
    key = pool.row.key
    crew = crew_of(signals, pool)
    counted, measured = depths_of(pool.tasks, signals), signals.series.get(f"{key}/queue_depth", ())
    depths = counted or measured
    rate = pool.row.done_per_s if crew is None else crew.finished / signals.window_s
    trend = theil_sen(depths)
    if trend is None or not rate:
        return Blind(key, "needs the length of the queue and how many tasks end a second")
    least = limit(signals, POOL4_LIMITS, "pool4_growth")
    span = signals.window_s if counted else measured[-1][0] - measured[0][0]
    grown = trend.slope * span
    text = f"the queue grew by {grown:.0f} tasks in {span:.0f} s, limit {least:g}"
    if trend.low <= 0 or grown <= least:
        return Quiet(key, text)
    most = limit(signals, POOL4_LIMITS, "pool4_queue")
    until = format_duration(max(0.0, most - trend.value) / trend.slope)
    text += f"; {most:.0f} wait in {until}"
    # what arrives and is not worked off, by what arrives: so much less time per task would keep up
    gain = Gain(*(slope / (rate + slope) for slope in (trend.low, trend.slope, trend.high)))
    more = "agents"
    if crew is not None:
        load = max(crew.load, (rate + trend.slope) * crew.mean_s)
        needed = servers_for(load, limit(signals, POOL1_LIMITS, "pool1_rho"))
        more = f"{needed - crew.slots} agents" if needed > crew.slots + 1 else "1 agent"
    return Found(
        target=key,
        title=f"Add {more} to pool {key}, or send it less: its queue grows",
        effort=Effort.LOW,
        impact=Impact(
            f"growth of the queue of pool {key}", Unit.PER_SECOND, -trend.low, -trend.slope, -trend.high,
            f"Theil-Sen slope; gain: the share of what arrives that is not worked off; {most:.0f} wait in {until}",
        ),
        gain=gain,
        n=len(depths),
        n_min=_FULL_DEPTHS,
        evidence=(Evidence(f"{key}/queue_depth", text, trend.slope, Unit.PER_SECOND, len(depths), span),),
        steps=(f"Start {more} more", "Or slow down who sends", "See that the queue shrinks"),
        text=text,
        assumptions=("tasks arrive and end as they did within the window",),
    )  # fmt: skip


_CPU = ("host/cpu_cores", "host/cpu_busy_ratio")
RULES = (
    Rule("POOL1", "Pool exhausted", _CPU, POOL1_LIMITS, _pool1),
    Rule("POOL4", "Queue grows", ("*/queue_depth", *_CPU), POOL4_LIMITS, _pool4),
)
