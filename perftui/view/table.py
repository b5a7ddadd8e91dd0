"""A table of any length without a widget: filter, sort, marks, tree and a cursor that stays with its row.

Only the rows in the viewport are ever turned into text; 10 000 rows cost what 40 do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

from perftui.domain.roles import Role
from perftui.view.columns import Column, fitting
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, Span, fit, left, right

Row = TypeVar("Row")
# deeper rows keep the stem of this depth: what it says is said by then, and a chain of 10 000 must not cost its square
_MAX_DEPTH = 12
# more than any terminal shows at once
_MOST_LINES = 1000


class TableModel(Generic[Row]):
    """Rows by key with one order, one filter and one cursor.

    ``search_text`` gives the text a filter looks into; ``parent_of`` the key of a row's parent for the tree. Rows are
    values: a row that changed is another object. ``tells_itself``: what is shown of a row depends on that row alone,
    not on the time, say, so that a line that was drawn may be shown again.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        search_text: Callable[[Row], str],
        parent_of: Callable[[Row], str] | None = None,
        sort: str = "",
        tells_itself: bool = False,
    ) -> None:
        self._tells_itself = tells_itself
        self._lines: dict[str, tuple[Row, tuple[Any, ...], Line]] = {}
        self.columns = tuple(columns)
        self._search_text = search_text
        self._parent_of = parent_of
        self._rows: dict[str, Row] = {}
        self._texts: dict[str, tuple[Row, str]] = {}
        # rows whose texts were not read since they changed; None where it may be any
        self._unread: set[str] | None = None
        self.order: list[str] = []
        self._stems: dict[str, str] = {}
        self.folded: set[str] = set()
        self.marks: set[str] = set()
        self.filter = ""
        self.sort = sort or self.columns[0].id
        self.descending = self._column(self.sort).descending_first
        self.tree = False
        self.cursor_key: str | None = None
        self._cursor_index = 0
        self._chosen = False
        self.top = 0
        self._fitted: tuple[int, list[tuple[Column[Row], int]]] = (-1, [])

    def _column(self, column_id: str) -> Column[Row]:
        return next(column for column in self.columns if column.id == column_id)

    def update(self, rows: Mapping[str, Row], changed: Collection[str] | None = None) -> None:
        """Take the rows as they are now; the cursor stays on its row, or its place when the row is gone.

        Until somebody moves it the cursor stays at the top, whatever row comes to stand there. ``changed`` are the
        keys that may differ from the update before, when that is known: the others are not looked at then.
        """
        if changed is not None and self._took(rows, changed):
            return
        before, self._unread = self._rows, None
        # a copy: whoever delivers the rows may go on changing them before the next update
        self._rows = dict(rows)
        if before.keys() == self._rows.keys() and self._keeps_order(before):
            return
        self.marks &= self._rows.keys()
        self.folded &= self._rows.keys()
        self._arrange()

    def _took(self, rows: Mapping[str, Row], changed: Collection[str]) -> bool:
        """Whether these rows could be replaced, each in its place."""
        if not all(key in self._rows and key in rows for key in changed):
            return False
        before = {key: self._rows[key] for key in changed}
        self._rows.update((key, rows[key]) for key in changed)
        if self._unread is not None:
            self._unread.update(changed)
        if not self._keeps_order(before):
            self._arrange()
        return True

    def _keeps_order(self, before: Mapping[str, Row]) -> bool:
        """Whether nothing changed that order, filter or tree depend on; far cheaper than sorting again."""
        changed = [(old, self._rows[key]) for key, old in before.items() if self._rows[key] is not old]
        sees: list[Callable[[Row], Any]] = [self._column(self.sort).sort_key]
        if self.filter:
            sees.append(self._search_text)
        if self.tree and self._parent_of is not None:
            sees.append(self._parent_of)
        return all(see(old) == see(new) for old, new in changed for see in sees)

    def prepare_filter(self) -> None:
        """Read what filters look into, ahead of the first letter."""
        self._search_texts()

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

    def toggle_fold(self) -> None:
        """Hide or show what stands below the cursor's row in the tree."""
        if self.tree and self.cursor_key is not None:
            self.folded ^= {self.cursor_key}
            self._chosen = True
            self._arrange()

    def toggle_mark(self) -> None:
        if self.cursor_key is not None:
            self.marks ^= {self.cursor_key}
            self._chosen = True

    def clear_marks(self) -> None:
        self.marks.clear()

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at the ends."""
        self.move_to(self._cursor_index + rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row and keep it there."""
        self._chosen = True
        self._place(index)

    def _place(self, index: int) -> None:
        if self.order:
            self._cursor_index = min(max(0, index), len(self.order) - 1)
            self.cursor_key = self.order[self._cursor_index]
        else:
            self.cursor_key, self._cursor_index = None, 0

    @property
    def cursor_index(self) -> int:
        return self._cursor_index

    @property
    def cursor_row(self) -> Row | None:
        return self._rows.get(self.cursor_key) if self.cursor_key is not None else None

    def holds(self, key: str) -> bool:
        """Whether there is such a row, whether the filter shows it or not."""
        return key in self._rows

    def rows(self) -> Collection[Row]:
        """All of them, whether the filter shows them or not."""
        return self._rows.values()

    @property
    def total(self) -> int:
        """Rows, whether the filter shows them or not."""
        return len(self._rows)

    def _arrange(self) -> None:
        ordered = self._sorted(self._filtered())
        if self.tree and self._parent_of is not None:
            parents = {key: self._parent_of(self._rows[key]) for key in ordered}
            self._stems = as_tree(ordered, parents, self.folded)
            self.order = list(self._stems)
        else:
            self._stems, self.order = {}, ordered
        if self._chosen and self.cursor_key in self._rows:
            try:
                self._cursor_index = self.order.index(self.cursor_key)
            except ValueError:  # filtered out or folded away
                self._place(self._cursor_index)
        else:
            self._place(self._cursor_index if self._chosen else 0)

    def _filtered(self) -> list[str]:
        words = self.filter.lower().split()
        if not words:
            return list(self._rows)
        texts = self._search_texts()
        first = "" if words[0].startswith("!") else words.pop(0)
        found = [(key, text) for key, (_, text) in texts.items() if first in text]
        for word in words:
            if not word.startswith("!"):
                found = [(key, text) for key, text in found if word in text]
            elif len(word) > 1:
                found = [(key, text) for key, text in found if word[1:] not in text]
        return [key for key, _ in found]

    def _search_texts(self) -> dict[str, tuple[Row, str]]:
        """Rows with their lower-case texts, kept for rows that did not change."""
        known, rows = self._texts, self._rows
        if self._unread is None:
            fresh = {}
            for key, row in rows.items():
                entry = known.get(key)
                fresh[key] = entry if entry is not None and entry[0] is row else (row, self._search_text(row).lower())
            self._texts = fresh
        else:
            known.update((key, (rows[key], self._search_text(rows[key]).lower())) for key in self._unread)
        self._unread = set()
        return self._texts

    def _sorted(self, keys: list[str]) -> list[str]:
        """Rows with nothing to compare, None or not a number, come last in both directions."""
        sort_key, rows = self._column(self.sort).sort_key, self._rows
        values = {key: sort_key(rows[key]) for key in keys}
        # a value unequal to itself is not a number
        present = [key for key, value in values.items() if value is not None and value == value]
        if len(present) == len(keys):
            return sorted(keys, key=values.__getitem__, reverse=self.descending)
        absent = [key for key, value in values.items() if value is None or value != value]
        present.sort(key=values.__getitem__, reverse=self.descending)
        return present + absent

    def scroll(self, height: int) -> int:
        """Move the viewport of ``height`` rows no further than the cursor needs; gives its first row."""
        if self._cursor_index < self.top:
            self.top = self._cursor_index
        elif self._cursor_index >= self.top + height:
            self.top = self._cursor_index - height + 1
        self.top = max(0, min(self.top, len(self.order) - height))
        return self.top

    def visible(self, top: int, height: int) -> list[str]:
        """The keys of up to ``height`` rows from ``top`` on."""
        return self.order[max(0, top) : max(0, top) + max(0, height)]

    def picture(self, width: int, height: int, glyphs: GlyphSet) -> tuple[Line, ...]:
        """A header and up to ``height - 1`` rows, each of ``width`` cells."""
        if height < 1:
            return ()
        lines = [self.header_line(width, glyphs)]
        if height > 1:
            lines.extend(self.row_line(key, width, glyphs) for key in self.visible(self.scroll(height - 1), height - 1))
        return tuple(lines)

    def _fitting(self, width: int) -> list[tuple[Column[Row], int]]:
        """The columns behind the two signs; every row of a picture asks for the same."""
        if self._fitted[0] != width:
            self._fitted = (width, fitting(self.columns, width - 2))
        return self._fitted[1]

    def header_line(self, width: int, glyphs: GlyphSet) -> Line:
        """Titles in ``width`` cells; the sorted one has an arrow, in the gap beside it when it has no other room."""
        spans: list[Span] = [("  ", Role.LABEL)]
        arrow = glyphs.down if self.descending else glyphs.up
        for column, size in self._fitting(width):
            title, role = column.title, Role.LABEL
            place = right if column.align_right else left
            if column.id != self.sort:
                spans += [(place(title, size, glyphs.ellipsis), role), (" ", role)]
            elif column.align_right:
                gap = spans.pop()[0]
                text = right(arrow + title, size + 1, glyphs.ellipsis)
                spans += [(gap[:-1], role), (text, Role.ACCENT), (" ", role)]
            else:
                spans.append((left(title + arrow, size + 1, glyphs.ellipsis), Role.ACCENT))
        if spans[-1] == (" ", Role.LABEL):
            spans.pop()
        return fit(tuple(span for span in spans if span[0]), width, " ")

    def row_line(self, key: str, width: int, glyphs: GlyphSet) -> Line:
        """One row in ``width`` cells. Cursor and mark have signs of their own, as colour alone says nothing."""
        row = self._rows[key]
        state = (key == self.cursor_key, key in self.marks, self._stems.get(key, ""), width, glyphs)
        drawn = self._lines.get(key)
        if drawn is not None and drawn[0] is row and drawn[1] == state:
            return drawn[2]
        line = self._drawn_line(key, width, glyphs)
        if self._tells_itself:
            if len(self._lines) > _MOST_LINES:
                self._lines.clear()
            self._lines[key] = (row, state, line)
        return line

    def _drawn_line(self, key: str, width: int, glyphs: GlyphSet) -> Line:
        row, selected, marked = self._rows[key], key == self.cursor_key, key in self.marks
        look = Role.SELECTED if selected else Role.MARKED if marked else None
        signs = (glyphs.folded if selected else " ") + (glyphs.live if marked else " ")
        spans: list[Span] = [(signs, Role.ACCENT)]
        stem = self._stem(key, glyphs)
        for column, size in self._fitting(width):
            text = column.cell(row, size, glyphs.ellipsis)
            if stem and column.width is None:
                # at most half of the cells tell the place in the tree, the others what stands there
                text = left(stem[-max(0, size // 2) :] + column.text(row), size, glyphs.ellipsis)
                stem = ""
            role = look or (column.role(row) if column.role is not None else Role.VALUE)
            spans.append((text if len(spans) == 1 else " " + text, role))
        return fit(tuple(spans), width, glyphs.ellipsis)

    def _stem(self, key: str, glyphs: GlyphSet) -> str:
        parts = {"|": glyphs.pipe, " ": "  ", "+": glyphs.branch, "L": glyphs.last_branch, ">": f"{glyphs.folded} "}
        return "".join(parts[part] for part in self._stems.get(key, ""))


def as_tree(ordered: Sequence[str], parents: Mapping[str, str], folded: Collection[str] = ()) -> dict[str, str]:
    """Keys with the stems that lead to them: children below their parent, siblings in the order they had.

    A stem has one character a level: ``|`` another sibling follows further down, blank none does, then ``+`` for a
    child or ``L`` for a last one, and ``>`` where children are folded away. A row whose parent is not among
    ``ordered`` is a root; rows that are each other's parents stand at the end.
    """
    children: dict[str, list[str]] = {}
    roots: list[str] = []
    known = set(ordered)
    for key in ordered:
        parent = parents[key]
        (children.setdefault(parent, []) if parent in known and parent != key else roots).append(key)
    result: dict[str, str] = {}
    # what is folded away, kept apart from what no root leads to
    hidden: set[str] = set()
    stack = [(key, "", "") for key in reversed(roots)]
    while stack:
        key, stem, end = stack.pop()
        below = children.get(key, [])
        if key in folded and below:
            result[key] = f"{stem}{end}>"
            _collect(below, children, hidden)
            continue
        result[key] = stem + end
        # a root has no branch of its own, so its children hang directly below it
        deeper = (stem + ("|" if end == "+" else " " if end else ""))[:_MAX_DEPTH]
        stack.extend((child, deeper, "L" if child is below[-1] else "+") for child in reversed(below))
    if len(result) + len(hidden) < len(ordered):
        result.update((key, "") for key in ordered if key not in result and key not in hidden)
    return result


def _collect(keys: Sequence[str], children: Mapping[str, Sequence[str]], into: set[str]) -> None:
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        into.add(key)
        waiting.extend(children.get(key, ()))
