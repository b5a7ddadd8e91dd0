"""What an expression is made of. Nodes are compared by identity; ``at`` is the character that a node begins at."""

from __future__ import annotations

from typing import Union

import msgspec

from perftui.domain.series import Matcher


class ExpressionError(ValueError):
    """What is wrong with an expression, and at which character (from 1)."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(f"character {at}: {message}")


class Picker(msgspec.Struct, frozen=True):
    """Which series a selector picks: those of a name (empty: of any) whose labels match."""

    name: str
    matchers: tuple[Matcher, ...] = ()


class Number(msgspec.Struct, frozen=True, eq=False):
    at: int
    value: float


class Text(msgspec.Struct, frozen=True, eq=False):
    at: int
    value: str


class Select(msgspec.Struct, frozen=True, eq=False):
    """``range_s`` 0: the newest samples, else a window of this many seconds."""

    at: int
    picker: Picker
    range_s: float = 0.0


class Call(msgspec.Struct, frozen=True, eq=False):
    at: int
    function: str
    arguments: tuple[Node, ...]


class Aggregate(msgspec.Struct, frozen=True, eq=False):
    """``labels`` are those that groups are made by, or made without; ``parameter`` is the k of topk."""

    at: int
    operator: str
    inner: Node
    labels: tuple[str, ...] = ()
    without: bool = False
    parameter: Node | None = None


class Matching(msgspec.Struct, frozen=True, eq=False):
    """How two vectors are joined: on these labels, or on all but these.

    ``many`` is the side (``left``, ``right``) of which several may match one, ``include`` what the one side gives.
    """

    on: bool = False
    labels: tuple[str, ...] = ()
    many: str = ""
    include: tuple[str, ...] = ()


class Binary(msgspec.Struct, frozen=True, eq=False):
    """``flag``: a comparison that gives 0 or 1 (``bool``) instead of leaving out what it is not true for."""

    at: int
    operator: str
    left: Node
    right: Node
    matching: Matching = Matching()
    flag: bool = False


class Negative(msgspec.Struct, frozen=True, eq=False):
    at: int
    inner: Node


Node = Union[Number, Text, Select, Call, Aggregate, Binary, Negative]  # noqa: UP007 (it is used before it is complete)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node."""
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Aggregate):
        return (node.inner,) if node.parameter is None else (node.parameter, node.inner)
    if isinstance(node, Binary):
        return node.left, node.right
    return (node.inner,) if isinstance(node, Negative) else ()


def walk(node: Node) -> tuple[Node, ...]:
    """A node and all below it, from left to right."""
    return (node, *(found for child in children(node) for found in walk(child)))


def selects(node: Node) -> tuple[Select, ...]:
    """The selectors of an expression, from left to right."""
    return tuple(found for found in walk(node) if isinstance(found, Select))
