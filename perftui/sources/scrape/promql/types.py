"""Whether the parts of an expression fit together: what is a vector, a scalar, a range of samples or a text."""

from __future__ import annotations

import re
from typing import TypeVar

from perftui.domain.text import clean
from perftui.sources.scrape.promql.patterns import check_pattern
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
)
from perftui.sources.scrape.promql.words import COMPARISONS, FUNCTIONS, RANGE, SCALAR, SETS, STRING, VECTOR

_N = TypeVar("_N", Binary, Call, Aggregate, Negative)
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ARTICLES = {
    VECTOR: "a vector",
    SCALAR: "a number",
    RANGE: "a range such as http_requests_total[$win]",
    STRING: "a text in quotes",
}


def kind_of(node: Node) -> str:
    """Which of the four kinds a node's value has."""
    if isinstance(node, Number):
        return SCALAR
    if isinstance(node, Text):
        return STRING
    if isinstance(node, Select):
        return RANGE if node.range_s else VECTOR
    if isinstance(node, Call):
        return FUNCTIONS[node.function].result
    if isinstance(node, Negative):
        return kind_of(node.inner)
    if isinstance(node, Binary) and kind_of(node.left) == kind_of(node.right) == SCALAR:
        return SCALAR
    return VECTOR


def checked(node: _N) -> _N:
    """The node itself. Raises ExpressionError when its parts don't fit."""
    if isinstance(node, Call):
        _call(node)
    elif isinstance(node, Aggregate):
        if node.parameter is not None:
            _want(node.parameter, SCALAR, node.operator)
        _want(node.inner, VECTOR, node.operator)
    elif isinstance(node, Binary):
        _binary(node)
    elif kind_of(node.inner) not in (VECTOR, SCALAR):
        raise ExpressionError(
            node.at, f"a sign stands before a vector or a number, not {_ARTICLES[kind_of(node.inner)]}"
        )
    return node


def _call(node: Call) -> None:
    signature = FUNCTIONS[node.function]
    most, given = len(signature.arguments), len(node.arguments)
    if not most - signature.optional <= given <= most:
        raise ExpressionError(node.at, f"{node.function} takes {most} argument{'s' * (most != 1)}, not {given}")
    for argument, kind in zip(node.arguments, signature.arguments, strict=False):
        _want(argument, kind, node.function)
    if node.function == "label_replace":
        _replacement(node)


def _replacement(node: Call) -> None:
    _, target, _, _, pattern = node.arguments
    if isinstance(target, Text) and not _LABEL.fullmatch(target.value):
        raise ExpressionError(target.at, f'"{clean(target.value, 40)}" is no name of a label')
    if isinstance(pattern, Text):
        try:
            check_pattern(pattern.value)
        except ValueError as error:
            raise ExpressionError(pattern.at, str(error)) from None


def _want(node: Node, kind: str, who: str) -> None:
    actual = kind_of(node)
    if actual != kind:
        raise ExpressionError(node.at, f"{who} wants {_ARTICLES[kind]} here, not {_ARTICLES[actual].split(' such')[0]}")


def _binary(node: Binary) -> None:
    kinds = kind_of(node.left), kind_of(node.right)
    for side, kind in zip((node.left, node.right), kinds, strict=True):
        if kind not in (VECTOR, SCALAR):
            raise ExpressionError(side.at, f'"{node.operator}" joins vectors and numbers, not {_ARTICLES[kind]}')
    if node.operator in SETS and kinds != (VECTOR, VECTOR):
        raise ExpressionError(node.at, f'"{node.operator}" joins two vectors')
    if node.operator in SETS and node.matching.many:
        raise ExpressionError(node.at, f'"{node.operator}" knows no grouping')
    if node.operator in COMPARISONS and kinds == (SCALAR, SCALAR) and not node.flag:
        raise ExpressionError(node.at, f'two numbers are compared with "{node.operator} bool"')
    if kinds != (VECTOR, VECTOR) and (node.matching.on or node.matching.labels):
        raise ExpressionError(node.at, '"on" and "ignoring" stand between two vectors')
    both = set(node.matching.labels) & set(node.matching.include) if node.matching.on else set()
    if both:
        raise ExpressionError(node.at, f'"{min(both)}" can\'t be both matched on and taken over')
