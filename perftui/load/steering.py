"""Between the engine and who decides on its rate: what is seen at a moment, and what follows from a decision."""

from __future__ import annotations

from perftui.load.adapting import Adapting
from perftui.load.control import Control, Sight
from perftui.load.frames import LevelEnd
from perftui.load.job import Adapt, Job
from perftui.load.levels import RAMP, Levels
from perftui.load.pool import Pool
from perftui.load.recent import Recent
from perftui.load.search import Searching

_NS = 1e9


class Steering:
    """``recent`` is fed by the engine with what it tells."""

    def __init__(self, control: Control, window_s: float, pool: Pool, levels: Levels, connections: int) -> None:
        self._control, self._pool, self._levels, self._connections = control, pool, levels, connections
        self._level = RAMP
        self._began_s = self._cpu_from = 0.0
        self.recent = Recent(window_s)

    def look(self, now_ns: int, at_s: float, cpu_s: float) -> tuple[LevelEnd, float | None] | None:
        """``at_s`` is the measured time, which stands while the schedule does. A level that is over, and the next rate.

        None for nothing to do, which a level whose first moment has not come yet is too.
        """
        level = self._levels.now
        if level.number == RAMP:
            self._cpu_from = cpu_s
            return None
        if level.number != self._level:
            self._level, self._began_s = level.number, at_s - (now_ns - level.from_ns) / _NS
        control, pool = self._control, self._pool
        kind, rate = control.kind, control.rate
        move = control.look(
            Sight(
                at_s, at_s - self._began_s, level.figures(), self.recent.moment(), len(pool.backlog),
                pool.connections >= self._connections, cpu_s - self._cpu_from,
                lambda: [now_ns - intended for intended in pool.intended() if intended >= level.from_ns],
                lambda: [now_ns - started for started in pool.started()],
            )
        )  # fmt: skip
        if move is None:
            return None
        self._cpu_from = cpu_s
        end = LevelEnd(
            level.number, kind, rate, self._began_s, at_s, move.outcome, move.limit, move.value, move.is_silent
        )
        return end, move.rate


def steering(job: Job, pool: Pool, levels: Levels) -> Steering | None:
    """For a job whose rate is decided on while it runs."""
    plan = job.control
    if plan is None:
        return None
    if isinstance(plan, Adapt):
        return Steering(Adapting(plan), min(1.0, plan.interval_s), pool, levels, job.connections)
    search = Searching(plan)
    return Steering(search, search.window_s, pool, levels, job.connections)
