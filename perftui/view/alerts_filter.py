"""The filter of the alert list: Alertmanager's matchers and free words in one line, in any order.

Words are looked for in a text that is made once for each row; matchers look at labels, and at ``state``, ``owner`` and
``source`` where no label is called so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from perftui.domain.matchers import matches, parse_matchers
from perftui.domain.triage import AlertRow, Matcher
from perftui.view.alerts_rows import labels_of, state_text

# what can only be a matcher: a label's name, a comparison (== is one of expressions) and a value, quoted or not
_MATCHER = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_.:]*\s*(?:=~|!~|!=|=(?!=))\s*(?:"(?:[^"\\]|\\.)*"?|[^\s,{}"]*)')
_WORD = re.compile(r"[^\s,{}]+")
_LONGEST = 2000


class Filter(NamedTuple):
    """All ``words`` and no ``without`` in the text of a row, in small letters; all ``matchers`` on its labels."""

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()

    def takes(self, haystack: str, labels: Mapping[str, str]) -> bool:
        return (
            all(word in haystack for word in self.words)
            and not any(word in haystack for word in self.without)
            and (not self.matchers or matches(self.matchers, labels))
        )

    def takes_row(self, row: AlertRow) -> bool:
        return self.takes(haystack(row), labels_of(row) if self.matchers else {})

    @property
    def empty(self) -> bool:
        return not (self.words or self.without or self.matchers)


def parse_filter(text: str) -> Filter:
    """``severity=~"crit.*" checkout !test``. Raises ValueError with what is wrong with a matcher."""
    words: list[str] = []
    without: list[str] = []
    conditions: list[str] = []
    at = 0
    while at < len(text):
        found = _MATCHER.match(text, at)
        if found is not None:
            conditions.append(found[0])
        elif (found := _WORD.match(text, at)) is not None:
            _add_word(found[0].lower(), words, without)
        at = at + 1 if found is None else found.end()
    return Filter(tuple(words), tuple(without), parse_matchers(",".join(conditions)) if conditions else ())


def _add_word(word: str, words: list[str], without: list[str]) -> None:
    if not word.startswith("!"):
        words.append(word)
    elif len(word) > 1:
        without.append(word[1:])


def haystack(row: AlertRow) -> str:
    """Everything about a row that somebody may look for, in small letters."""
    labels = "\n".join([f"{name}={value}" for name, value in row.labels])
    people = f"{row.acked_by}\n{row.note}" if row.acked_by or row.note else ""
    sources = ",".join(row.sources)
    text = (
        f"{row.name}\n{row.summary or row.expr}\n{row.severity.value} {state_text(row)}\n{labels}\n{sources}\n{people}"
    )
    return text[:_LONGEST].lower()
