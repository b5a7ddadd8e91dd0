"""The exemplars of the last scrape that belong to an expression."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.domain.queries import Exemplar
from perftui.sources.scrape.lines import parse_exemplar
from perftui.sources.scrape.promql.tree import Node, selects
from perftui.sources.scrape.samples import Samples
from perftui.sources.scrape.series import Series

_MOST = 500


def exemplars(
    tree: Node, samples: Samples, told: Mapping[Series, str], scraped_at: float, start: float, end: float
) -> tuple[Exemplar, ...]:
    """Those of its series in ``[start, end]``, newest first; one without a time is as old as the scrape."""
    found: dict[Series, Exemplar] = {}
    for select in selects(tree):
        for series in samples.picked(select.picker):
            text = told.get(series)
            if text is None or series in found:
                continue
            one = parse_exemplar(text)
            at = scraped_at if one.at is None else one.at
            if start <= at <= end:
                found[series] = Exemplar(series.full, one.labels, one.value, at)
    newest = sorted(found.values(), key=lambda exemplar: exemplar.at, reverse=True)
    return tuple(newest[:_MOST])
