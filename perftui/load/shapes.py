"""The shapes of a load: how its rate goes, as stretches in which it changes in a straight line."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from perftui.config.values import parse_span
from perftui.load.schedule import Segment

_SMOKE_RATE, _SMOKE_S = 1.0, 10.0


class Shape(str, Enum):
    """Smoke: one a second for ten seconds. Ramp: from 0 to the rate. Stages: from rate to rate in straight lines."""

    SMOKE = "smoke"
    CONSTANT = "constant"
    RAMP = "ramp"
    STAGES = "stages"


class PlannedStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To ``rate`` within ``duration``, from where the stage before ended."""

    duration: str
    rate: float


def segments(shape: Shape, rate: float, duration: str, stages: Sequence[PlannedStage]) -> tuple[Segment, ...]:
    """Raises ValueError with what is wrong."""
    if shape is Shape.SMOKE:
        return (Segment(_SMOKE_S, _SMOKE_RATE, _SMOKE_RATE),)
    if shape is Shape.CONSTANT:
        return (Segment(parse_span(duration), rate, rate),)
    if shape is Shape.RAMP:
        return (Segment(parse_span(duration), 0.0, rate),)
    return _staged(stages)


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
