"""Joining two vectors: by labels, one to one, one to many, or as sets."""

from __future__ import annotations

from collections.abc import Callable

from perftui.sources.scrape.promql.arithmetic import ARITHMETIC, COMPARISONS
from perftui.sources.scrape.promql.tree import Binary, ExpressionError, Matching
from perftui.sources.scrape.series import NAME, Labels
from perftui.sources.turns import Steps

Vector = dict[Labels, float]
_TURN = 512


def without(labels: Labels, names: frozenset[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in names)


def only(labels: Labels, names: frozenset[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)


_NAME_ONLY = frozenset((NAME,))


def bare(labels: Labels) -> Labels:
    """Labels without the metric's name."""
    return without(labels, _NAME_ONLY)


def signature(matching: Matching) -> Callable[[Labels], Labels]:
    """What of a series has to be equal for two of them to match."""
    if matching.on:
        names = frozenset(matching.labels)
        return lambda labels: only(labels, names)
    names = frozenset((*matching.labels, NAME))
    return lambda labels: without(labels, names)


def with_scalar(node: Binary, vector: Vector, number: float, vector_left: bool) -> Steps[Vector]:
    """Each value of a vector against one number; a comparison keeps what it is true for."""
    arithmetic, compare = ARITHMETIC.get(node.operator), COMPARISONS.get(node.operator)
    found: Vector = {}
    for index, (labels, value) in enumerate(vector.items()):
        if index % _TURN == 0:
            yield
        left, right = (value, number) if vector_left else (number, value)
        if arithmetic is not None:
            put(found, bare(labels), arithmetic(left, right), node.at)
        elif compare is not None and node.flag:
            put(found, bare(labels), float(compare(left, right)), node.at)
        elif compare is not None and compare(left, right):
            found[labels] = value
    return found


def put(vector: Vector, labels: Labels, value: float, at: int) -> None:
    """Add a result. Raises ExpressionError when there is one with these labels: which of them would be true?"""
    if labels in vector:
        raise ExpressionError(at, f"two of its results have the same labels{described(labels)}")
    vector[labels] = value


def described(labels: Labels) -> str:
    text = ", ".join(f'{name}="{value}"' for name, value in labels)
    return f" ({text[:120]})" if text else " (none)"


def sets(node: Binary, left: Vector, right: Vector) -> Steps[Vector]:
    """``and``, ``or`` and ``unless``: values and names stay as they are."""
    key = signature(node.matching)
    either = node.operator == "or"
    known: set[Labels] = set()
    for index, labels in enumerate(left if either else right):
        if index % _TURN == 0:
            yield
        known.add(key(labels))
    found = dict(left) if either else {}
    wanted = node.operator == "and"
    for index, (labels, value) in enumerate((right if either else left).items()):
        if index % _TURN == 0:
            yield
        if (key(labels) in known) is wanted:
            found[labels] = value
    return found


def joined(node: Binary, left: Vector, right: Vector) -> Steps[Vector]:
    """Arithmetic and comparisons of two vectors."""
    many, one = (right, left) if node.matching.many == "right" else (left, right)
    swapped = node.matching.many == "right"
    key = signature(node.matching)
    ones: dict[Labels, tuple[Labels, float]] = {}
    for index, (labels, value) in enumerate(one.items()):
        if index % _TURN == 0:
            yield
        group = key(labels)
        if group in ones:
            side = "left" if swapped else "right"
            raise ExpressionError(node.at, f"several series of the {side} side match{described(group)}")
        ones[group] = (labels, value)
    found: Vector = {}
    matched: set[Labels] = set()
    for index, (labels, value) in enumerate(many.items()):
        if index % _TURN == 0:
            yield
        group = key(labels)
        other = ones.get(group)
        if other is None:
            continue
        result = _combined(node, other[1], value) if swapped else _combined(node, value, other[1])
        if not node.matching.many:
            if group in matched:
                raise ExpressionError(
                    node.at, f"several series of the left side match one{described(group)}: group_left?"
                )
            matched.add(group)
        if result is not None:
            put(found, _result_labels(node, labels, other[0]), result, node.at)
    return found


def _combined(node: Binary, left: float, right: float) -> float | None:
    if node.operator in ARITHMETIC:
        return ARITHMETIC[node.operator](left, right)
    true = COMPARISONS[node.operator](left, right)
    if node.flag:
        return float(true)
    return left if true else None


def _result_labels(node: Binary, labels: Labels, other: Labels) -> Labels:
    matching = node.matching
    kept = bare(labels) if node.operator in ARITHMETIC or node.flag else labels
    if matching.many:
        taken = frozenset(matching.include)
        return tuple(sorted((*without(kept, taken), *only(other, taken)))) if taken else kept
    names = frozenset(matching.labels)
    return only(kept, names) if matching.on else without(kept, names)
