"""The value of an expression at the last scrape, in turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from perftui.sources.scrape.promql.aggregate import aggregated
from perftui.sources.scrape.promql.arithmetic import ARITHMETIC, COMPARISONS
from perftui.sources.scrape.promql.functions import Value, absent, mapped, number, replaced, simple, vector_of
from perftui.sources.scrape.promql.quantile import Estimate, bucket_quantile
from perftui.sources.scrape.promql.ranges import KEEPS_NAME, RANGES
from perftui.sources.scrape.promql.tree import (
    Aggregate,
    Binary,
    Call,
    ExpressionError,
    Negative,
    Node,
    Number,
    Select,
    Text,
    walk,
)
from perftui.sources.scrape.promql.vectors import Vector, joined, put, sets, with_scalar, without
from perftui.sources.scrape.promql.words import SETS
from perftui.sources.scrape.samples import Samples, first_sample
from perftui.sources.scrape.series import NAME, Labels
from perftui.sources.turns import Steps

_TURN = 256
_LE = frozenset(("le", NAME))


class Evaluator:
    """Remembers groups and buckets from one evaluation to the next; one for the queries of a source.

    ``brackets`` holds, after an evaluation, the bucket that each quantile lies in, by node and labels.
    """

    def __init__(self, samples: Samples, wall: Callable[[], float]) -> None:
        self._samples, self._wall = samples, wall
        self._memos: dict[Node, dict[Labels, Labels]] = {}
        self._buckets: dict[Node, dict[Labels, tuple[Labels, float]]] = {}
        self.brackets: dict[Node, dict[Labels, Estimate]] = {}

    def keep(self, trees: Iterable[Node]) -> None:
        """Forget what is remembered of other expressions than these."""
        nodes = {node for tree in trees for node in walk(tree)}
        for memo in (self._memos, self._buckets, self.brackets):
            for node in [node for node in memo if node not in nodes]:
                del memo[node]

    def value(self, node: Node, trial: bool = False) -> Steps[Value]:
        """A number, or values by labels; NaN where there is no number. Raises ExpressionError.

        A trial has a NaN for each series whose history is not kept (yet), so that it tells how many there will be.
        """
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Select):
            return (yield from self._instant(node))
        if isinstance(node, Call):
            return (yield from self._call(node, trial))
        if isinstance(node, Aggregate):
            parameter = math.nan
            if node.parameter is not None:
                parameter = number((yield from self.value(node.parameter, trial)))
            vector = vector_of((yield from self.value(node.inner, trial)))
            return (yield from aggregated(node, vector, parameter, self._memos.setdefault(node, {})))
        if isinstance(node, Binary):
            return (yield from self._binary(node, trial))
        if isinstance(node, Negative):
            inner = yield from self.value(node.inner, trial)
            if isinstance(inner, float):
                return -inner
            return (yield from mapped(inner, lambda value: -value, node.at))
        raise ExpressionError(node.at, "a text is no value of its own")

    def _instant(self, node: Select) -> Steps[Vector]:
        yield from self._samples.pick(node.picker)
        found: Vector = {}
        values = self._samples.values
        for index, series in enumerate(self._samples.newest(node.picker)):
            if index % _TURN == 0:
                yield
            found[series.full] = values[series]
        return found

    def _range(self, node: Call, select: Select, trial: bool) -> Steps[Vector]:
        samples, compute = self._samples, RANGES[node.function]
        window = (select.picker, select.range_s)
        if window in samples.refused and not trial:
            raise ExpressionError(select.at, samples.refused[window])
        start, inclusive = samples.start(window)
        named = node.function in KEEPS_NAME
        found: Vector = {}
        for index, (series, ring) in enumerate(samples.window(window)):
            if index % _TURN == 0:
                yield
            value = compute(ring, first_sample(ring, start, inclusive), start, samples.at)
            if value is not None:
                put(found, series.full if named else series.labels, value, node.at)
        if trial:
            yield from samples.pick(select.picker)
            for index, series in enumerate(samples.picked(select.picker)):
                if index % _TURN == 0:
                    yield
                found.setdefault(series.full if named else series.labels, math.nan)
        return found

    def _binary(self, node: Binary, trial: bool) -> Steps[Value]:
        left = yield from self.value(node.left, trial)
        right = yield from self.value(node.right, trial)
        if isinstance(left, float) and isinstance(right, float):
            compute = ARITHMETIC.get(node.operator)
            return compute(left, right) if compute else float(COMPARISONS[node.operator](left, right))
        if isinstance(right, float):
            return (yield from with_scalar(node, vector_of(left), right, True))
        if isinstance(left, float):
            return (yield from with_scalar(node, right, left, False))
        if node.operator in SETS:
            return (yield from sets(node, left, right))
        return (yield from joined(node, left, right))

    def _call(self, node: Call, trial: bool) -> Steps[Value]:
        name, arguments = node.function, node.arguments
        if name in RANGES:
            select = arguments[0]
            assert isinstance(select, Select)  # noqa: S101 (the parser saw to it)
            return (yield from self._range(node, select, trial))
        if name == "time":
            return self._wall()
        if name == "timestamp":
            return (yield from self._timestamps(node))
        if name == "label_replace":
            vector = vector_of((yield from self.value(arguments[0], trial)))
            return (
                yield from replaced(node, vector, *(text.value for text in arguments[1:] if isinstance(text, Text)))
            )
        given: list[Value] = []
        for argument in arguments:
            given.append((yield from self.value(argument, trial)))  # noqa: PERF401 (not within a comprehension)
        if name == "histogram_quantile":
            return (yield from self._quantiles(node, number(given[0]), vector_of(given[1])))
        if name == "absent":
            return absent(arguments[0], vector_of(given[0]))
        return (yield from simple(node, given))

    def _timestamps(self, node: Call) -> Steps[Vector]:
        """Epoch seconds of the samples; of what is computed, the time it is computed for."""
        argument = node.arguments[0]
        if not isinstance(argument, Select):
            vector = vector_of((yield from self.value(argument)))
            return (yield from mapped(vector, lambda _: self._samples.at, node.at))
        yield from self._samples.pick(argument.picker)
        found: Vector = {}
        for index, series in enumerate(self._samples.newest(argument.picker)):
            if index % _TURN == 0:
                yield
            put(found, series.labels, self._samples.times.get(series, self._samples.at), node.at)
        return found

    def _quantiles(self, node: Call, quantile: float, vector: Vector) -> Steps[Vector]:
        memo = self._buckets.setdefault(node, {})
        if len(memo) > 2 * len(vector) + _TURN:
            memo.clear()
        groups: dict[Labels, list[tuple[float, float]]] = {}
        for index, (labels, count) in enumerate(vector.items()):
            if index % _TURN == 0:
                yield
            place = memo.get(labels)
            if place is None:
                place = memo[labels] = (without(labels, _LE), _bound(labels))
            group, bound = place
            if not math.isnan(bound):
                groups.setdefault(group, []).append((bound, count))
        estimates: dict[Labels, Estimate] = {}
        for index, (group, buckets) in enumerate(groups.items()):
            if index % _TURN == 0:
                yield
            estimates[group] = bucket_quantile(quantile, buckets)
        self.brackets[node] = estimates
        return {group: estimate.value for group, estimate in estimates.items()}


def _bound(labels: Labels) -> float:
    """The bucket's upper bound; NaN when the series is no bucket."""
    text = next((value for name, value in labels if name == "le"), "")
    try:
        return float(text)
    except ValueError:
        return math.nan
