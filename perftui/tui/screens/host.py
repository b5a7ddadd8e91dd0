"""The Host screen: processes to sort, filter, mark and follow."""

from __future__ import annotations

from perftui.config.keymap import Scope
from perftui.domain.processes import ProcessRow
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
        self._version = -1

    def picture(self, width: int, height: int) -> tuple[Line, ...]:
        mirrored = self.deck.mirror.tables.get(TABLE)
        if mirrored is not None and mirrored.version != self._version and not (self.deck.still and self._version >= 0):
            self._version = mirrored.version
            self.table.update(mirrored.rows)
        return host_picture(self.deck.scene(), self.table, width, height, followed=self.followed)

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
