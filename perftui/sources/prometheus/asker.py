"""Asks all queries at once, in few requests, so that neither a wrong nor a slow one takes the others along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import too_many
from perftui.sources.prometheus.answers import Found, Kind, kind_of, vector
from perftui.sources.prometheus.joining import joined, parted
from perftui.sources.prometheus.library import Library, Told
from perftui.sources.prometheus.standing import Standing, Standings, packed

_KEPT_OUT_S = 60.0
# how much of the interval a round waits for a slow answer before it goes on without
_PATIENCE = 0.7
_ALIVE = "vector(1)"


@dataclass
class Round:
    """What one round brought. ``values`` are of now; ``late`` came for an earlier round, with their time.

    ``error`` is set when nothing came and the server is to blame. ``answered`` are the queries that did well.
    ``skews_s`` are how far the server's clock was ahead, one for each request.
    """

    values: dict[str, float] = field(default_factory=dict)
    late: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    answered: list[Standing] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    skews_s: list[float] = field(default_factory=list)
    error: QueryError | None = None


@dataclass
class _Outcome:
    """One request's: values by query; ``at`` is when it was asked (epoch)."""

    group: Sequence[Standing]
    round: int
    at: float
    values: dict[str, float] = field(default_factory=dict)
    answered: list[Standing] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    skew_s: float | None = None
    error: QueryError | None = None


class Asker:
    """``fill`` puts the placeholders of an expression in place."""

    def __init__(
        self,
        name: str,
        library: Library,
        standings: Standings,
        fill: Callable[[str], str],
        *,
        interval_s: float,
        timeout_s: float,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._name, self._library, self._standings, self._fill = name, library, standings, fill
        self._patience_s = max(0.2, min(interval_s * _PATIENCE, timeout_s))
        self._timeout_s, self._wall, self._monotonic = timeout_s, wall, monotonic
        self._flying: set[asyncio.Task[_Outcome]] = set()
        self._round = 0

    async def round(self) -> Round:
        """Ask what is due, and take what has come, also for earlier rounds. Waits only for a first answer."""
        self._round += 1
        groups: list[list[Standing]] = packed(self._standings.due(self._monotonic()))
        if not groups and not self._flying:
            groups = [[]]  # nothing to ask, but whether the server is there is still of interest
        new = {asyncio.ensure_future(self._ask(group, self._round)) for group in groups}
        self._flying |= new
        if new:
            await asyncio.wait(new, timeout=self._patience_s)
        if not any(task.done() for task in self._flying):
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
        done = {task for task in self._flying if task.done()}
        self._flying -= done
        return self._taken([task.result() for task in done])

    def close(self) -> None:
        for task in self._flying:
            task.cancel()
        self._flying.clear()

    def _taken(self, outcomes: Sequence[_Outcome]) -> Round:
        result = Round()
        well = [outcome for outcome in outcomes if outcome.error is None]
        for outcome in outcomes:
            if outcome.error is not None:
                self._blame(outcome, outcome.error, others_well=bool(well))
                result.error = None if well else outcome.error
                continue
            if outcome.round == self._round:
                result.values.update(outcome.values)
            else:
                result.late.update((series, ((outcome.at, value),)) for series, value in outcome.values.items())
            result.answered.extend(outcome.answered)
            result.warnings.extend(outcome.warnings)
            if outcome.skew_s is not None:
                result.skews_s.append(outcome.skew_s)
        return result

    def _blame(self, outcome: _Outcome, error: QueryError, *, others_well: bool) -> None:
        """A server that answers others has nothing against us: it is one of these queries that takes too long."""
        for standing in outcome.group:
            standing.trouble = str(error)
            if others_well and len(outcome.group) > 1:
                standing.alone = True
            elif others_well:
                standing.keep_out(str(error), self._monotonic() + 2 * self._timeout_s)

    async def _ask(self, group: Sequence[Standing], number: int) -> _Outcome:
        started, asked_at = self._wall(), self._monotonic()
        for standing in group:
            standing.asked_at = standing.last_at = asked_at
        outcome = _Outcome(group, number, started)
        try:
            await self._answer(group, outcome)
        except QueryError as error:
            outcome.error = error
        finally:
            for standing in group:
                standing.asked_at = None
        return outcome

    async def _answer(self, group: Sequence[Standing], outcome: _Outcome) -> None:
        texts = [standing.text(self._fill(standing.query.expr)) for standing in group]
        if len(group) == 1:
            await self._alone(group[0], outcome)
            return
        before = self._wall()
        try:
            told = await self._library.query(joined(texts) if texts else _ALIVE)
        except QueryError as error:
            if error.kind is not ErrorKind.BAD_QUERY or not group:
                raise
            await self._isolate(group, outcome)
            return
        parts = _shared(told.result, len(group))
        self._heard(told, outcome)
        for standing, part in zip(group, parts, strict=True):
            self._read(standing, part, outcome, before)

    async def _isolate(self, group: Sequence[Standing], outcome: _Outcome) -> None:
        """One of them spoils the answer of all: each is asked alone, once, and the culprit is kept out."""
        answers = await asyncio.gather(*(self._alone(standing, outcome) for standing in group), return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for failure in failures:
            if not isinstance(failure, QueryError) or not outcome.answered:
                raise failure

    async def _alone(self, standing: Standing, outcome: _Outcome) -> None:
        before = self._wall()
        try:
            told = await self._library.query(self._fill(standing.query.expr))
        except QueryError as error:
            if error.kind is not ErrorKind.BAD_QUERY:
                raise
            standing.keep_out(str(error), self._monotonic() + _KEPT_OUT_S)
            return
        self._heard(told, outcome)
        kind = kind_of(told.result)
        if kind is Kind.SCALAR:
            standing.scalar = True
            self._read(standing, [{"metric": {}, "value": told.result}], outcome, before)
        elif kind is Kind.STRING:
            standing.keep_out("a text can't be drawn", self._monotonic() + _KEPT_OUT_S)
        else:
            self._read(standing, told.result, outcome, before)

    def _heard(self, told: Told, outcome: _Outcome) -> None:
        if told.warnings:
            outcome.warnings = tuple(dict.fromkeys((*outcome.warnings, *told.warnings)))

    def _read(self, standing: Standing, part: Sequence[object], outcome: _Outcome, before: float) -> None:
        """Take one query's share of an answer; what can't be drawn is that query's trouble alone."""
        try:
            found = vector(self._name, standing.query.name, part, standing.query.most, standing.names)
        except QueryError as error:
            if error.kind is ErrorKind.BAD_DATA:  # not what was asked is wrong, but how it was answered
                raise
            standing.keep_out(str(error), self._monotonic() + _KEPT_OUT_S)
            return
        outcome.values.update(found.values)
        outcome.answered.append(standing)
        standing.until, standing.alone = None, False
        few = too_many(found.series, standing.query.most)
        standing.trouble = few if found.values else _why_empty(found)
        if found.at is not None:
            outcome.skew_s = found.at - (before + self._wall()) / 2


def _shared(result: Any, count: int) -> list[list[Any]]:
    """Each query's share of a joined answer. Raises QueryError when it is the answer to something else."""
    parts = parted(result, count) if kind_of(result) is Kind.VECTOR else []
    if (result or not parts) and not any(parts) and count:
        raise QueryError(ErrorKind.BAD_DATA, "the answer is not to what was asked")
    return parts


def _why_empty(found: Found) -> str:
    if found.nan:
        return "not a number: nothing was counted in its time (0/0)"
    if found.infinite:
        return "infinite, which can't be drawn: a division by 0?"
    return "matches nothing: the server has no such series now"
