"""The list of alerts as an index that is kept from one update to the next: order, sections, filter, marks, cursor.

10 000 rows must not be sorted, searched and grouped anew because twenty of them changed: what is known of a row is kept
as long as the row is the same object, and a changed row is taken out of the order and merged back in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import compress
from operator import is_not
from typing import Any

from perftui.domain.alerts import Severity
from perftui.domain.matchers import matches
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow
from perftui.view.alerts_filter import Filter, haystack, parse_filter
from perftui.view.alerts_rows import labels_of, needs_somebody, urgency
from perftui.view.alerts_sections import section_line
from perftui.view.columns import Column
from perftui.view.glyphs import GlyphSet
from perftui.view.table import TableModel
from perftui.view.text import Line

# no fingerprint begins so: what does is the key of a section
_SECTION = "\x00"
_BETWEEN = "\x1f"
# from so many on merging is faster than putting in one by one
_FEW = 300
_LONGEST = 200
# whether it comes after those that have something to compare, what is compared, and the key: unlike any other
_Place = tuple[bool, Any, str]


class AlertIndex(TableModel[AlertRow]):
    """Rows by fingerprint; with ``group`` there is a section in front of the rows that share those labels.

    ``problem`` says what is wrong with the filter as it is typed; the one before stays in force. More than ``few``
    changes at once are merged into the order rather than put in one by one.
    """

    def __init__(self, columns: Sequence[Column[AlertRow]], few: int = _FEW) -> None:
        super().__init__(columns, search_text=haystack, sort="severity")
        self.group: tuple[str, ...] = ()
        self.problem, self.few = "", few
        self._wanted = Filter()
        self._hits: set[str] | None = None
        self._hay: dict[str, str] = {}
        self._labels: dict[str, Mapping[str, str]] = {}
        self._unread: set[str] = set()
        # what a row is sorted by when the worst comes first: asked for so often that it is kept
        self._urgency: dict[str, float] = {}
        self._places: dict[str, _Place] = {}
        self._ranked: list[_Place] = []
        self._section_of: dict[str, str] = {}
        # the keys that are shown in each section, in their order
        self._sections: dict[str, list[str]] = {}
        self._counts: dict[str, Counter[Severity]] = {}

    # what is known of rows

    def update(self, rows: Mapping[str, AlertRow], changed: Collection[str] | None = None) -> None:
        """Take the rows as they are now; what did not change costs next to nothing."""
        self.take(rows, len(rows))

    def take(self, rows: Mapping[str, AlertRow], most: int) -> bool:
        """The same, but no more than so many that changed; whether there are others, which stay as they were."""
        before, after = self._rows, dict(rows)
        changed = list(compress(after, map(is_not, after.values(), map(before.get, after))))
        later = changed[most:]
        for key in later:
            if key in before:
                after[key] = before[key]
            else:
                del after[key]
        del changed[most:]
        if changed or len(before) != len(after):
            self._take_in(before, after, changed)
        return bool(later)

    def _take_in(self, before: Mapping[str, AlertRow], after: dict[str, AlertRow], changed: Sequence[str]) -> None:
        fresh = sum(key not in before for key in changed)
        gone = before.keys() - after.keys() if len(before) + fresh != len(after) else set()
        self._rows = after
        self.marks -= gone
        for key in gone:
            self._forget(key)
        if len(changed) + len(gone) > self.few:
            self._take_many(changed, gone)
        else:
            self._take_few(changed, gone)

    def _forget(self, key: str) -> None:
        self._hay.pop(key, None)
        self._labels.pop(key, None)
        self._urgency.pop(key, None)
        self._unread.discard(key)
        if self._hits is not None:
            self._hits.discard(key)

    def _renew(self, key: str) -> None:
        """Whatever was known of a row that changed."""
        row = self._rows[key]
        self._hay.pop(key, None)
        self._labels.pop(key, None)
        self._unread.add(key)
        self._urgency[key] = urgency(row)
        if self._hits is not None:
            (self._hits.add if self._wanted.takes_row(row) else self._hits.discard)(key)

    def _take_many(self, changed: Sequence[str], gone: Iterable[str]) -> None:
        """Two sorted runs, those that did not change and those that did: sorting only has to merge them."""
        places, sections = self._places, self._section_of
        moved = set(gone)
        for key in gone:
            del places[key], sections[key]
        for key in changed:
            was_shown = self._hits is None or key in self._hits
            self._renew(key)
            place, section = self._place_of(key), self._section(key)
            if places.get(key) != place or sections.get(key) != section:
                places[key], sections[key] = place, section
                moved.add(key)
            elif was_shown is not (self._hits is None or key in self._hits):
                moved.add(key)
        if moved:
            ranked = [place for place in self._ranked if place[2] not in moved]
            ranked += sorted([places[key] for key in moved if key in places])
            ranked.sort()
            self._ranked = ranked
            self._arrange()
        self._counts = {}

    def _take_few(self, changed: Sequence[str], gone: Collection[str]) -> None:
        """Each to where it belongs now."""
        stay = not gone
        for key in gone:
            self._take_out(key)
        for key in changed:
            was_shown = self._hits is None or key in self._hits
            self._renew(key)
            shown, place, section = self._hits is None or key in self._hits, self._place_of(key), self._section(key)
            if shown is was_shown and self._places.get(key) == place and self._section_of.get(key) == section:
                continue
            stay = False
            if key in self._places:
                self._take_out(key)
            self._places[key], self._section_of[key] = place, section
            insort(self._ranked, place)
            if shown and self.group:
                self._insert(self._sections.setdefault(section, []), key)
        if stay:
            self._counts = {}
        else:
            self._arrange(whole=False)

    def _take_out(self, key: str) -> None:
        """Take a row out of the order and of its section."""
        section = self._section_of.pop(key)
        del self._ranked[bisect_left(self._ranked, self._places.pop(key))]
        if self.group and key in (keys := self._sections.get(section, [])):
            keys.remove(key)

    def _insert(self, keys: list[str], key: str) -> None:
        """Where it belongs in a section, whose order may be a falling one."""
        places, place = self._places, self._places[key]
        low, high = 0, len(keys)
        while low < high:
            middle = (low + high) // 2
            if (places[keys[middle]] < place) is not self.descending:
                low = middle + 1
            else:
                high = middle
        keys.insert(low, key)

    def read_ahead(self, rows: int) -> bool:
        """Make what is searched of so many rows before somebody searches; whether there are more to do."""
        for _ in range(min(rows, len(self._unread))):
            key = self._unread.pop()
            self._hay[key] = haystack(self._rows[key])
            self._labels_of(key)
        return bool(self._unread)

    def _labels_of(self, key: str) -> Mapping[str, str]:
        labels = self._labels.get(key)
        if labels is None:
            labels = self._labels[key] = labels_of(self._rows[key])
        return labels

    # order and sections

    def _place_of(self, key: str) -> _Place:
        """Rows with nothing to compare come last in both directions, equals always in the same order."""
        column = self._column(self.sort)
        value = self._urgency[key] if column.sort_key is urgency else column.sort_key(self._rows[key])
        if value is None or value != value:
            return (not self.descending, 0, key)
        return (self.descending, value, key)

    def _rank(self) -> None:
        """Sort all rows; bare values compare faster than places do."""
        sort_key, first, last = self._column(self.sort).sort_key, self.descending, not self.descending
        keys = sorted(self._rows)
        rows = self._rows
        values = self._urgency if sort_key is urgency else {key: sort_key(rows[key]) for key in keys}
        present = [key for key in keys if (value := values[key]) is not None and value == value]
        rest = set(keys).difference(present)
        absent: list[_Place] = [(last, 0, key) for key in keys if key in rest] if rest else []
        present.sort(key=values.__getitem__)
        ranked: list[_Place] = [(first, values[key], key) for key in present]
        self._ranked = absent + ranked if self.descending else ranked + absent
        self._places = {place[2]: place for place in self._ranked}
        self._arrange()

    def sort_by(self, column_id: str, *, descending: bool | None = None) -> None:
        found = {column.id: column for column in self.columns}[column_id]
        self.sort = column_id
        self.descending = found.descending_first if descending is None else descending
        self._rank()

    def reverse(self) -> None:
        self.descending = not self.descending
        self._rank()

    def set_group(self, names: Sequence[str]) -> None:
        """Put rows that share the values of these labels together; none of them is a flat list."""
        self.group = tuple(dict.fromkeys(name for name in names if name))
        self.folded.clear()
        self._section_of = {key: self._section(key) for key in self._rows}
        self._arrange()

    def _section(self, key: str) -> str:
        if not self.group:
            return ""
        labels = self._labels_of(key)
        return _SECTION + _BETWEEN.join([labels.get(name, "") for name in self.group])

    def section_at_cursor(self) -> str:
        """The key of the section that the cursor is in; empty in a flat list."""
        key = self.cursor_key
        if key is None or not self.group:
            return ""
        return key if self.on_section else self._section_of.get(key, "")

    @property
    def on_section(self) -> bool:
        return bool(self.group) and self.cursor_key in self._sections

    def toggle_fold(self) -> None:
        """Fold the section of the cursor, which goes to its head; or unfold it."""
        section = self.section_at_cursor()
        if section:
            self.folded ^= {section}
            self.cursor_key, self._chosen = section, True
            self._arrange(whole=False)

    # filter

    def set_filter(self, text: str) -> None:
        """Matchers and words; while a matcher is not whole the filter before stays in force, ``problem`` says why."""
        self.filter = text.strip()
        try:
            self._wanted, self.problem = parse_filter(text), ""
        except ValueError as error:
            self.problem = clean(str(error), _LONGEST)
            return
        self._hits = None if self._wanted.empty else self._found()
        self._arrange()

    def _found(self) -> set[str]:
        wanted = self._wanted
        keys: Iterable[str] = self._rows
        if wanted.words or wanted.without:
            self.read_ahead(len(self._unread))
            texts: Iterable[tuple[str, str]] = self._hay.items()
            for word in wanted.words:
                texts = [pair for pair in texts if word in pair[1]]
            for word in wanted.without:
                texts = [pair for pair in texts if word not in pair[1]]
            keys = [key for key, _ in texts]
        if wanted.matchers:
            found = wanted.matchers
            keys = [key for key in keys if matches(found, self._labels_of(key))]
        return set(keys)

    # what is shown

    def _arrange(self, *, whole: bool = True) -> None:
        """Make the list anew; not ``whole`` when sections have the rows that they should already."""
        self._counts = {}
        hits = self._hits
        if not self.group:
            ranked = reversed(self._ranked) if self.descending else self._ranked
            self.order = [place[2] for place in ranked if hits is None or place[2] in hits]
        elif whole:
            self._split()
        else:
            self._line_up()
        if self.group:
            order: list[str] = []
            for section, keys in self._sections.items():
                order.append(section)
                if section not in self.folded:
                    order += keys
            self.order = order
        self._find_cursor()

    def _split(self) -> None:
        """The rows that are shown into their sections, which stand in the order of their first rows."""
        hits, section_of = self._hits, self._section_of
        sections: dict[str, list[str]] = {}
        for _, _, key in reversed(self._ranked) if self.descending else self._ranked:
            if hits is None or key in hits:
                keys = sections.get(section_of[key])
                if keys is None:
                    sections[section_of[key]] = [key]
                else:
                    keys.append(key)
        self._sections = sections

    def _line_up(self) -> None:
        """Sections in the order of their first rows, without those that are empty."""
        sections, places = self._sections, self._places
        firsts = {section: places[keys[0]] for section, keys in sections.items() if keys}
        ordered = sorted(firsts, key=firsts.__getitem__, reverse=self.descending)
        self._sections = {section: sections[section] for section in ordered}

    def _find_cursor(self) -> None:
        """It stays on its row, in the section of a row that was folded away, else at its place."""
        place = -1
        if self._chosen and self.cursor_key is not None:
            place = _index_of(self.order, self.cursor_key, self._cursor_index)
            if place < 0 and self.group and self._section_of.get(self.cursor_key, "") in self.folded:
                place = _index_of(self.order, self._section_of[self.cursor_key], self._cursor_index)
        first = int(bool(self.group) and len(self.order) > 1)  # an alert, not the head of its section
        self._place(place if place >= 0 else self._cursor_index if self._chosen else first)

    def go_to(self, key: str) -> None:
        """Put the cursor on a row where it is shown."""
        place = _index_of(self.order, key, self._cursor_index)
        if place >= 0:
            self.move_to(place)

    def label_names(self) -> list[str]:
        """What rows can be grouped by, sorted."""
        return sorted(set().union(*(self._labels_of(key) for key in self._rows)))

    @property
    def alerts_shown(self) -> int:
        """Rows that the filter leaves, folded away or not."""
        return len(self._rows) if self._hits is None else len(self._hits)

    # marks

    def toggle_mark(self) -> None:
        """Of a row; on the head of a section of all its rows."""
        if self.on_section:
            rows = set(self._sections[self.section_at_cursor()])
            self.marks = self.marks - rows if rows <= self.marks else self.marks | rows
            self._chosen = True
        else:
            super().toggle_mark()

    def chosen(self) -> list[AlertRow]:
        """What an action means: the marked rows, else the row under the cursor, or all of its section."""
        if self.marks:
            return [self._rows[place[2]] for place in sorted(map(self._places.__getitem__, self.marks))]
        if self.on_section:
            return [self._rows[key] for key in self._sections[self.section_at_cursor()]]
        row = self.cursor_row
        return [] if row is None else [row]

    # lines

    def row_line(self, key: str, width: int, glyphs: GlyphSet) -> Line:
        return self._section_line(key, width, glyphs) if key[:1] == _SECTION else super().row_line(key, width, glyphs)

    def _section_line(self, key: str, width: int, glyphs: GlyphSet) -> Line:
        keys = self._sections[key]
        if key not in self._counts:
            rows = (self._rows[one] for one in keys)
            self._counts[key] = Counter(row.severity for row in rows if needs_somebody(row))
        return section_line(
            key.removeprefix(_SECTION).split(_BETWEEN), len(keys), self._counts[key], width, glyphs,
            folded=key in self.folded, selected=key == self.cursor_key, marked=not self.marks.isdisjoint(keys),
        )  # fmt: skip


def _index_of(order: Sequence[str], key: str, guess: int) -> int:
    """Where a key stands, looked for where it stood; -1 when it is gone."""
    if 0 <= guess < len(order) and order[guess] == key:
        return guess
    try:
        return order.index(key)
    except ValueError:
        return -1
