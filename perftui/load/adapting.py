"""A rate that goes up while the target does well and down when it does not: additive, once an interval."""

from __future__ import annotations

from perftui.load.control import Move, Sight
from perftui.load.job import Adapt


class Adapting:
    """Success is the share of the interval's calls that ended well, of those that ended or found no connection."""

    def __init__(self, plan: Adapt) -> None:
        self._plan = plan
        self.kind, self.rate = "interval", plan.start

    def look(self, sight: Sight) -> Move | None:
        plan = self._plan
        if sight.level_s < plan.interval_s:
            return None
        success = _success(sight)
        outcome = "same"
        if success > plan.up and self.rate < plan.top:
            outcome, self.rate = "up", min(plan.top, self.rate + plan.step)
        elif success < plan.down and self.rate > plan.floor:
            outcome, self.rate = "down", max(plan.floor, self.rate - plan.step)
        return Move(self.rate, outcome, "success", success)


def _success(sight: Sight) -> float:
    """1 when nothing was sent at all, 0 when nothing of what was sent has come back."""
    tally = sight.tally
    over = tally.done + tally.dropped + sight.waiting
    if not over:
        return 0.0 if tally.offered else 1.0
    return tally.ok.n / over
