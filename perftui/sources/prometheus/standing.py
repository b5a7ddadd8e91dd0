"""How each query of a Prometheus source stands: asked with others or alone, on its way, kept out, or well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perftui.domain.queries import Query
from perftui.sources.prometheus.answers import Names
from perftui.sources.prometheus.joining import MOST

# polls come a little before or after their time
_EARLY_S = 0.2
# characters of an address before they are escaped, and those around an expression in it
_LONGEST, _AROUND = 4000, 100


@dataclass(eq=False)
class Standing:
    """Times are monotonic but for ``ok_at``, which is epoch time.

    ``scalar`` queries are wrapped to be joined. ``asked_at`` is set while a question is under way, ``last_at`` when it
    was asked last; ``until`` while the query is kept out; ``trouble`` says why it has no values, empty when it has.
    ``names`` are those of the series that it has.
    """

    query: Query
    scalar: bool = False
    alone: bool = False
    asked_at: float | None = None
    last_at: float = float("-inf")
    until: float | None = None
    ok_at: float | None = None
    trouble: str = ""
    names: Names = field(default_factory=Names)

    def keep_out(self, trouble: str, until: float) -> None:
        self.trouble, self.until = trouble, until

    def text(self, expr: str) -> str:
        """The expression (placeholders filled) in a form that can be joined with others."""
        return f"vector(\n{expr}\n)" if self.scalar else expr


class Standings:
    """The queries of one source; what is known of one stays while it is wanted."""

    def __init__(self) -> None:
        self._by_name: dict[str, Standing] = {}

    def set(self, queries: Sequence[Query]) -> None:
        known = self._by_name
        self._by_name = {}
        for query in queries:
            standing = known.get(query.name)
            same = standing is not None and standing.query == query
            self._by_name[query.name] = standing if standing is not None and same else Standing(query)

    def get(self, name: str) -> Standing | None:
        return self._by_name.get(name)

    def all(self) -> Iterable[Standing]:
        return self._by_name.values()

    def due(self, now: float) -> list[Standing]:
        """Those that may be asked now."""
        return [
            one
            for one in self.all()
            if one.asked_at is None
            and (one.until is None or one.until <= now)
            and now - one.last_at >= one.query.every_s - _EARLY_S
        ]

    def troubles(self, now: float, timeout_s: float) -> dict[str, str]:
        """Why queries have no values; one that is waited for says how long."""
        found = {}
        for name, one in self._by_name.items():
            waited = 0.0 if one.asked_at is None else now - one.asked_at
            if one.trouble:
                found[name] = one.trouble
            elif waited >= 1.0:
                found[name] = f"waiting for an answer, {waited:.0f} s of {timeout_s:g} s"
        return found


def packed(due: Sequence[Standing]) -> list[list[Standing]]:
    """Groups that are asked in one request each, in an address that proxies do not cut."""
    groups: list[list[Standing]] = []
    room = 0
    for one in due:
        if one.alone:
            continue
        # with what makes it one of several, its age limit and its percent signs
        size = 2 * len(one.query.expr) + _AROUND
        if not groups or len(groups[-1]) == MOST or size > room:
            groups.append([])
            room = _LONGEST
        groups[-1].append(one)
        room -= size
    return groups + [[one] for one in due if one.alone]
