"""The shape of a PromQL expression: calls, selectors and windows, enough to see what it means to measure.

It is no parser: whether an expression is right, its source decides. What is not understood is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

AGGREGATIONS = frozenset(
    ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile", "count_values")
)
_BESIDE_LABELS = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))
_WORDS = _BESIDE_LABELS | {"and", "or", "unless", "bool", "offset", "atan2"}
_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`'
    r"|\#[^\n]*"
    r"|\$\{\w+\}|\$\w+"
    r"|\d+(?:\.\d+)?[eE][+-]?\d+|\d[\w.]*|\.\d\w*"
    r"|[a-zA-Z_:][\w:]*"
    r"|==|!=|<=|>=|=~|!~"
    r"|\S",
    re.S,
)
_MOST_NESTED = 60


class Kind(Enum):
    """``SEQUENCE``: operands with operators between them, in the order in which they are written."""

    SEQUENCE = "sequence"
    CALL = "call"
    SELECTOR = "selector"
    VALUE = "value"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Node:
    """``parts`` are the arguments of a call, or the elements of a sequence.

    ``window`` is what stands in brackets behind it, empty without. ``labels`` are those that an aggregation groups by
    or that a selector matches; ``by`` is False for an aggregation ``without`` them.
    """

    kind: Kind
    name: str = ""
    parts: tuple[Node, ...] = ()
    window: str = ""
    labels: tuple[str, ...] = ()
    by: bool = True

    @property
    def is_aggregation(self) -> bool:
        return self.kind is Kind.CALL and self.name in AGGREGATIONS

    def inside(self) -> Iterator[Node]:
        """The node and everything in it."""
        yield self
        for part in self.parts:
            yield from part.inside()


def shape(expr: str) -> Node:
    """The sequence that the expression is. Raises ValueError when it is nested too deeply to be looked through."""
    tokens = [token for token in _TOKEN.findall(expr) if not token.startswith("#")]
    return _Reader(tokens).sequence(0)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def sequence(self, depth: int) -> Node:
        """Up to a comma or a closing bracket, which is left where it is."""
        if depth > _MOST_NESTED:
            raise ValueError("nested too deeply")
        parts: list[Node] = []
        while self._peek() not in ("", ",", ")", "]", "}"):
            if self._peek() == "[" and parts:
                parts[-1] = replace(parts[-1], window=self._window())
            else:
                parts.append(self._element(depth))
        return Node(Kind.SEQUENCE, parts=tuple(parts))

    def _element(self, depth: int) -> Node:
        first = self._peek()
        if first == "(":
            inner = self._arguments(depth)
            return inner[0] if len(inner) == 1 else Node(Kind.SEQUENCE, parts=inner)
        if first == "{":
            return self._selector("")
        self._at += 1
        word = first.lower()
        if word in AGGREGATIONS and (self._peek() == "(" or self._peek().lower() in ("by", "without")):
            return self._aggregation(word, depth)
        if word in _WORDS:
            if word in _BESIDE_LABELS and self._peek() == "(":
                self._labels()
            return Node(Kind.OPERATOR, word)
        if re.match(r"[a-zA-Z_:]", first):
            if self._peek() == "(":
                return Node(Kind.CALL, word, self._arguments(depth))
            return self._selector(first)
        is_value = first[0] in "\"'`.$" or first[0].isdigit()
        return Node(Kind.VALUE if is_value else Kind.OPERATOR, first)

    def _aggregation(self, name: str, depth: int) -> Node:
        by, labels = self._grouping()
        arguments = self._arguments(depth)
        if not labels:
            by, labels = self._grouping()
        return Node(Kind.CALL, name, arguments, labels=labels, by=by)

    def _grouping(self) -> tuple[bool, tuple[str, ...]]:
        word = self._peek().lower()
        if word not in ("by", "without"):
            return True, ()
        self._at += 1
        return word == "by", self._labels()

    def _labels(self) -> tuple[str, ...]:
        found = []
        if self._peek() == "(":
            while (token := self._take()) not in (")", ""):
                if token not in ("(", ","):
                    found.append(token)
        return tuple(found)

    def _arguments(self, depth: int) -> tuple[Node, ...]:
        found = []
        if self._peek() == "(":
            self._at += 1
            while self._peek() not in (")", ""):
                before = self._at
                found.append(self.sequence(depth + 1))
                if self._peek() == "," or self._at == before:
                    self._at += 1
            self._at += 1
        return tuple(found)

    def _selector(self, name: str) -> Node:
        labels = []
        if self._peek() == "{":
            inside = []
            while (token := self._take()) not in ("}", ""):
                inside.append(token)
            for label, operator, value in zip(inside, inside[1:], inside[2:], strict=False):
                if operator in ("=", "!=", "=~", "!~"):
                    labels.append(label)
                    if (label, operator) == ("__name__", "="):
                        name = value[1:-1]
        return Node(Kind.SELECTOR, name, labels=tuple(labels))

    def _window(self) -> str:
        self._at += 1
        inside = []
        while (token := self._take()) not in ("]", ""):
            inside.append(token)
        return "".join(inside)
