"""Functions of vectors that need no history: values mapped, labels rewritten."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Union

from perftui.sources.scrape.promql.arithmetic import MATHS, clamped, rounded
from perftui.sources.scrape.promql.tree import Call, Node, Select
from perftui.sources.scrape.promql.vectors import Vector, bare, put, without
from perftui.sources.scrape.series import NAME
from perftui.sources.turns import Steps

Value = Union[float, Vector]  # noqa: UP007 (Python 3.10 evaluates it)
_TURN = 256
_REFERENCE = re.compile(r"\$(?:(\d+)|\{(\w+)\}|([a-zA-Z_]\w*)|(\$))")


def number(value: Value) -> float:
    """The value as the number that the parser saw it to be."""
    assert isinstance(value, float)  # noqa: S101 (the parser saw to it)
    return value


def vector_of(value: Value) -> Vector:
    """The value as the vector that the parser saw it to be."""
    assert not isinstance(value, float)  # noqa: S101 (the parser saw to it)
    return value


def mapped(vector: Vector, compute: Callable[[float], float], at: int) -> Steps[Vector]:
    """Each value computed anew; the metric's name goes, as it is no longer that metric."""
    found: Vector = {}
    for index, (labels, value) in enumerate(vector.items()):
        if index % _TURN == 0:
            yield
        put(found, bare(labels), compute(value), at)
    return found


def simple(node: Call, given: list[Value]) -> Steps[Value]:
    """Functions whose value depends on those of their arguments only."""
    name = node.function
    if name == "vector":
        return {(): number(given[0])}
    vector = vector_of(given[0])
    if name == "scalar":
        return next(iter(vector.values())) if len(vector) == 1 else math.nan
    if name in ("sort", "sort_desc"):
        return vector
    numbers = [number(value) for value in given[1:]]
    if name in MATHS:
        return (yield from mapped(vector, MATHS[name], node.at))
    if name == "round":
        to = numbers[0] if numbers else 1.0
        return (yield from mapped(vector, lambda value: rounded(value, to), node.at))
    low = numbers[0] if name != "clamp_max" else -math.inf
    high = numbers[-1] if name != "clamp_min" else math.inf
    if low > high:
        return {}
    return (yield from mapped(vector, lambda value: clamped(value, low, high), node.at))


def absent(argument: Node, vector: Vector) -> Vector:
    """1 when there is nothing, with the labels that a selector tells; else nothing."""
    if vector:
        return {}
    if not isinstance(argument, Select):
        return {(): 1.0}
    equal = [matcher for matcher in argument.picker.matchers if matcher.op == "=" and matcher.label != NAME]
    names = [matcher.label for matcher in argument.picker.matchers]
    return {tuple(sorted((m.label, m.value) for m in equal if m.value and names.count(m.label) == 1)): 1.0}


def replaced(node: Call, vector: Vector, target: str, replacement: str, source: str, pattern: str) -> Steps[Vector]:
    """``label_replace``: one label made from another by a regular expression."""
    compiled = re.compile(pattern)
    found: Vector = {}
    for index, (labels, value) in enumerate(vector.items()):
        if index % _TURN == 0:
            yield
        match = compiled.fullmatch(dict(labels).get(source, ""))
        if match is None:
            put(found, labels, value, node.at)
            continue
        text = _REFERENCE.sub(partial(_group, match), replacement)
        kept = without(labels, frozenset((target,)))
        put(found, tuple(sorted((*kept, (target, text)))) if text else kept, value, node.at)
    return found


def _group(match: re.Match[str], reference: re.Match[str]) -> str:
    if reference[4]:
        return "$"
    name = reference[1] or reference[2] or reference[3]
    try:
        return match[int(name)] or "" if name.isdigit() else match[name] or ""
    except IndexError:
        return ""
