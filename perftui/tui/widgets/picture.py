"""One large Line API widget that shows lines of (text, meaning) and repaints only the rows that changed.

Textual's way from such a row to the terminal costs more than the rest of a tick, so a screen may draw rows that changed
on a canvas of the driver. Textual then learns of them when it next has to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from perftui.domain.roles import Role
from perftui.tui.driver.pens import Pen
from perftui.view.glyphs import to_ascii
from perftui.view.text import Line

_NOTHING: tuple[Line, ...] = ()
# meanings of rows from edge to edge
_WHOLE_ROWS = (Role.SELECTED, Role.MARKED)


class Canvas(Protocol):
    """What a driver that knows each cell of the terminal offers."""

    def draw(self, rows: Mapping[int, Sequence[tuple[str, Pen]]], ground: Pen, size: tuple[int, int]) -> bool:
        """Whole rows of the terminal; ``ground`` fills them up. False when its size is another one."""

    def pen_of(self, text: str) -> Pen:
        """What a text as Textual would write it looks like there."""


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
        self._pens: dict[Role | None, Pen] = {}
        self._marking: frozenset[Role] | None = None
        self._unseen: set[int] = set()

    @property
    def lines(self) -> tuple[Line, ...]:
        return self._lines

    def show(self, lines: tuple[Line, ...]) -> None:
        """Replace the picture; rows that are equal to what they were are not sent again."""
        self.repaint(self.take(lines))

    def take(self, lines: tuple[Line, ...]) -> list[int]:
        """Replace the picture; the rows that are not what they were, which the caller has to paint."""
        old, self._lines = self._lines, lines
        changed = [
            row
            for row in range(max(len(old), len(lines)))
            if row >= len(old) or row >= len(lines) or old[row] != lines[row]
        ]
        for row in changed:
            self._strips.pop(row, None)
        return changed

    def repaint(self, rows: Sequence[int]) -> None:
        """Have Textual paint these rows."""
        width = self.size.width
        if rows and width:
            self.refresh(*(Region(0, row, width, 1) for row in rows))

    def spans(self, rows: Sequence[int], canvas: Canvas) -> dict[int, list[tuple[str, Pen]]]:
        """What these rows put on a canvas, by the terminal's rows; those out of sight are left out."""
        self._unseen.update(rows)
        top, height = self.region.y, self.size.height
        return {top + row: self._pieces(row, canvas) for row in rows if row < height}

    def _pieces(self, row: int, canvas: Canvas) -> list[tuple[str, Pen]]:
        if row >= len(self._lines):
            return []
        # most looks are known
        pens, pen = self._pens, self.pen
        line = self._apart(self._lines[row]) if self.marking else self._lines[row]
        spans = [(text, pens.get(role) or pen(role, canvas)) for text, role in line if text]
        return [(to_ascii(text), look) for text, look in spans] if self._ascii else spans

    @property
    def marking(self) -> frozenset[Role]:
        """The meanings that would be seen on a blank too, of those that are no whole rows."""
        if self._marking is None:
            looks = {role: self._style_of(role) for role in Role if role not in _WHOLE_ROWS}
            self._marking = frozenset(role for role, look in looks.items() if look.reverse or look.underline)
        return self._marking

    def _apart(self, line: Line) -> list[tuple[str, Role | None]]:
        """Blanks that only put a text into its column are no part of what is underlined, or turned over."""
        spans: list[tuple[str, Role | None]] = []
        for text, role in line:
            if role in self.marking and (not text or text[0] == " " or text[-1] == " "):
                core = text.strip(" ")
                before = len(text) - len(text.lstrip(" ")) if core else len(text)
                after = len(text) - before - len(core)
                spans += ((" " * before, None), (core, role), (" " * after, None))
            else:
                spans.append((text, role))
        return spans

    def pen(self, role: Role | None, canvas: Canvas) -> Pen:
        """How a meaning, or None where there is nothing, looks when Textual has painted it."""
        known = self._pens.get(role)
        if known is None:
            style = self.rich_style if role is None else self.rich_style + self._style_of(role)
            strip = Strip([Segment("x", style)])
            for line_filter in self.get_line_filters():
                strip = strip.apply_filter(line_filter, self.background_colors[1])
            known = self._pens[role] = canvas.pen_of(strip.render(self.app.console))
        return known

    def restyle(self) -> None:
        """Draw everything again: the theme changed."""
        self.notify_style_update()
        self.refresh()

    def notify_style_update(self) -> None:
        """What was drawn in the styles before is not reused."""
        super().notify_style_update()
        self._strips.clear()
        self._pens.clear()
        self._marking = None

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._unseen:
            width = self.size.width
            self._styles_cache.set_dirty(*(Region(0, row, width, 1) for row in self._unseen))
            self._unseen.clear()
        return super().render_lines(crop)

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
        for text, role in self._apart(self._lines[y]):
            if text:
                written = to_ascii(text) if self._ascii else text
                segments.append(Segment(written, background if role is None else background + self._style_of(role)))
        return Strip(segments).adjust_cell_length(width, background)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)
