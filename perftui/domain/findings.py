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


class Gain(msgspec.Struct, frozen=True):
    """By how much the whole gets better, as a share of what it is now: 0.2 is one fifth less time (or waste)."""

    low: float
    mid: float
    high: float


class Finding(msgspec.Struct, frozen=True):
    """A recommendation; ``score`` ranks, higher first (100 x low relative gain x confidence x urgency / hours).

    ``target`` is what it is about (a pool, a workflow, a service, the host). ``gain`` is None where only a need can be
    computed. ``since`` is when its condition became true. ``assumptions`` are what the computation takes for granted.
    """

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
    target: str = ""
    gain: Gain | None = None
    urgency: float = 1.0
    since: float | None = None
    assumptions: tuple[str, ...] = ()


class RuleState(str, Enum):
    """``found``: there is a finding. ``waiting``: true, but not for long enough. ``blind``: a signal is missing."""

    FOUND = "found"
    WAITING = "waiting"
    QUIET = "quiet"
    BLIND = "blind"
    FAILED = "failed"


class RuleStatus(msgspec.Struct, frozen=True, array_like=True):
    """What became of one rule for one target at its last evaluation; ``text`` says it in a few words.

    Of a blind rule ``text`` is what it needs ("needs a baseline: 4 s of 10 s").
    """

    rule: str
    target: str
    state: RuleState
    text: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of a finding after something was changed: the gain that was predicted, and that which was measured.

    ``before`` and ``after`` are the metric's values around the change at ``changed_at``; ``measured`` is None until
    there is enough after it, and then ``1 - after / before``. ``text`` says what is waited for, or how it was measured.
    """

    finding: Finding
    changed_at: float
    mark: str
    before: float | None = None
    after: float | None = None
    measured: float | None = None
    text: str = ""
