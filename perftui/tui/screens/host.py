"""The Host screen: processes to sort, filter, mark and follow."""

from __future__ import annotations

from perftui.config.keymap import Scope
from perftui.domain.processes import ProcessRow
from perftui.link.mirror import Table
from perftui.tui.deck import Deck
from perftui.tui.messages import Run
from perftui.tui.table_screen import TableScreen
from perftui.view.host import TABLE, host_picture, host_watches, process_table
from perftui.view.table import TableModel
from perftui.view.text import Line
from perftui.view.watches import Wanted


class HostScreen(TableScreen):
    """The table stays as it was while the console is frozen; keys work on."""

    scope = Scope.HOST

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.table = process_table()
        self.followed: int | None = None
        self._seen: tuple[Table, int] | None = None

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        mirrored = self.deck.mirror.tables.get(TABLE)
        if mirrored is not None and not (self.deck.still and self._seen is not None):
            self._take(mirrored)
        return host_picture(self.deck.scene(), self.table, width, height, followed=self.followed)

    def _take(self, mirrored: Table) -> None:
        """What of it is new; nothing else is looked at where the version before is known."""
        now = (mirrored, mirrored.version)
        if self._seen == now:
            return
        follows = self._seen == (mirrored, mirrored.version - 1)
        self.table.update(mirrored.rows, mirrored.changed if follows else None)
        self._seen = now

    def wanted(self, width: int, height: int) -> tuple[Wanted, ...]:
        return host_watches(self.deck.config(), width, height, self.followed)

    def current_table(self) -> TableModel[ProcessRow]:
        return self.table

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return (TABLE,)

    def show_followed(self, pid: int | None) -> None:
        """Show that process in detail; None ends it."""
        self.followed = pid
        self.rewatch()

    def action_table_fold(self) -> None:
        self.table.toggle_fold()
        self.refresh_picture()

    def action_host_tree(self) -> None:
        self.table.set_tree(not self.table.tree)
        self.refresh_picture()

    def action_host_follow(self) -> None:
        row = self.table.cursor_row
        if row is not None:
            self.post_message(Run(f"follow {row.pid}" if self.followed != row.pid else "follow none"))

    def action_host_leave(self) -> None:
        if self.table.filter:
            self.filter("")
        elif self.followed is not None:
            self.post_message(Run("follow none"))
