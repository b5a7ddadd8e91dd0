"""What a silence is begun with: the labels that the chosen alerts share, and what it would hide in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from perftui.domain.matchers import format_matcher
from perftui.domain.triage import AlertRow, Matcher

# an alert comes back from another machine, and the silence is meant for it there too
_PLACES = frozenset(("instance", "pod"))
# what means something to an expression; the other signs must not be escaped for all of its readers
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_MOST_NAMES = 20


class Preview(NamedTuple):
    """What a silence would hide: firing alerts, and ``others`` of them that are not one's own.

    ``problem`` says why it is refused, ``ask`` why it is only made when asked for again.
    """

    firing: int = 0
    others: int = 0
    problem: str = ""
    ask: str = ""


class Form(NamedTuple):
    """A silence as somebody wants it; no ``sources`` means all Alertmanagers that allow it."""

    matchers: tuple[Matcher, ...]
    duration_s: float
    comment: str
    author: str
    sources: tuple[str, ...]


def common_matchers(rows: Sequence[AlertRow]) -> tuple[Matcher, ...]:
    """Labels that all of them share, but those of a place; their names as alternatives where these differ."""
    if not rows:
        return ()
    shared = set(rows[0].labels).intersection(*(row.labels for row in rows[1:]))
    found = [Matcher(name, value) for name, value in shared if name not in _PLACES and value]
    if not any(one.name == "alertname" for one in found):
        names = sorted({row.name for row in rows})
        if 1 < len(names) <= _MOST_NAMES:
            found.append(Matcher("alertname", "|".join(_SPECIAL.sub(r"\\\1", name) for name in names), regex=True))
    return tuple(sorted(found, key=lambda one: (one.name != "alertname", one.name)))


def written(matchers: Iterable[Matcher]) -> str:
    """As somebody edits them."""
    return ", ".join(map(format_matcher, matchers))


def preview_words(found: Preview) -> str:
    """``matches 14 firing, 3 of them others'``."""
    others = f", {found.others} of them others'" if found.others else ""
    return f"matches {found.firing} firing{others}"
