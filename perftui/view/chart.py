"""Line and area charts in braille, or in bars where the terminal has no braille.

Threshold bands colour whole cells, never gradients: a change of colour says that a limit was passed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit, split_value
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, Span, right, text_width
from perftui.view.time_axis import columns, tick_marks

_LEFT_DOTS = (0x40, 0x04, 0x02, 0x01)
_RIGHT_DOTS = (0x80, 0x20, 0x10, 0x08)
_AXIS_MIN_WIDTH = 30
_AXIS_MIN_HEIGHT = 3
_TIME_MIN_HEIGHT = 5


@dataclass(frozen=True)
class Limits:
    """Thresholds in base units; ``above`` says which side of them is bad."""

    watch: float | None = None
    bad: float | None = None
    above: bool = True

    def role(self, value: float, normal: Role) -> Role:
        for limit, role in ((self.bad, Role.BAD), (self.watch, Role.WATCH)):
            if limit is not None and (value > limit if self.above else value < limit):
                return role
        return normal


def chart(
    window: Window,
    *,
    start: float,
    end: float,
    width: int,
    height: int,
    unit: Unit,
    glyphs: GlyphSet,
    watch: float | None = None,
    bad: float | None = None,
    above: bool = True,
    top: float | None = None,
    roles: Sequence[Role] = SERIES_ROLES,
    cursor: float | None = None,
    marks: Sequence[tuple[float, str]] = (),
    axis: bool = True,
) -> tuple[Line, ...]:
    """Exactly ``height`` lines of ``width`` cells showing ``[start, end]``: axis labels when there is room for them."""
    if width < 1 or height < 1:
        return ((),) * max(0, height)
    limits = Limits(watch, bad, above)
    low, high = scale(window.series, unit, limits, top)
    labelled = axis and width >= _AXIS_MIN_WIDTH and height >= _AXIS_MIN_HEIGHT
    timed = labelled and height >= _TIME_MIN_HEIGHT
    rows = height - 1 if timed else height
    labels = _y_labels(low, high, unit, rows) if labelled else [""] * rows
    margin = max(map(text_width, labels)) + 1 if labelled else 0
    cells = width - margin
    canvas = _Canvas(cells, rows, low, high, limits, glyphs)
    # a filled area reads best alone; several series are lines, the first drawn last so that it stays on top
    for index in reversed(range(len(window.series))):
        role = roles[index % len(roles)]
        canvas.draw(window, window.series[index], start, end, role, filled=len(window.series) == 1)
    canvas.threshold(bad if bad is not None else watch)
    for at, letter in marks:
        canvas.column((at - start) / (end - start), letter or glyphs.mark, Role.MARK)
    if cursor is not None:
        canvas.column((cursor - start) / (end - start), glyphs.cursor, Role.ACCENT)
    lines = canvas.lines()
    if labelled:
        lines = [
            ((right(label, margin - 1) + " ", Role.LABEL), *line) for label, line in zip(labels, lines, strict=True)
        ]
    if timed:
        lines.append(_time_line(start, end, margin, cells))
    return tuple(lines)


def scale(series: Sequence[SeriesWindow], unit: Unit, limits: Limits, top: float | None = None) -> tuple[float, float]:
    """The lowest and highest value of the axis: 0 unless something is negative, and a round top.

    A threshold joins the scale when the data comes within half of it, so that it neither hides nor flattens them.
    """
    values = [value for one in series for value in one.mean if value is not None]
    low = min(0.0, min(values, default=0.0))
    highest = max(values, default=0.0)
    if top is not None:
        return low, max(top, highest, low + 1e-12)
    for limit in (limits.watch, limits.bad):
        if limit is not None and highest >= limit / 2:
            highest = max(highest, limit)
    if unit is Unit.RATIO and highest > 0.5:
        return low, max(1.0, highest)
    return low, _round_up(highest, binary=unit is Unit.BYTES)


def _round_up(value: float, *, binary: bool) -> float:
    if value <= 0:
        return 1.0
    base = 2.0 ** (10 * max(0, math.floor(math.log2(value) / 10))) if binary else 1.0
    scaled = value / base
    power = 10.0 ** math.floor(math.log10(scaled))
    step = next((step for step in (1, 2, 2.5, 5, 10) if scaled <= step * power * (1 + 1e-9)), 10)
    return base * step * power


def _y_labels(low: float, high: float, unit: Unit, rows: int) -> list[str]:
    """Top, middle and bottom of the axis; the unit once, at the top."""
    labels = [""] * rows
    number, suffix = split_value(high, unit)
    labels[0] = f"{number} {suffix}".rstrip()
    factor = high / float(number) if _plain_number(number) else None
    labels[-1] = _label(low, factor)
    if rows >= 5 and rows % 2 == 1:
        labels[rows // 2] = _label((low + high) / 2, factor)
    return labels


def _plain_number(number: str) -> bool:
    return number.replace(".", "", 1).isdigit() and float(number) > 0


def _label(value: float, factor: float | None) -> str:
    if value == 0:
        return "0"
    return f"{value / factor:.3g}" if factor else ""


def _time_line(start: float, end: float, margin: int, cells: int) -> Line:
    row = [" "] * cells
    for column, label in tick_marks(start, end, cells):
        begin = column - len(label) // 2
        if begin >= 0 and begin + len(label) <= cells - 5:
            row[begin : begin + len(label)] = label
    if cells >= 12:
        row[-3:] = "now"
    return ((" " * margin + "".join(row), Role.LABEL),)


class _Canvas:
    """Dots per cell and a meaning per cell, then lines."""

    def __init__(self, cells: int, rows: int, low: float, high: float, limits: Limits, glyphs: GlyphSet) -> None:
        self._cells, self._rows, self._low, self._span = cells, rows, low, high - low
        self._limits, self._glyphs = limits, glyphs
        self._dots = [[0] * cells for _ in range(rows)]
        self._chars = [[" "] * cells for _ in range(rows)]
        self._roles = [[Role.TEXT] * cells for _ in range(rows)]

    def draw(self, window: Window, series: SeriesWindow, start: float, end: float, role: Role, *, filled: bool) -> None:
        if self._glyphs.braille:
            values = columns(series.mean, window.start, window.step_s, start, end, self._cells * 2)
            self._braille(values, role, filled)
        else:
            values = columns(series.mean, window.start, window.step_s, start, end, self._cells)
            self._bars(values, role, filled)

    def _level(self, value: float, steps: int) -> int:
        """The step a value reaches, 0 to ``steps - 1``; anything above zero is at least the lowest visible step."""
        part = (value - self._low) / self._span
        return min(steps - 1, max(0, round(part * (steps - 1))))

    def _braille(self, values: Sequence[float | None], role: Role, filled: bool) -> None:
        steps = self._rows * 4
        before: int | None = None
        for column, value in enumerate(values):
            if value is None:
                before = None
                continue
            level = self._level(value, steps)
            bottom = 0 if filled else min(level, before if before is not None else level)
            top = level if filled else max(level, before if before is not None else level)
            cell, dots = column // 2, _RIGHT_DOTS if column % 2 else _LEFT_DOTS
            shade = self._limits.role(value, role)
            for dot in range(bottom, top + 1):
                row = self._rows - 1 - dot // 4
                self._dots[row][cell] |= dots[dot % 4]
                if column % 2 == 0 or self._roles[row][cell] in (Role.TEXT, role) or shade is Role.BAD:
                    self._roles[row][cell] = shade
            before = level

    def _bars(self, values: Sequence[float | None], role: Role, filled: bool) -> None:
        bars = self._glyphs.bars
        full = len(bars) - 1
        for cell, value in enumerate(values):
            if value is None:
                continue
            level = self._level(value, self._rows * full) + 1
            for row in range(self._rows):
                height = level - (self._rows - 1 - row) * full
                if height >= 1 and (filled or height <= full):
                    self._chars[row][cell] = bars[min(full, height)]
                    self._roles[row][cell] = self._limits.role(value, role)

    def threshold(self, limit: float | None) -> None:
        """A dotted line through the cells that hold nothing."""
        if limit is None or not self._low < limit <= self._low + self._span:
            return
        row = self._rows - 1 - self._level(limit, self._rows * 4) // 4
        for cell in range(self._cells):
            if not self._dots[row][cell] and self._chars[row][cell] == " ":
                self._chars[row][cell] = self._glyphs.threshold
                self._roles[row][cell] = Role.THRESHOLD

    def column(self, part: float, char: str, role: Role) -> None:
        cell = int(part * self._cells)
        if 0 <= cell < self._cells:
            for row in range(self._rows):
                self._dots[row][cell] = 0
                self._chars[row][cell] = char[0]
                self._roles[row][cell] = role

    def lines(self) -> list[Line]:
        return [self._line(row) for row in range(self._rows)]

    def _line(self, row: int) -> Line:
        """Neighbouring cells of one meaning become one span; blanks join whatever stands beside them."""
        spans: list[Span] = []
        text: list[str] = []
        role = Role.TEXT
        for dots, char, meaning in zip(self._dots[row], self._chars[row], self._roles[row], strict=True):
            shown = chr(0x2800 + dots) if dots else char
            if shown != " " and meaning is not role:
                if text:
                    spans.append(("".join(text), role))
                    text = []
                role = meaning
            text.append(shown)
        spans.append(("".join(text), role))
        return tuple(spans)
