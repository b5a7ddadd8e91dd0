"""The Host screen: processes to sort, filter, mark and follow."""

from __future__ import annotations

from textual import events

from perftui.config.keymap import Scope
from perftui.tui.deck import Deck
from perftui.tui.live_screen import LiveScreen
from perftui.tui.messages import Run
from perftui.view.host import TABLE, host_picture, host_watches, process_table
from perftui.view.text import Line
from perftui.view.watches import Wanted


class HostScreen(LiveScreen):
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

    def tables(self, width: int, height: int) -> tuple[str, ...]:
        return (TABLE,)

    def filter(self, text: str) -> None:
        """Show only the processes that match."""
        self.table.set_filter(text)
        self.refresh_picture()

    def sort(self, column: str) -> None:
        """Sort by a column. Raises KeyError for an unknown one."""
        self.table.sort_by(column)
        self.refresh_picture()

    def show_followed(self, pid: int | None) -> None:
        """Show that process in detail; None ends it."""
        self.followed = pid
        self.rewatch()

    def action_table_up(self) -> None:
        self._move(-1)

    def action_table_down(self) -> None:
        self._move(1)

    def action_table_page_up(self) -> None:
        self._move(-self._page)

    def action_table_page_down(self) -> None:
        self._move(self._page)

    def action_table_first(self) -> None:
        self._move(-len(self.table.order))

    def action_table_last(self) -> None:
        self._move(len(self.table.order))

    @property
    def _page(self) -> int:
        return max(1, self.body_size[1] * 2 // 3 - 4)

    def _move(self, rows: int) -> None:
        self.table.move(rows)
        self.refresh_picture()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._move(3)

    def action_table_sort(self) -> None:
        self.table.sort_next()
        self.refresh_picture()

    def action_table_reverse(self) -> None:
        self.table.reverse()
        self.refresh_picture()

    def action_table_mark(self) -> None:
        self.table.toggle_mark()
        self._move(1)

    def action_table_unmark(self) -> None:
        self.table.clear_marks()
        self.refresh_picture()

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
