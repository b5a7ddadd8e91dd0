"""Bounds, and what was measured against them, as rows of a table that can be pasted into a document."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple


class Verdict(Enum):
    """``UNKNOWN``: there is no bound, or nothing was measured."""

    HOLDS = "pass"
    FAILS = "**fail**"
    UNKNOWN = "–"


class Row(NamedTuple):
    """One figure; ``aim`` is what would be better still."""

    figure: str
    must: str
    aim: str
    measured: str
    verdict: Verdict


def row(figure: str, must: str, aim: str, measured: str, holds: bool | None) -> Row:
    """``holds`` None: not measured."""
    verdict = Verdict.UNKNOWN if holds is None else Verdict.HOLDS if holds else Verdict.FAILS
    return Row(figure, must, aim, measured, verdict)


def markdown(rows: Sequence[Row]) -> str:
    lines = ["| figure | must | aim | measured | |", "|---|---|---|---|---|"]
    lines += [f"| {one.figure} | {one.must} | {one.aim} | {one.measured} | {one.verdict.value} |" for one in rows]
    return "\n".join(lines)


def median(values: Iterable[float]) -> float:
    """Raises StatisticsError when there is none."""
    return statistics.median(values)


def percentile(values: Iterable[float], share: float) -> float:
    """By nearest rank: a value that was measured, never one between two."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
