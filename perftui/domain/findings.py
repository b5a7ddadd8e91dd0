"""What to fix: recommendations with a computed impact, an effort and evidence."""

from __future__ import annotations

from enum import Enum

import msgspec

from perftui.domain.units import Unit


class Effort(str, Enum):
    """Effort classes with their hours as in research: low 2, medium 8, high 40, very high 120."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


HOURS = {Effort.LOW: 2.0, Effort.MEDIUM: 8.0, Effort.HIGH: 40.0, Effort.VERY_HIGH: 120.0}


class Impact(msgspec.Struct, frozen=True):
    """How far ``metric`` would move, computed from the data: low, middle and high estimate, in ``unit``.

    Negative means less of it. ``method`` says in a few words how it was computed.
    """

    metric: str
    unit: Unit
    low: float
    mid: float
    high: float
    method: str


class Evidence(msgspec.Struct, frozen=True):
    """One measured fact behind a finding: the series, its value, the number of samples and their window."""

    series: str
    text: str
    value: float
    unit: Unit
    n: int
    window_s: float


class Finding(msgspec.Struct, frozen=True):
    """A recommendation; ``score`` ranks, higher first (100 x low relative gain x confidence x urgency / hours)."""

    id: str
    rule: str
    title: str
    effort: Effort
    hours: float
    impact: Impact
    confidence: float
    score: float
    evidence: tuple[Evidence, ...] = ()
    steps: tuple[str, ...] = ()
