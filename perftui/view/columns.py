"""Columns of a table: how a row's cell reads, sorts and looks, and which columns fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from perftui.domain.roles import Role
from perftui.view.text import left, right

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. ``width`` None takes the room that is left, shared by ``weight``; ``priority`` 0 is dropped last.

    ``sort_key`` gives None where there is nothing to compare: such rows come last in both directions.
    """

    id: str
    title: str
    width: int | None
    text: Callable[[Row], str]
    sort_key: Callable[[Row], Any]
    align_right: bool = True
    priority: int = 0
    descending_first: bool = True
    role: Callable[[Row], Role] | None = None
    weight: float = 1.0

    def cell(self, row: Row, width: int, ellipsis: str) -> str:
        place = right if self.align_right else left
        return place(self.text(row), width, ellipsis)


MIN_FLEXIBLE = 12


def fitting(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """The columns that fit in ``width`` with one blank between them, each with its width."""
    kept = list(columns)
    while len(kept) > 1 and _needed(kept) > width:
        kept.remove(max(kept, key=lambda column: (column.priority, kept.index(column))))
    flexible = [index for index, column in enumerate(kept) if column.width is None]
    room = max(0, width - _needed(kept) + MIN_FLEXIBLE * len(flexible))
    weight = sum(kept[index].weight for index in flexible)
    sizes = [min(width, column.width or 0) for column in kept]
    for index in flexible:
        sizes[index] = int(room * kept[index].weight / weight)
    if flexible:
        # rounding leaves a cell or two, which the last one takes
        sizes[flexible[-1]] += room - sum(sizes[index] for index in flexible)
    return list(zip(kept, sizes, strict=True))


def _needed(columns: Sequence[Column[Row]]) -> int:
    sizes = [MIN_FLEXIBLE if column.width is None else column.width for column in columns]
    return sum(sizes) + len(sizes) - 1
