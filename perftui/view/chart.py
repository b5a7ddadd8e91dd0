"""Line and area charts in braille, or in bars where the terminal has no braille.

Threshold bands colour whole cells, never gradients: a change of colour says that a limit was passed. The inner loops
are plain on purpose: an overview draws a dozen of these every second in a process that may use 1.5 % of a core.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.view.glyphs import GlyphSet
from perftui.view.scale import Limits, Scale, scale, y_labels
from perftui.view.sweep import SCROLL, Scrolling
from perftui.view.text import Line, Span, right, text_width

# dots of a cell from the lowest to the highest, left and right
_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_BRAILLE = [" ", *map(chr, range(0x2801, 0x2900))]
_AXIS_MIN_WIDTH = 30
_AXIS_MIN_HEIGHT = 3
_TIME_MIN_HEIGHT = 5
_LABEL_MAX = 10


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
    clock_text: Callable[[float], str] | None = None,
    behind: Window | None = None,
    placing: Scrolling = SCROLL,
) -> tuple[Line, ...]:
    """Exactly ``height`` lines of ``width`` cells showing ``[start, end]``, axes included when there is room for them.

    ``marks`` are times with the letter that the legend explains; ``clock_text`` labels the time axis with times of
    day instead of ages. A single series is a filled area, several are lines. ``behind`` is drawn dim under them: the
    series of another time, put on this time axis. ``placing`` says how times stand on it.
    """
    if width < 1 or height < 1:
        return ((),) * max(0, height)
    limits = Limits(watch, bad, above)
    values = scale(window.series + (behind.series if behind is not None else ()), unit, limits, top)
    labelled = axis and width >= _AXIS_MIN_WIDTH and height >= _AXIS_MIN_HEIGHT
    timed = labelled and height >= _TIME_MIN_HEIGHT
    rows = height - 1 if timed else height
    labels = y_labels(values, unit, rows) if labelled else ()
    margin = min(_LABEL_MAX, max(map(text_width, labels))) + 1 if labelled else 0
    canvas = _Canvas(width - margin, rows, values, limits, glyphs, roles or SERIES_ROLES, placing)
    _draw(canvas, window, behind, start, end)
    # in a single row the line would hide that nothing was measured
    canvas.threshold((watch if bad is None else bad) if height >= _AXIS_MIN_HEIGHT else None)
    for at, letter in marks:
        canvas.mark(placing.cell_of(at, start, end, width - margin), letter)
    # else the axis marks the newest column
    canvas.scan(None if timed else placing.scan(start, end, width - margin))
    canvas.cursor(None if cursor is None else placing.cell_of(cursor, start, end, width - margin))
    times = placing.labels(start, end, width - margin, clock_text) if timed else ""
    return _with_axes(canvas.lines(), labels, margin, times, glyphs)


def _with_axes(lines: list[Line], labels: Sequence[str], margin: int, times: str, glyphs: GlyphSet) -> tuple[Line, ...]:
    """``labels`` at the left, ``times`` below, where there are any."""
    if labels:
        sides = [(right(label, margin - 1, glyphs.ellipsis) + " ", Role.LABEL) for label in labels]
        lines = [(side, *line) for side, line in zip(sides, lines, strict=True)]
    if times:
        lines.append(((" " * margin + times, Role.LABEL),))
    return tuple(lines)


def _draw(canvas: _Canvas, window: Window, behind: Window | None, start: float, end: float) -> None:
    """All series, those of another time first."""
    if behind is not None:
        for one in behind.series:
            canvas.draw(one, behind, start, end, None)
    # the first series is drawn last so that it stays on top
    filled = len(window.series) == 1 and behind is None
    for index in reversed(range(len(window.series))):
        canvas.draw(window.series[index], window, start, end, index, filled=filled)
    canvas.settle()


class _Canvas:
    """Layers of dots, one for every meaning; then text with a code for the meaning of every cell.

    Codes rise with their weight: 0 is blank, series drawn later cover earlier ones, beyond a threshold covers them
    all. A layer is one integer for each column of cells, eight bits a row from the lowest row up: a stroke of any
    length is then one operation.
    """

    def __init__(
        self,
        cells: int,
        rows: int,
        values: Scale,
        limits: Limits,
        glyphs: GlyphSet,
        roles: Sequence[Role],
        placing: Scrolling,
    ) -> None:
        self._cells, self._rows, self._scale, self._limits, self._glyphs = cells, rows, values, limits, glyphs
        self._roles, self._placing = roles, placing
        self._palette = [Role.TEXT]
        self._layers: dict[int, list[int]] = {}
        self._text = [[" "] * cells for _ in range(rows)]
        self._codes = [[0] * cells for _ in range(rows)]

    def draw(
        self, series: SeriesWindow, window: Window, start: float, end: float, index: int | None, *, filled: bool = False
    ) -> None:
        """One series of a window; ``index`` None is dim whatever its values are."""
        self._palette.append(Role.STALE if index is None else self._roles[index % len(self._roles)])
        limits = Limits() if index is None else self._limits
        across = self._cells * 2 if self._glyphs.braille else self._cells
        place = self._placing.columns
        values = place(series.mean, window.start, window.step_s, start, end, across, above=self._limits.above)
        if self._glyphs.braille:
            self._braille(values, limits, filled=filled)
        else:
            self._bars(values, limits, filled=filled)

    def _layer(self, code: int) -> list[int]:
        return self._layers.setdefault(code, [0] * self._cells)

    def _braille(self, values: Sequence[float | None], limits: Limits, *, filled: bool) -> None:
        steps, low, high = self._rows * 4, self._scale.low, self._scale.high
        factor = (steps - 1) / (high - low)
        # Scale.level and one more, written out: a call for each of the columns would double what a chart costs
        levels = [
            0 if value is None
            else steps if value >= high
            else 1 if value <= low
            else int((value - low) * factor + 0.5) + 1
            for value in values
        ]  # fmt: skip
        lefts, rights = _stack(0, steps), _stack(1, steps)
        if filled:
            base = self._scale.level(0.0, steps) + 1
            left, right = _filled(lefts, levels[::2], base), _filled(rights, levels[1::2], base)
        else:
            left = _strokes(lefts, [0, *levels[1:-1:2]], levels[::2])
            right = _strokes(rights, levels[::2], levels[1::2])
        self._spread(left, right, values, limits)

    def _spread(
        self, left: Sequence[int], right: Sequence[int], values: Sequence[float | None], limits: Limits
    ) -> None:
        """Dots of both sides of each cell, on the layer that their values belong to."""
        sign, watch, bad = limits.turned()
        normal = self._layer(len(self._palette) - 1)
        known = [value * sign for value in values if value is not None]
        if max(known, default=-math.inf) <= min(watch, bad):
            normal[:] = [below | one | other for below, one, other in zip(normal, left, right, strict=True)]
            return
        beyond_watch, beyond_bad = self._layer(_WATCH), self._layer(_BAD)
        for column, value in enumerate(values):
            if value is None:
                continue
            turned = value * sign
            layer = beyond_bad if turned > bad else beyond_watch if turned > watch else normal
            layer[column >> 1] |= (right if column & 1 else left)[column >> 1]

    def _bars(self, values: Sequence[float | None], limits: Limits, *, filled: bool) -> None:
        bars = self._glyphs.bars
        full = len(bars) - 1
        sign, watch, bad = limits.turned()
        normal = len(self._palette) - 1
        for cell, value in enumerate(values):
            if value is None:
                continue
            level = self._scale.level(value, self._rows * full) + 1
            code = _BAD if value * sign > bad else _WATCH if value * sign > watch else normal
            above, height = divmod(level - 1, full)
            top_row = self._rows - 1 - above
            self._put(top_row, cell, bars[height + 1], max(code, self._codes[top_row][cell]))
            if filled:
                for row in range(top_row + 1, self._rows):
                    self._put(row, cell, bars[full], code)

    def settle(self) -> None:
        """Dots become text; from here on only text is written."""
        packed = {code: self._packed(layer) for code, layer in sorted(self._layers.items()) if any(layer)}
        if not packed:
            return
        everything = 0
        for layer in packed.values():
            everything |= int.from_bytes(layer, "big")
        dots = everything.to_bytes(self._cells * self._rows, "big")
        for row in range(self._rows):
            shown = dots[row :: self._rows]
            if not any(shown):
                continue
            self._text[row] = [_BRAILLE[dot] for dot in shown]
            codes = self._codes[row]
            for code, layer in packed.items():
                mine = layer[row :: self._rows]
                if any(mine):
                    codes = [code if dot else below for dot, below in zip(mine, codes, strict=True)]
            self._codes[row] = codes

    def _packed(self, layer: Sequence[int]) -> bytes:
        """One byte a cell, column by column from top to bottom: every ``rows``-th byte belongs to one row."""
        if self._rows == 1:
            return bytes(layer)
        return b"".join([column.to_bytes(self._rows, "big") for column in layer])

    def threshold(self, limit: float | None) -> None:
        """A dotted line through the cells that hold nothing."""
        if limit is None or not self._scale.low < limit <= self._scale.high:
            return
        row = self._rows - 1 - self._scale.level(limit, self._rows * 4) // 4
        codes, char = self._codes[row], self._glyphs.threshold
        self._text[row] = [shown if code else char for shown, code in zip(self._text[row], codes, strict=True)]
        self._codes[row] = [code or _THRESHOLD for code in codes]

    def mark(self, cell: int | None, letter: str) -> None:
        """A line behind the data with its letter on top; in a chart of one row there is no room for the letter."""
        if cell is None:
            return
        for row in range(self._rows):
            if self._rows == 1 or self._codes[row][cell] in (0, _THRESHOLD):
                self._put(row, cell, self._glyphs.mark, _MARK)
        if self._rows > 1 and text_width(letter) == 1:
            self._put(0, cell, letter, _MARK)

    def scan(self, cell: int | None) -> None:
        if cell is not None:
            for row in range(self._rows):
                self._put(row, cell, self._glyphs.vertical, _THRESHOLD)

    def cursor(self, cell: int | None) -> None:
        if cell is not None:
            for row in range(self._rows):
                self._put(row, cell, self._glyphs.cursor, _CURSOR)

    def _put(self, row: int, cell: int, char: str, code: int) -> None:
        self._text[row][cell] = char
        self._codes[row][cell] = code

    def lines(self) -> list[Line]:
        roles = {**dict(enumerate(self._palette)), **_STATES}
        return [_spans("".join(text), codes, roles) for text, codes in zip(self._text, self._codes, strict=True)]


def _spans(text: str, codes: Sequence[int], roles: Mapping[int, Role]) -> Line:
    """Neighbouring cells of one meaning become one span; blanks join whatever stands beside them."""
    present = set(codes) - {0}
    if len(present) < 2:
        return ((text, roles[max(present, default=0)]),)
    spans: list[Span] = []
    start = current = 0
    for cell, code in enumerate(codes):
        if code != current and code:
            if current:
                spans.append((text[start:cell], roles[current]))
                start = cell
            current = code
    spans.append((text[start:], roles[current]))
    return tuple(spans)


# codes above those of every series: no window has as many
_WATCH, _BAD, _THRESHOLD, _MARK, _CURSOR = range(1 << 20, (1 << 20) + 5)
_STATES = {
    _WATCH: Role.WATCH,
    _BAD: Role.BAD,
    _THRESHOLD: Role.THRESHOLD,
    _MARK: Role.MARK,
    _CURSOR: Role.ACCENT,
}


# levels are counted from 1 here, and 0 is a gap


def _filled(stack: Sequence[int], levels: Sequence[int], base: int) -> list[int]:
    """Columns from the base to each level, both included."""
    if base == 1:
        return [stack[level] for level in levels]
    return [
        0 if not level else stack[level] ^ stack[base - 1] if level >= base else stack[base] ^ stack[level - 1]
        for level in levels
    ]


def _strokes(stack: Sequence[int], before: Sequence[int], levels: Sequence[int]) -> list[int]:
    """Dots at each level, and up or down to it from the level before."""
    return [
        0 if not level
        else stack[level] ^ stack[level - 1] if not old or old == level
        else stack[level] ^ stack[old] if old < level
        else stack[old - 1] ^ stack[level - 1]
        for old, level in zip(before, levels, strict=True)
    ]  # fmt: skip


@lru_cache(maxsize=512)
def _stack(side: int, steps: int) -> tuple[int, ...]:
    """For 0 to ``steps``: a column with that many dots set from the bottom, on the left or right side of its cell."""
    stack = [0]
    for level in range(steps):
        stack.append(stack[-1] | _DOTS[side][level & 3] << 8 * (level >> 2))
    return tuple(stack)
