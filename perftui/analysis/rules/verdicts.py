"""What a rule says of a target: found, quiet, or blind for want of a signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from perftui.analysis.rules.signals import Signals
from perftui.domain.findings import Effort, Evidence, Gain, Impact


class Found(NamedTuple):
    """The rule's condition is true now.

    ``n`` observations were used of the ``n_min`` that give full confidence; ``confidence`` is multiplied in (0.7 when a
    signal had to be replaced by a poorer one, 0.5 when the interval could not be computed from windows).
    ``gain`` is the end-to-end gain, None where only a need can be computed. ``urgency`` is 1, 1.5, 2 or 3.
    """

    target: str
    title: str
    effort: Effort
    impact: Impact
    gain: Gain | None
    n: int
    n_min: int
    evidence: tuple[Evidence, ...]
    steps: tuple[str, ...]
    text: str
    confidence: float = 1.0
    urgency: float = 1.0
    assumptions: tuple[str, ...] = ()


class Quiet(NamedTuple):
    """The condition is false; ``text`` says how far from it ("82 % of 90 %")."""

    target: str
    text: str


class Blind(NamedTuple):
    """The condition can't be judged: ``text`` is what it needs."""

    target: str
    text: str


Verdict = Found | Quiet | Blind


class Rule(NamedTuple):
    """A rule: ``needs`` are selectors of the series that it reads, ``limits`` its thresholds with their defaults.

    A selector that begins with ``*/`` is of every pool: the pool's key takes the place of the star. ``at_once``: what
    it judges does not flicker, so that it need not be true for a while.
    """

    id: str
    title: str
    needs: tuple[str, ...]
    limits: dict[str, float]
    judge: Callable[[Signals], Sequence[Verdict]]
    at_once: bool = False
