"""Sums and other aggregates of a vector by its labels."""

from __future__ import annotations

import math
from collections.abc import Callable

from perftui.sources.scrape.promql.ranges import highest, lowest
from perftui.sources.scrape.promql.tree import Aggregate
from perftui.sources.scrape.promql.vectors import Vector, only, without
from perftui.sources.scrape.series import NAME, Labels
from perftui.sources.turns import Steps

_TURN = 512
_FOLDS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": lowest,
    "max": highest,
    "count": lambda values: float(len(values)),
    "group": lambda values: 1.0,
}


def aggregated(node: Aggregate, vector: Vector, parameter: float, memo: dict[Labels, Labels]) -> Steps[Vector]:
    """``memo`` remembers from one evaluation to the next which group a series belongs to."""
    if len(memo) > 2 * len(vector) + _TURN:
        memo.clear()
    group_of = _group_of(node)
    groups: dict[Labels, list[tuple[Labels, float]]] = {}
    for index, (labels, value) in enumerate(vector.items()):
        if index % _TURN == 0:
            yield
        group = memo.get(labels)
        if group is None:
            group = memo[labels] = group_of(labels)
        held = groups.get(group)
        if held is None:
            groups[group] = [(labels, value)]
        else:
            held.append((labels, value))
    if node.operator in ("topk", "bottomk"):
        return _chosen(groups, parameter, node.operator == "topk")
    fold = _FOLDS[node.operator]
    found: Vector = {}
    for index, (group, members) in enumerate(groups.items()):
        if index % _TURN == 0:
            yield
        found[group] = fold([value for _, value in members])
    return found


def _group_of(node: Aggregate) -> Callable[[Labels], Labels]:
    if node.without:
        names = frozenset((*node.labels, NAME))
        return lambda labels: without(labels, names)
    names = frozenset(node.labels)
    return lambda labels: only(labels, names)


def _chosen(groups: dict[Labels, list[tuple[Labels, float]]], parameter: float, top: bool) -> Vector:
    """The largest (smallest) values of each group with all their labels; NaN comes last."""
    count = int(parameter) if math.isfinite(parameter) else 0
    sign = -1.0 if top else 1.0
    found: Vector = {}
    for members in groups.values():
        ordered = sorted(members, key=lambda pair: (math.isnan(pair[1]), sign * pair[1]))
        found.update(ordered[: max(0, count)])
    return found
