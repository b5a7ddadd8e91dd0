"""What a person looks at on the Alerts screen, and what keys change there; it stays as it was between updates."""

from __future__ import annotations

from enum import Enum
from typing import Any

from perftui.domain.triage import AlertRow
from perftui.link.messages import SessionInfo
from perftui.link.mirror import Mirror, Table
from perftui.view.alerts_rows import ALERTS, NOISE, SILENCES, SLOS, SPANS
from perftui.view.alerts_story import Told, objective_of
from perftui.view.alerts_table import alert_index
from perftui.view.alerts_tables import noise_table, silence_table, slo_table
from perftui.view.alerts_timeline import Timeline
from perftui.view.table import TableModel


class View(str, Enum):
    """What the screen shows, in the order that a key goes through."""

    LIST = "list"
    TIMELINE = "timeline"
    NOISE = "noise"
    SLOS = "objectives"
    SILENCES = "silences"


_TABLES = {
    View.LIST: (ALERTS, SILENCES),
    View.TIMELINE: (ALERTS, SPANS),
    View.NOISE: (ALERTS, NOISE),
    View.SLOS: (ALERTS, SLOS),
    View.SILENCES: (ALERTS, SILENCES),
}


# putting 10 000 rows in order at once is felt
_AT_ONCE = 1000


class Triage:
    """``full`` shows the alert under the cursor on the whole page, from line ``top`` on; ``at`` is the moment shown."""

    def __init__(self) -> None:
        self.at = 0.0
        self.session: SessionInfo | None = None
        self.view = View.LIST
        self.full = False
        self.top = 0
        self.told = Told()
        self.index = alert_index(self._at, self._session)
        self.timeline = Timeline()
        self.noise, self.slos = noise_table(), slo_table()
        self.silences = silence_table(self._at, self._session)
        self.measured_at: dict[str, float] = {}

    def _at(self) -> float:
        return self.at

    def _session(self) -> SessionInfo | None:
        return self.session

    def update(self, mirror: Mirror) -> bool:
        """Take over the mirrored tables; whether there are more alerts than are taken over at once."""
        self.session = mirror.session
        found = mirror.tables
        self.measured_at = {name: table.at for name, table in found.items()}
        more = ALERTS in found and self.index.take(found[ALERTS].rows, _AT_ONCE)
        if self.view is View.TIMELINE and SPANS in found:
            self.timeline.update(found[SPANS].rows.values(), found[SPANS].at)
        elif self.view is View.NOISE:
            self._take(self.noise, found.get(NOISE))
        elif self.view is View.SLOS:
            self._take(self.slos, found.get(SLOS))
        elif self.view is View.SILENCES:
            self._take(self.silences, found.get(SILENCES))
        if self.row is None:
            self.full = False
        return more

    @staticmethod
    def _take(table: TableModel[Any], mirrored: Table | None) -> None:
        if mirrored is not None:
            table.update(mirrored.rows)

    @property
    def row(self) -> AlertRow | None:
        """The alert under the cursor."""
        return self.index.cursor_row

    def table(self) -> TableModel[Any]:
        """The table that keys move in."""
        tables: dict[View, TableModel[Any]] = {
            View.LIST: self.index,
            View.TIMELINE: self.timeline.table,
            View.NOISE: self.noise,
            View.SLOS: self.slos,
            View.SILENCES: self.silences,
        }
        return tables[self.view]

    def tables(self) -> tuple[str, ...]:
        """Names of the tables that the picture is drawn from; the session makes some only for who looks."""
        row = self.row if self.view is View.LIST else None
        return (*_TABLES[self.view], *((SLOS,) if row is not None and objective_of(row) else ()))

    def turn(self, step: int) -> None:
        """The next view, or the one before."""
        views = list(View)
        self.show(views[(views.index(self.view) + step) % len(views)])

    def show(self, view: View) -> None:
        self.view, self.full, self.top = view, False, 0

    def leave(self) -> None:
        """One step back: from the full page, then marks, the filter, then to the list."""
        if self.full:
            self.full, self.top = False, 0
        elif self.table().marks:
            self.table().clear_marks()
        elif self.table().filter:
            self.table().set_filter("")
        else:
            self.show(View.LIST)
