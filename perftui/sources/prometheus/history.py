"""Windows that lie before anything we saw: asked of the server when somebody looks there, and given up with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.prometheus.answers import matrix
from perftui.sources.prometheus.direct import Direct
from perftui.sources.prometheus.joining import MOST, joined, parted
from perftui.sources.prometheus.standing import Standing
from perftui.sources.prometheus.steps import aligned

Found = dict[str, list[tuple[float, float]]]


class ServerHistory:
    """``fill`` puts placeholders in place for a step."""

    def __init__(self, name: str, direct: Direct, fill: Callable[[str, float], str]) -> None:
        self._name, self._direct, self._fill = name, direct, fill

    async def past(
        self, standings: Sequence[Standing], start: float, end: float, step_s: float, skew_s: float
    ) -> Found:
        """Points of the queries at multiples of the step. Raises QueryError when none could be answered."""
        first, last = aligned(start + skew_s, end + skew_s, step_s)
        if last < first:
            return {}
        found: Found = {}
        for begin in range(0, len(standings), MOST):
            group = standings[begin : begin + MOST]
            found.update(await self._group(group, first, last, step_s, skew_s))
        return found

    async def _group(self, group: Sequence[Standing], first: float, last: float, step_s: float, skew_s: float) -> Found:
        texts = [standing.text(self._fill(standing.query.expr, step_s)) for standing in group]
        if len(group) == 1:
            result = await self._direct.query_range(texts[0], first, last, step_s)
            return matrix(self._name, group[0].query.name, result, -skew_s)
        try:
            parts = parted(await self._direct.query_range(joined(texts), first, last, step_s), len(group))
        except QueryError as error:
            if error.kind is not ErrorKind.BAD_QUERY:
                raise
            return await self._each(group, first, last, step_s, skew_s)
        found: Found = {}
        for standing, part in zip(group, parts, strict=True):
            found.update(matrix(self._name, standing.query.name, part, -skew_s))
        return found

    async def _each(self, group: Sequence[Standing], first: float, last: float, step_s: float, skew_s: float) -> Found:
        """One of them spoils the answer of all: each is asked alone, and what can be answered is."""
        asked = (self._group([standing], first, last, step_s, skew_s) for standing in group)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        found: Found = {}
        for answer in answers:
            if isinstance(answer, dict):
                found.update(answer)
            elif not isinstance(answer, QueryError) or len(group) == 1:
                raise answer
        return found
