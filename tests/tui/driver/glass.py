"""A terminal that behaves as today's terminals do, where pyte does not: pictures of several characters, cut wide ones.

pyte knows neither joined emoji nor links, stops at what it does not know, and leaves halves of wide characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyte
from pyte.screens import Char
from rich.cells import get_character_cell_size

from perftui.tui.driver.cells import begins_within, cells_of

_LINK = re.compile(r"\x1b\]8;([^\x07\x1b]*)(?:\x07|\x1b\\)")
_FOREIGN = re.compile(r"\x1b\[[<>=?][\d;]*\$?[a-zA-Z](?<![hl])|\x1b\](?!8;)[^\x07\x1b]*(?:\x07|\x1b\\)")
Cell = tuple[str, str, str, tuple[bool, ...], str]


class _Screen(pyte.Screen):
    """``by_character``: every character takes the cells that it has alone, as on older terminals."""

    def __init__(self, columns: int, lines: int, by_character: bool, reply: Callable[[str], None]) -> None:
        self.link = ""
        self.links: dict[tuple[int, int], str] = {}
        self._by_character, self._reply = by_character, reply
        super().__init__(columns, lines)

    def write_process_input(self, data: str) -> None:
        self._reply(data)

    def draw(self, data: str) -> None:
        cells = list(data) if self._by_character else cells_of(data)
        if begins_within(data):
            self._join(cells.pop(0))
        for index, text in enumerate(cells):
            if text == "":
                continue
            width = 1
            if self._by_character:
                width = get_character_cell_size(text)
                if not width:
                    self._join(text)
                    continue
            else:
                while index + width < len(cells) and cells[index + width] == "":
                    width += 1
            self._put(text, width)
        self.dirty.add(self.cursor.y)

    def _join(self, mark: str) -> None:
        line = self.buffer[self.cursor.y]
        x = self.cursor.x - 1
        while x > 0 and line[x].data == "":
            x -= 1
        if x >= 0:
            line[x] = line[x]._replace(data=line[x].data + mark)

    def _put(self, text: str, width: int) -> None:
        """Line wrap is off: what does not fit is drawn over the end of the line."""
        line = self.buffer[self.cursor.y]
        x = min(self.cursor.x, self.columns - width)
        if line[x].data == "":
            self._blank(line, x, -1)
        for offset in range(width):
            line[x + offset] = self.cursor.attrs._replace(data="" if offset else text)
            self.links[self.cursor.y, x + offset] = self.link
        if x + width < self.columns and line[x + width].data == "":
            self._blank(line, x + width - 1, 1)
        self.cursor.x = min(x + width, self.columns)

    def _blank(self, line: Any, x: int, step: int) -> None:
        while 0 <= x + step < self.columns:
            x += step
            half = line[x].data == ""
            if step > 0 and not half:
                return
            line[x] = line[x]._replace(data=" ")
            if step < 0 and not half:
                return

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        x = min(self.cursor.x, self.columns - 1)
        line = self.buffer[self.cursor.y]
        if line[x].data == "":
            self._blank(line, x, -1)
        super().erase_in_line(how, private)
        for column in range(x, self.columns):
            self.links[self.cursor.y, column] = ""


class Glass:
    """``write`` takes what a program writes; ``cells`` tell what is to be seen. Answers go to ``reply``."""

    def __init__(
        self,
        width: int,
        height: int,
        *,
        by_character: bool = False,
        reply: Callable[[str], None] = lambda answer: None,
    ) -> None:
        self._screen = _Screen(width, height, by_character, reply)
        self._screen.reset_mode(7, private=True)
        self._stream = pyte.Stream(self._screen)

    def write(self, text: str) -> None:
        at = 0
        text = _FOREIGN.sub("", text)
        for match in _LINK.finditer(text):
            self._stream.feed(text[at : match.start()])
            self._screen.link = "" if match[1] == ";" else match[1]
            at = match.end()
        self._stream.feed(text[at:])

    def resize(self, width: int, height: int) -> None:
        """As a terminal with an alternate screen does: what fits stays, at the top left."""
        screen = self._screen
        old = {y: dict(line) for y, line in screen.buffer.items()}
        screen.columns, screen.lines = width, height
        screen.margins = None
        screen.buffer.clear()
        screen.links.clear()
        for y, line in old.items():
            if y < height:
                screen.buffer[y].update({x: char for x, char in line.items() if x < width})

    def cells(self) -> list[list[Cell]]:
        """Text, foreground, background, attributes and link of each cell."""
        screen = self._screen
        return [
            [_cell(screen.buffer[y][x], screen.links.get((y, x), "")) for x in range(screen.columns)]
            for y in range(screen.lines)
        ]

    @property
    def text(self) -> str:
        return "\n".join("".join(cell[0] for cell in row).rstrip() for row in self.cells())


def _cell(char: Char, link: str) -> Cell:
    return char.data, char.fg, char.bg, tuple(char[3:]), link
