"""Which alerts cost the most attention: how often and how long each fired."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.domain.alerts import AlertState
from perftui.domain.triage import AlertSpan, NoiseRow

SHORT_S = 300.0


def noise(spans: Iterable[AlertSpan], start: float, end: float) -> tuple[NoiseRow, ...]:
    """One row an alert name, worst first: firings times firing time within [start, end).

    A firing counts when it was going on in that time; ``short`` is the share of ended ones that took less than 5 min,
    None when none has ended.
    """
    firings: dict[str, list[AlertSpan]] = {}
    for span in spans:
        if span.state is AlertState.FIRING and span.start < end and (span.end is None or span.end > start):
            firings.setdefault(span.name, []).append(span)
    rows = [_row(name, found, start, end) for name, found in firings.items()]
    return tuple(sorted(rows, key=lambda row: (-row.firings * row.firing_s, row.key)))


def _row(name: str, spans: list[AlertSpan], start: float, end: float) -> NoiseRow:
    firing_s = sum(min(end, end if span.end is None else span.end) - max(start, span.start) for span in spans)
    ended = [span.end - span.start for span in spans if span.end is not None]
    short = sum(took < SHORT_S for took in ended) / len(ended) if ended else None
    return NoiseRow(name, len(spans), firing_s, short)
