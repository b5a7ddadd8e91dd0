"""Values of expressions and of raw series under the ids that the rest of perftui knows them by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from perftui.domain.queries import MAX_SERIES, too_many
from perftui.domain.series import series_id
from perftui.sources.scrape.promql.functions import Value
from perftui.sources.scrape.promql.vectors import bare
from perftui.sources.scrape.series import Labels, Series

_MEMO = 20_000
_NO_NUMBER = "its value is no number now (0/0, or a quantile of nothing)"
_INFINITE = "its value is infinite now, which can't be drawn (a division by 0?)"


class Drawn(NamedTuple):
    """Finite values by series id; ``series`` counts all that there were, ``trouble`` says why not all are."""

    values: dict[str, float]
    series: int
    trouble: str = ""


class Results:
    """Makes series ids, and remembers them: labels are the same from scrape to scrape."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._ids: dict[tuple[str, Labels], str] = {}
        self._bare: dict[Labels, Labels] = {}

    def of_query(self, name: str, value: Value, most: int = MAX_SERIES) -> Drawn:
        """The results of a query, named after it. The metric's name is only kept where series would be equal."""
        if isinstance(value, float):
            value = {(): value}
        short = [self._short(labels) for labels in value]
        labels = short if len(set(short)) == len(short) else list(value)
        found = {
            self._id(name, one): number for one, number in zip(labels, value.values(), strict=True) if _real(number)
        }
        if value and not found:
            infinite = all(map(math.isinf, value.values()))
            return Drawn({}, len(value), _INFINITE if infinite else _NO_NUMBER)
        return Drawn(first(found, most), len(value), too_many(len(value), most))

    def of_series(self, picked: Iterable[Series], values: Mapping[Series, float]) -> dict[str, float]:
        """Raw series under their own names."""
        return {
            self._id(series.name, series.labels): value
            for series in picked
            if (value := values.get(series)) is not None and _real(value)
        }

    def _short(self, labels: Labels) -> Labels:
        found = self._bare.get(labels)
        if found is None:
            if len(self._bare) > _MEMO:
                self._bare.clear()
            found = self._bare[labels] = bare(labels)
        return found

    def _id(self, name: str, labels: Labels) -> str:
        key = (name, labels)
        found = self._ids.get(key)
        if found is None:
            if len(self._ids) > _MEMO:
                self._ids.clear()
            found = self._ids[key] = series_id(self._source, name, dict(labels))
        return found


def first(values: dict[str, float], most: int = MAX_SERIES) -> dict[str, float]:
    """As many series as are kept: those whose ids come first, so that they are the same ones every time."""
    return values if len(values) <= most else dict(sorted(values.items())[:most])


def _real(value: float) -> bool:
    return math.isfinite(value)
