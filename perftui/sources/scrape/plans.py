"""The queries of a scrape source, read once: what each asks for, and why it can't be asked at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from perftui.domain.queries import Query
from perftui.sources.scrape.promql.parse import parse
from perftui.sources.scrape.promql.tree import Call, ExpressionError, Node, Select, selects, walk
from perftui.sources.scrape.promql.types import kind_of
from perftui.sources.scrape.promql.words import RANGE, RATES, STRING
from perftui.sources.scrape.samples import Window

_NEARLY = 0.999


class Plan(NamedTuple):
    """``tree`` is None when ``trouble`` says why the query can't be evaluated."""

    query: Query
    tree: Node | None
    trouble: str = ""

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows that its evaluation needs."""
        if self.tree is None:
            return ()
        return tuple((one.picker, one.range_s) for one in selects(self.tree) if one.range_s)


def plan(query: Query, interval_s: float) -> Plan:
    """Never raises: what is wrong is the plan's trouble."""
    try:
        return Plan(query, read(query.expr, interval_s))
    except ExpressionError as error:
        return Plan(query, None, str(error))


def plans(queries: Sequence[Query], known: Iterable[Plan], interval_s: float) -> tuple[Plan, ...]:
    """A plan for each query; those that are known are kept, and with them what was learned about them."""
    held = {one.query: one for one in known}
    return tuple(held.get(query) or plan(query, interval_s) for query in queries)


def read(expr: str, interval_s: float) -> Node:
    """The tree of an expression that can be drawn. Raises ExpressionError."""
    tree = parse(expr, interval_s)
    if kind_of(tree) == RANGE:
        raise ExpressionError(tree.at, "a range of samples can't be drawn as it is: use rate(...) or the like")
    if kind_of(tree) == STRING:
        raise ExpressionError(tree.at, "a text can't be drawn")
    for call, select in _rates(tree):
        if select.range_s < 2 * interval_s * _NEARLY:
            raise ExpressionError(select.at, _too_short(call, select, interval_s))
    return tree


def warnings(tree: Node, interval_s: float) -> tuple[str, ...]:
    """What a person should know of an expression that can be evaluated."""
    return tuple(
        f"[{select.range_s:g}s] holds fewer than 4 scrapes: one that is missed makes a gap"
        for _, select in _rates(tree)
        if select.range_s < 4 * interval_s * _NEARLY
    )


def _rates(tree: Node) -> tuple[tuple[Call, Select], ...]:
    """The functions that need two samples at least, each with its window."""
    calls = [node for node in walk(tree) if isinstance(node, Call) and node.function in RATES]
    return tuple((call, select) for call in calls for select in call.arguments if isinstance(select, Select))


def _too_short(call: Call, select: Select, interval_s: float) -> str:
    return (
        f"{call.function} needs two scrapes, and there is one every {interval_s:g} s: "
        f"[{select.range_s:g}s] is too short, [{2 * interval_s:g}s] is the least, [$win] is safe"
    )
