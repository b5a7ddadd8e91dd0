"""Which parts of the Load screen stand where: the head has what it needs, what matters most below it stays longest."""

from __future__ import annotations

from typing import NamedTuple

from perftui.config.schema import Config
from perftui.domain.load import LoadState
from perftui.view.layout import MIN_HEIGHT, Region, arrange
from perftui.view.load_charts import HISTOGRAM, RATES, TIMES, TROUBLE, beside

HEAD, RUNS, PAST_TIMES, PAST_RATES = "head", "runs", "past.times", "past.rates"
ENDPOINTS, LEVELS = "load.endpoints", "load.levels"
# a chart with its axis, and a head with counts, response times and what is wrong
_LEAST_BELOW, _LEAST_HEAD = 9, 6
_LEAST = {TIMES: 7, RATES: 6, PAST_TIMES: 7, PAST_RATES: 6, RUNS: 5}


class _Parts(NamedTuple):
    rows: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]
    priority: tuple[str, ...]


def placed(config: Config, state: LoadState, head: int, width: int, height: int, *, opened: bool) -> dict[str, Region]:
    """``head`` is how many lines the head would like; ``opened``: a past load is looked at alone."""
    tall = min(head, max(_LEAST_HEAD, height - _LEAST_BELOW))
    rest = height - tall
    if rest < MIN_HEIGHT:
        return {HEAD: Region(0, 0, width, height)}
    parts = _over(state, opened=opened) if opened or state.phase.is_over else _live(config, state)
    if not parts.rows:
        return {HEAD: Region(0, 0, width, height)}
    below = arrange(*parts, width, rest, _LEAST)
    moved = {name: Region(one.x, one.y + tall, one.width, one.height) for name, one in below.items()}
    return {HEAD: Region(0, 0, width, tall), **moved}


def _counted(state: LoadState) -> tuple[str, ...]:
    """What there is to show of counts, the most telling first."""
    levels = (LEVELS,) if len(state.levels) > 1 else ()
    histogram = (HISTOGRAM,) if state.buckets else ()
    return (*levels, *histogram, *((ENDPOINTS,) if len(state.endpoints) > 1 else ()))


def _over(state: LoadState, *, opened: bool) -> _Parts:
    counted = _counted(state)
    rows = ((PAST_TIMES, PAST_RATES), counted) if state.done else ()
    runs = () if opened else ((RUNS,),)
    kept = tuple(row for row in (*rows, *runs) if row)
    return _Parts(kept, (3.0, 2.0, 3.0), (PAST_TIMES, RUNS, *counted[:1], PAST_RATES, *counted[1:]))


def _live(config: Config, state: LoadState) -> _Parts:
    side, counted = tuple(beside(config)), _counted(state)
    rows = ((TIMES, RATES), (TROUBLE, *counted), side)
    first = counted[:1] if LEVELS in counted else ()
    rest = tuple(name for name in counted if name not in first)
    priority = (*first, TIMES, *side[:1], RATES, TROUBLE, *rest, *side[1:])
    return _Parts(tuple(row for row in rows if row), (5.0, 4.0, 4.0), priority)
