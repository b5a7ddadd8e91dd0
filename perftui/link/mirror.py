"""The console's copy of what it watches; the only thing that screens read, and they never wait for it."""

from __future__ import annotations

from typing import Any

import msgspec

from perftui.domain.alerts import Alert
from perftui.domain.findings import Finding, Outcome, RuleStatus
from perftui.domain.health import OwnCost, SourceHealth, StorageHealth
from perftui.domain.load import LoadState
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.triage import AlertCounts
from perftui.link.messages import SessionInfo, TablePart, Update, WindowPart
from perftui.link.rows import ROW_TYPES


class Table:
    """A mirrored table: rows by key in the order of arrival, when they were measured, and a change count.

    ``changed`` are the keys that the newest version set or deleted; None where it may have been all of them.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.at: float = 0.0
        self.version: int = 0
        self.changed: frozenset[str] | None = None


class Mirror:
    """Holds only what is watched. ``version`` grows with every Update that was applied."""

    def __init__(self) -> None:
        self.session: SessionInfo | None = None
        self.seq = 0
        self.version = 0
        self.at: float | None = None
        self.windows: dict[str, Window] = {}
        self.window_errors: dict[str, str] = {}
        self.tables: dict[str, Table] = {}
        self.catalogue: dict[str, SeriesInfo] = {}
        self.sources: tuple[SourceHealth, ...] = ()
        self.alerts: tuple[Alert, ...] = ()
        self.alert_counts = AlertCounts()
        self.findings: tuple[Finding, ...] = ()
        self.rules: tuple[RuleStatus, ...] = ()
        self.outcomes: tuple[Outcome, ...] = ()
        self.storage: StorageHealth | None = None
        self.cost: OwnCost | None = None
        self.problems: tuple[str, ...] = ()
        self.troubles: dict[str, str] = {}
        self.load: LoadState | None = None

    def reset(self) -> None:
        """A new session begins: what was mirrored stays on screen until the first full Update replaces it."""
        self.seq = 0

    def apply(self, update: Update) -> bool:
        """Take over what changed. False means a gap in ``seq``: nothing was applied, ask for a Resync."""
        if not update.full and update.base != self.seq:
            return False
        if update.full:
            self.windows, self.window_errors, self.tables = {}, {}, {}
        self.seq, self.at = update.seq, update.at
        self.version += 1
        for name, part in update.windows.items():
            self._apply_window(name, part)
        for name, rows in update.tables.items():
            self._apply_table(name, rows)
        if update.catalogue is not None:
            self.catalogue = {info.series: info for info in update.catalogue}
        self.sources = self.sources if update.sources is None else update.sources
        self.alerts = self.alerts if update.alerts is None else update.alerts
        self.alert_counts = self.alert_counts if update.alert_counts is None else update.alert_counts
        self.findings = self.findings if update.findings is None else update.findings
        self.rules = self.rules if update.rules is None else update.rules
        self.outcomes = self.outcomes if update.outcomes is None else update.outcomes
        self.storage = self.storage if update.storage is None else update.storage
        self.cost = self.cost if update.cost is None else update.cost
        self.problems = self.problems if update.problems is None else update.problems
        self.troubles = self.troubles if update.troubles is None else update.troubles
        self.load = self.load if update.load is None else update.load
        return True

    def _apply_window(self, name: str, part: WindowPart) -> None:
        self.window_errors.pop(name, None)
        if part.error:
            self.window_errors[name] = part.error
        known = self.windows.get(name)
        if part.whole or known is None:
            self.windows[name] = _shared(part.window)
        else:
            self.windows[name] = appended(known, part.window)

    def _apply_table(self, name: str, part: TablePart) -> None:
        table = self.tables.setdefault(name, Table())
        if part.whole:
            table.rows = {}
        for key in part.deletes:
            table.rows.pop(key, None)
        row_type = ROW_TYPES.get(name)
        changed = set(part.deletes)
        for raw in part.upserts:
            if row_type is None:
                key, row = raw[0], raw
            else:
                # in a session inside of the same process the rows never were lists
                row = raw if isinstance(raw, row_type) else msgspec.convert(raw, row_type)
                key = row.key
            table.rows[key] = row
            changed.add(key)
        table.changed = None if part.whole else frozenset(changed)
        table.at = part.at
        table.version += 1


def appended(known: Window, newer: Window) -> Window:
    """``known`` with ``newer``'s buckets replacing its own from ``newer.start`` on, as many cells as before.

    Both have the same step. Series that ``newer`` does not name end in gaps.
    """
    offset = round((newer.start - known.start) / known.step_s)
    total = offset + newer.cells
    drop = max(0, total - known.cells)
    start = known.start + drop * known.step_s
    if drop <= offset <= known.cells and _names(known) == _names(newer):
        series = tuple([_continued(*pair, drop, offset) for pair in zip(known.series, newer.series, strict=True)])
    else:
        series = _matched(known, newer, offset, drop)
    # counting compares each value, and the newest bucket nearly always has one
    kept = [one for one in series if one.mean and (one.mean[-1] is not None or one.mean.count(None) < len(one.mean))]
    return Window(start, known.step_s, total - drop, tuple(kept))


def _names(window: Window) -> list[str]:
    return [series.series for series in window.series]


def _shared(window: Window) -> Window:
    """Where no bucket holds more than one sample, lowest and highest are the mean: one tuple then stands for all."""
    return msgspec.structs.replace(
        window,
        series=tuple(
            SeriesWindow(one.series, one.mean, one.mean, one.mean, one.last, one.last_at)
            if one.low == one.mean == one.high
            else one
            for one in window.series
        ),
    )


def _continued(old: SeriesWindow, new: SeriesWindow, drop: int, offset: int) -> SeriesWindow:
    """``new``'s buckets take the place of those of ``old`` from ``offset`` on; the first ``drop`` go."""
    mean = low = high = old.mean[drop:offset] + new.mean
    # what is one tuple stays one
    if old.low is not old.mean or old.high is not old.mean or not new.low == new.mean == new.high:
        low, high = old.low[drop:offset] + new.low, old.high[drop:offset] + new.high
    newest = old if new.last_at is None else new
    return SeriesWindow(old.series, mean, low, high, newest.last, newest.last_at)


def _matched(known: Window, newer: Window, offset: int, drop: int) -> tuple[SeriesWindow, ...]:
    """The series of both, by their names; those that only ``newer`` has come last."""
    by_name = {series.series: series for series in newer.series}
    old = {series.series: series for series in known.series}
    names = [*old, *(name for name in by_name if name not in old)]
    return tuple(_merge(name, old.get(name), by_name.get(name), offset, newer.cells, drop) for name in names)


def _merge(
    name: str, old: SeriesWindow | None, new: SeriesWindow | None, offset: int, cells: int, drop: int
) -> SeriesWindow:
    def column(head: tuple[float | None, ...], tail: tuple[float | None, ...]) -> tuple[float | None, ...]:
        return (head[:offset] + (None,) * (offset - len(head)) + tail)[drop:]

    newest = new if new is not None and new.last_at is not None else old
    gap = (None,) * cells
    return SeriesWindow(
        name,
        column(() if old is None else old.mean, gap if new is None else new.mean),
        column(() if old is None else old.low, gap if new is None else new.low),
        column(() if old is None else old.high, gap if new is None else new.high),
        None if newest is None else newest.last,
        None if newest is None else newest.last_at,
    )
