"""A table of any length without a widget: filter, sort, marks, tree and a cursor that stays with its row.

Only the rows in the viewport are ever turned into text; 10 000 rows cost what 40 do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from perftui.domain.roles import Role
from perftui.view.columns import Column, fitting
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, Span, fit, left, right

Row = TypeVar("Row")


class TableModel(Generic[Row]):
    """Rows by key with one order, one filter and one cursor.

    ``search_text`` gives the text a filter looks into; ``parent_of`` the key of a row's parent for the tree.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        search_text: Callable[[Row], str],
        parent_of: Callable[[Row], str] | None = None,
        sort: str = "",
    ) -> None:
        self.columns = tuple(columns)
        self._search_text = search_text
        self._parent_of = parent_of
        self._rows: Mapping[str, Row] = {}
        self._texts: dict[str, tuple[Row, str]] = {}
        self.order: list[str] = []
        self._depth: dict[str, int] = {}
        self.marks: set[str] = set()
        self.filter = ""
        self.sort = sort or self.columns[0].id
        self.descending = self._column(self.sort).descending_first
        self.tree = False
        self.cursor_key: str | None = None
        self._cursor_index = 0
        self.top = 0

    def _column(self, column_id: str) -> Column[Row]:
        return next(column for column in self.columns if column.id == column_id)

    def update(self, rows: Mapping[str, Row]) -> None:
        """Take the rows as they are now; the cursor stays on its row, or its place when the row is gone."""
        self._rows = rows
        self.marks &= rows.keys()
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Words that must all occur; ``!word`` must not. Case does not matter."""
        self.filter = text
        self._arrange()

    def sort_by(self, column_id: str, *, descending: bool | None = None) -> None:
        """Order by a column, in its natural direction first. Raises KeyError for an unknown column."""
        found = {column.id: column for column in self.columns}[column_id]
        self.sort = column_id
        self.descending = found.descending_first if descending is None else descending
        self._arrange()

    def sort_next(self) -> None:
        ids = [column.id for column in self.columns]
        self.sort_by(ids[(ids.index(self.sort) + 1) % len(ids)])

    def reverse(self) -> None:
        self.descending = not self.descending
        self._arrange()

    def set_tree(self, tree: bool) -> None:
        self.tree = tree and self._parent_of is not None
        self._arrange()

    def toggle_mark(self) -> None:
        if self.cursor_key is not None:
            self.marks ^= {self.cursor_key}

    def clear_marks(self) -> None:
        self.marks.clear()

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at the ends."""
        self.move_to(self._cursor_index + rows)

    def move_to(self, index: int) -> None:
        if self.order:
            self._cursor_index = min(max(0, index), len(self.order) - 1)
            self.cursor_key = self.order[self._cursor_index]

    @property
    def cursor_index(self) -> int:
        return self._cursor_index

    @property
    def cursor_row(self) -> Row | None:
        return self._rows.get(self.cursor_key) if self.cursor_key is not None else None

    @property
    def total(self) -> int:
        return len(self._rows)

    def _arrange(self) -> None:
        keys = self._filtered()
        ordered = self._sorted(keys)
        self._depth = {}
        self.order = self._as_tree(ordered) if self.tree else ordered
        if not self.order:
            self.cursor_key, self._cursor_index = None, 0
        elif self.cursor_key in self._rows and self.cursor_key in set(self.order):
            self._cursor_index = self.order.index(self.cursor_key)
        else:
            self.move_to(self._cursor_index)

    def _filtered(self) -> list[str]:
        words = self.filter.lower().split()
        if not words:
            return list(self._rows)
        wanted = [word for word in words if not word.startswith("!")]
        unwanted = [word[1:] for word in words if word.startswith("!") and len(word) > 1]
        texts = self._search_texts()
        return [
            key
            for key, text in texts
            if all(word in text for word in wanted) and not any(word in text for word in unwanted)
        ]

    def _search_texts(self) -> Iterable[tuple[str, str]]:
        """Lower-case texts, kept for rows that did not change."""
        known, fresh = self._texts, {}
        for key, row in self._rows.items():
            entry = known.get(key)
            if entry is None or entry[0] is not row:
                entry = (row, self._search_text(row).lower())
            fresh[key] = entry
            yield key, entry[1]
        self._texts = fresh

    def _sorted(self, keys: list[str]) -> list[str]:
        sort_key, rows = self._column(self.sort).sort_key, self._rows
        keyed = [(sort_key(rows[key]), key) for key in keys]
        present = [pair for pair in keyed if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=self.descending)
        return [key for _, key in present] + [key for value, key in keyed if value is None]

    def _as_tree(self, ordered: list[str]) -> list[str]:
        """Children below their parent, siblings in the order they had; rows without a shown parent are roots."""
        parent_of = self._parent_of
        if parent_of is None:
            return ordered
        shown = set(ordered)
        children: dict[str, list[str]] = {}
        roots: list[str] = []
        for key in ordered:
            parent = parent_of(self._rows[key])
            (children.setdefault(parent, []) if parent in shown and parent != key else roots).append(key)
        result: list[str] = []
        stack = [(key, 0) for key in reversed(roots)]
        while stack:
            key, depth = stack.pop()
            self._depth[key] = depth
            result.append(key)
            stack.extend((child, depth + 1) for child in reversed(children.get(key, ())))
        return result if len(result) == len(ordered) else result + [key for key in ordered if key not in self._depth]

    def visible(self, height: int) -> list[str]:
        """The keys in a viewport of ``height`` rows, scrolled no further than the cursor needs."""
        last = max(0, len(self.order) - height)
        if self._cursor_index < self.top:
            self.top = self._cursor_index
        elif self._cursor_index >= self.top + height:
            self.top = self._cursor_index - height + 1
        self.top = min(self.top, last)
        return self.order[self.top : self.top + height]

    def picture(self, width: int, height: int, glyphs: GlyphSet) -> tuple[Line, ...]:
        """A header and up to ``height - 1`` rows, each of ``width`` cells."""
        placed = fitting(self.columns, width - 2)
        lines = [self._header(placed, width, glyphs)]
        lines.extend(self._line(key, placed, width, glyphs) for key in self.visible(height - 1))
        return tuple(lines)

    def _header(self, placed: Sequence[tuple[Column[Row], int]], width: int, glyphs: GlyphSet) -> Line:
        spans: list[Span] = [("  ", Role.LABEL)]
        for column, size in placed:
            sorted_by = column.id == self.sort
            arrow = glyphs.down if self.descending else glyphs.up
            title = f"{arrow}{column.title}" if sorted_by and column.align_right else column.title
            title = f"{title}{arrow}" if sorted_by and not column.align_right else title
            text = (right if column.align_right else left)(title, size, glyphs.ellipsis)
            spans.append((text + " ", Role.ACCENT if sorted_by else Role.LABEL))
        return fit(tuple(spans), width, " ")

    def _line(self, key: str, placed: Sequence[tuple[Column[Row], int]], width: int, glyphs: GlyphSet) -> Line:
        row = self._rows[key]
        selected = key == self.cursor_key
        marked = key in self.marks
        spans: list[Span] = [((glyphs.folded if selected else " ") + (glyphs.live if marked else " "), Role.ACCENT)]
        for column, size in placed:
            role = column.role(row) if column.role is not None else Role.VALUE
            text = column.cell(row, size, glyphs.ellipsis)
            if self.tree and column.width is None:
                indent = "  " * min(self._depth.get(key, 0), max(0, size // 4))
                text = left(indent + column.text(row), size, glyphs.ellipsis)
            spans.append((text + " ", Role.SELECTED if selected else Role.MARKED if marked else role))
        return fit(tuple(spans), width, " ")
