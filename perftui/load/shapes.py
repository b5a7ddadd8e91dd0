"""The shapes of a load: how its rate goes, as stretches in which it changes in a straight line.

Three shapes are more than lines: stress and adaptive have somebody who decides on the rate while they run, and spike
has parts that are compared with each other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from perftui.config.values import parse_span
from perftui.load.job import Adapt, Address, Model, Search, Stretch
from perftui.load.recorded import recorded
from perftui.load.schedule import Segment
from perftui.load.thresholds import parse_threshold

if TYPE_CHECKING:
    from perftui.load.plan import Plan

_SMOKE_RATE, _SMOKE_S = 1.0, 10.0
# how far a search goes, and how long it takes, where nobody says
_NEAR_TOP, _LOOPBACK_TOP = 200.0, 10_000.0
_NEAR_S, _LOOPBACK_S = 60.0, 120.0
# so many times the longest time of a threshold a level has to last
_HOLDS = 4
_STRESS_THRESHOLDS = ("rate<0.01", "p(95)<500")
# as many parts as can be told apart on a chart of rates
_PARTS = 10


class Shape(str, Enum):
    """Smoke: one a second for ten seconds. Ramp: from 0 to the rate. Stages: from rate to rate in straight lines.

    Stress: up until something breaks. Spike: several times the rate for a moment. Soak: the same for long. Adaptive: up
    while it goes well and down when it does not. Recorded: as it was once.
    """

    SMOKE = "smoke"
    CONSTANT = "constant"
    RAMP = "ramp"
    STAGES = "stages"
    STRESS = "stress"
    SPIKE = "spike"
    SOAK = "soak"
    ADAPTIVE = "adaptive"
    RECORDED = "recorded"


class PlannedStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To ``rate`` within ``duration``, from where the stage before ended."""

    duration: str
    rate: float


class PlannedStress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From the plan's rate up by ``step``, or times ``factor``, to ``top``; 0 is the cap, 10 000/s on loopback.

    ``longest`` is what all of it may take; 0s is 60 s, 2 min on loopback.
    """

    step: float = 0.0
    factor: float = 2.0
    top: float = 0.0
    hold: str = "5s"
    precision: float = 0.1
    recover: str = "10s"
    longest: str = "0s"


class PlannedSpike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan's rate for ``base``, then each of ``factors`` times it for ``hold``, with ``rest`` after each."""

    factors: tuple[float, ...] = (2.0, 5.0, 10.0)
    base: str = "10s"
    hold: str = "3s"
    rest: str = "12s"


class PlannedAdaptive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Additive: ``step`` up or down once an ``interval``, between ``floor`` and ``top`` (0 as for stress)."""

    start: float = 10.0
    step: float = 5.0
    interval: str = "5s"
    up: float = 0.95
    down: float = 0.8
    floor: float = 1.0
    top: float = 0.0


class Shaped(NamedTuple):
    """What a shape is to a job. ``may_break``: failures belong to it, and are no reason to stop."""

    segments: tuple[Segment, ...]
    stretches: tuple[Stretch, ...] = ()
    control: Search | Adapt | None = None
    note: str = ""
    may_break: bool = False

    @property
    def holds_thresholds(self) -> bool:
        """The plan's thresholds are those of a level, not of the run."""
        return isinstance(self.control, Search)


def shaped(plan: Plan, addresses: Sequence[Address]) -> Shaped:
    """Reads what was recorded. Raises ValueError with what is wrong, OSError."""
    shape = Shape(plan.shape)
    if plan.model is Model.CLOSED and shape in (Shape.STRESS, Shape.SPIKE, Shape.ADAPTIVE, Shape.RECORDED):
        raise ValueError(f"shape {shape.value} is about a rate, which the closed model has not: it needs model open")
    if shape is Shape.STRESS:
        return _stress(plan, is_loopback=_are_loopback(addresses))
    if shape is Shape.ADAPTIVE:
        return _adaptive(plan, is_loopback=_are_loopback(addresses))
    if shape is Shape.SPIKE:
        return _spike(plan.spike, plan.rate)
    if shape is Shape.RECORDED:
        found = recorded(plan.recorded)
        return Shaped(found.segments, parts(found.segments), note=found.note)
    if shape is Shape.SMOKE:
        return Shaped((Segment(_SMOKE_S, _SMOKE_RATE, _SMOKE_RATE),))
    if shape is Shape.RAMP:
        line = (Segment(parse_span(plan.duration), 0.0, plan.rate),)
        return Shaped(line, parts(line))
    if shape is Shape.STAGES:
        stages = _staged(plan.stages)
        return Shaped(stages, tuple(_stretch(stage, "stage") for stage in stages))
    return Shaped((Segment(parse_span(plan.duration), plan.rate, plan.rate),))


