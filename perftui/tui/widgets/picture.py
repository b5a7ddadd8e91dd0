"""One large Line API widget that shows lines of (text, meaning) and repaints only the rows that changed."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from perftui.domain.roles import Role
from perftui.view.glyphs import to_ascii
from perftui.view.text import Line

_NOTHING: tuple[Line, ...] = ()
# meanings of rows from edge to edge
_WHOLE_ROWS = (Role.SELECTED, Role.MARKED)


class Picture(Widget):
    """Shows ``lines`` as they are; ``style_of`` gives each meaning its look. ``rows`` 0 takes the room there is."""

    DEFAULT_CSS = "Picture { width: 1fr; height: 1fr; }"
    can_focus = False

    def __init__(
        self,
        style_of: Callable[[Role], Style],
        *,
        rows: int = 0,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 (Textual's name for it)
    ) -> None:
        super().__init__(id=id)
        if rows:
            self.styles.height = rows
        self._style_of, self._ascii = style_of, ascii_only
        self._lines: tuple[Line, ...] = _NOTHING
        self._strips: dict[int, Strip] = {}

    @property
    def lines(self) -> tuple[Line, ...]:
        return self._lines

    def show(self, lines: tuple[Line, ...]) -> None:
        """Replace the picture; rows that are equal to what they were are not sent again."""
        old, self._lines = self._lines, lines
        width = self.size.width
        changed = [
            row
            for row in range(max(len(old), len(lines)))
            if row >= len(old) or row >= len(lines) or old[row] != lines[row]
        ]
        for row in changed:
            self._strips.pop(row, None)
        if changed and width:
            self.refresh(*(Region(0, row, width, 1) for row in changed))

    def restyle(self) -> None:
        """Draw everything again: the theme changed."""
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        width = self.size.width
        if strip is None or strip.cell_length != width:
            strip = self._strips[y] = self._strip(y, width)
        return strip

    def _strip(self, y: int, width: int) -> Strip:
        background = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, background)
        segments: list[Segment] = []
        for text, role in self._lines[y]:
            style = self._style_of(role)
            written = to_ascii(text) if self._ascii else text
            if (style.reverse or style.underline) and role not in _WHOLE_ROWS:
                segments += _without_its_blanks(written, background, background + style)
            elif written:
                segments.append(Segment(written, background + style))
        return Strip(segments).adjust_cell_length(width, background)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)


def _without_its_blanks(text: str, background: Style, style: Style) -> list[Segment]:
    """Blanks that only put a text into its column are no part of what is underlined, or turned over."""
    core = text.strip(" ")
    before = len(text) - len(text.lstrip(" ")) if core else len(text)
    parts = ((" " * before, background), (core, style), (" " * (len(text) - before - len(core)), background))
    return [Segment(part, look) for part, look in parts if part]
