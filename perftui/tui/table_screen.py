"""What screens with a table share: moving, sorting, marking and filtering its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events

from perftui.tui.live_screen import LiveScreen

if TYPE_CHECKING:
    from perftui.view.table import TableModel


class TableScreen(LiveScreen):
    """Subclasses say which table the keys mean at the moment."""

    def current_table(self) -> TableModel[Any]:
        """The table that keys move in."""
        raise NotImplementedError

    def filter(self, text: str) -> None:
        """Show only the rows that match."""
        self.current_table().set_filter(text)
        self.refresh_picture()

    def sort(self, column: str) -> None:
        """Sort by a column. Raises KeyError for an unknown one."""
        self.current_table().sort_by(column)
        self.refresh_picture()

    def action_table_up(self) -> None:
        self._move(-1)

    def action_table_down(self) -> None:
        self._move(1)

    def action_table_page_up(self) -> None:
        self._move(-self._page)

    def action_table_page_down(self) -> None:
        self._move(self._page)

    def action_table_first(self) -> None:
        self._move(-len(self.current_table().order))

    def action_table_last(self) -> None:
        self._move(len(self.current_table().order))

    @property
    def _page(self) -> int:
        return max(1, self.body_size[1] * 2 // 3 - 4)

    def _move(self, rows: int) -> None:
        self.current_table().move(rows)
        self.refresh_picture()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._move(3)

    def action_table_sort(self) -> None:
        self.current_table().sort_next()
        self.refresh_picture()

    def action_table_reverse(self) -> None:
        self.current_table().reverse()
        self.refresh_picture()

    def action_table_mark(self) -> None:
        self.current_table().toggle_mark()
        self._move(1)

    def action_table_unmark(self) -> None:
        self.current_table().clear_marks()
        self.refresh_picture()