def parts(segments: Sequence[Segment]) -> tuple[Stretch, ...]:
    """The same time in ten equal parts: what a chart of rates can show of something that never stands."""
    length = sum(segment.duration_s for segment in segments)
    found, before = [], 0.0
    for number in range(1, _PARTS + 1):
        reached = _arrivals(segments, length * number / _PARTS)
        found.append(Stretch(length / _PARTS, (reached - before) * _PARTS / length, "part"))
        before = reached
    return tuple(found)


def _arrivals(segments: Sequence[Segment], until_s: float) -> float:
    units = 0.0
    for segment in segments:
        units += segment.arrivals(min(max(0.0, until_s), segment.duration_s))
        until_s -= segment.duration_s
    return units


def _stretch(segment: Segment, kind: str) -> Stretch:
    return Stretch(segment.duration_s, (segment.start_rate + segment.end_rate) / 2, kind)


def _staged(stages: Sequence[PlannedStage]) -> tuple[Segment, ...]:
    if not stages:
        raise ValueError('stages: shape stages needs some, such as [[stages]] duration = "10s", rate = 50')
    found, rate = [], stages[0].rate
    for stage in stages:
        if not 0 <= stage.rate < 1e9:
            raise ValueError(f"stages: expected a rate from 0, got {stage.rate}")
        found.append(Segment(parse_span(stage.duration), rate, stage.rate))
        rate = stage.rate
    return tuple(found)


def _stress(plan: Plan, *, is_loopback: bool) -> Shaped:
    told = plan.stress
    thresholds = tuple(parse_threshold(each.expr).expr for each in plan.thresholds) or _STRESS_THRESHOLDS
    top = told.top or max(plan.rate, _LOOPBACK_TOP if is_loopback else _NEAR_TOP)
    hold_s, recover_s = _some("stress.hold", told.hold), _some("stress.recover", told.recover)
    for expr in thresholds:
        condition = parse_threshold(expr)
        # calls that are under way when a level ends are known to be slow only when it lasts longer than they may
        if condition.is_about_time and hold_s * 1000 < _HOLDS * condition.limit:
            least = f"{_HOLDS * condition.limit / 1000:g}s"
            raise ValueError(f"stress.hold: {told.hold} is too short to tell whether {expr}: it takes {least}")
    if told.step < 0 or (not told.step and not 1 < told.factor <= 100):
        raise ValueError("stress: expected a step above 0, or a factor above 1 and up to 100")
    if not 0.001 <= told.precision <= 1:
        raise ValueError(f"stress.precision: expected a share from 0.001 to 1, got {told.precision:g}")
    if not plan.rate <= top < 1e9:
        raise ValueError(f"stress.top: {top:g}/s is below the rate that it starts from, {plan.rate:g}/s")
    longest = told.longest.strip()
    length = _default_s(is_loopback) if longest in ("0", "0s") else _some("stress.longest", longest)
    search = Search(plan.rate, top, hold_s, told.step, told.factor, told.precision, recover_s, thresholds)
    return Shaped((Segment(length, plan.rate, plan.rate),), control=search, may_break=True)


def _adaptive(plan: Plan, *, is_loopback: bool) -> Shaped:
    told = plan.adaptive
    top = told.top or max(told.start, _LOOPBACK_TOP if is_loopback else _NEAR_TOP)
    interval_s = _some("adaptive.interval", told.interval)
    if not (0 < told.floor <= told.start <= top < 1e9 and told.step > 0):
        raise ValueError("adaptive: expected floor <= start <= top, and a step, all above 0")
    if not 0 <= told.down <= told.up < 1:
        raise ValueError("adaptive: expected down <= up, shares from 0 to less than 1")
    adapt = Adapt(told.start, top, told.step, interval_s, told.up, told.down, told.floor)
    segment = Segment(parse_span(plan.duration), told.start, told.start)
    return Shaped((segment,), control=adapt, may_break=True)


def _spike(told: PlannedSpike, rate: float) -> Shaped:
    if not told.factors or any(not 0 < factor <= 1000 for factor in told.factors):
        raise ValueError("spike.factors: expected some, above 0 and up to 1000")
    base_s, hold_s = _some("spike.base", told.base), _some("spike.hold", told.hold)
    rest_s = _some("spike.rest", told.rest)
    stretches = [Stretch(base_s, rate, "base")]
    for factor in told.factors:
        stretches += [Stretch(hold_s, rate * factor, "spike"), Stretch(rest_s, rate, "rest")]
    segments = tuple(Segment(each.duration_s, each.rate, each.rate) for each in stretches)
    return Shaped(segments, tuple(stretches), may_break=True)


def _some(name: str, span: str) -> float:
    seconds = parse_span(span)
    if seconds <= 0:
        raise ValueError(f"{name}: expected some time, got {span}")
    return seconds


def _default_s(is_loopback: bool) -> float:
    return _LOOPBACK_S if is_loopback else _NEAR_S


def _are_loopback(addresses: Sequence[Address]) -> bool:
    return all(each.unix or ipaddress.ip_address(each.host).is_loopback for each in addresses)
