"""Line and area charts in braille, or in bars where the terminal has no braille.

Threshold bands colour whole cells, never gradients: a change of colour says that a limit was passed. An overview draws
a dozen of these every second in a process that may use 1 % of a core, so rows are drawn as a whole where they can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.view.dots import areas, packed, strokes
from perftui.view.dots import text as dotted
from perftui.view.glyphs import GlyphSet
from perftui.view.scale import Extent, Limits, Scale, extent, scale_of, y_labels
from perftui.view.sweep import SCROLL, Scrolling
from perftui.view.text import Line, Span, right, text_width

# looked up once: asking an Enum for a member takes longer than what it is for
_LABEL = Role.LABEL
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
    held = extent(window.series + (behind.series if behind is not None else ()))
    values = scale_of(held, unit, limits, top)
    labelled = axis and width >= _AXIS_MIN_WIDTH and height >= _AXIS_MIN_HEIGHT
    timed = labelled and height >= _TIME_MIN_HEIGHT
    rows = height - 1 if timed else height
    margin, sides = _sides(values, unit, rows, glyphs.ellipsis) if labelled else (0, ())
    cells = width - margin
    canvas = _Canvas(cells, rows, values, held, limits, glyphs, roles or SERIES_ROLES, placing)
    _draw(canvas, window, behind, start, end)
    # in a single row the line would hide that nothing was measured
    canvas.threshold((watch if bad is None else bad) if height >= _AXIS_MIN_HEIGHT else None)
    for at, letter in marks:
        canvas.mark(placing.cell_of(at, start, end, cells), letter)
    # else the axis marks the newest column
    canvas.scan(None if timed else placing.scan(start, end, cells))
    canvas.cursor(None if cursor is None else placing.cell_of(cursor, start, end, cells))
    times = placing.labels(start, end, cells, clock_text) if timed else ""
    return _with_axes(canvas.lines(), sides, margin, times)


def _with_axes(lines: list[Line], sides: Sequence[Span], margin: int, times: str) -> tuple[Line, ...]:
    """``sides`` at the left of the lines, ``times`` below them, where there are any."""
    if sides:
        lines = [(side, *line) for side, line in zip(sides, lines, strict=True)]
    if times:
        lines.append(((" " * margin + times, _LABEL),))
    return tuple(lines)


@lru_cache(maxsize=256)
def _sides(values: Scale, unit: Unit, rows: int, ellipsis: str) -> tuple[int, tuple[Span, ...]]:
    """The cells that the labels of an axis take, and these for each row."""
    labels = y_labels(values, unit, rows)
    margin = min(_LABEL_MAX, max(map(text_width, labels))) + 1
    return margin, tuple([(right(label, margin - 1, ellipsis) + " ", _LABEL) for label in labels])


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


# a code for what a cell means: 0 is a blank, and what is beyond a threshold has the highest ones
_ROLES = (Role.TEXT, *(role for role in Role if role not in (Role.TEXT, Role.WATCH, Role.BAD)), Role.WATCH, Role.BAD)
_CODES = {role: code for code, role in enumerate(_ROLES)}
_WATCH, _BAD = _CODES[Role.WATCH], _CODES[Role.BAD]
_THRESHOLD, _MARK, _CURSOR = _CODES[Role.THRESHOLD], _CODES[Role.MARK], _CODES[Role.ACCENT]
# of columns that are within the thresholds (0), beyond the first (1) or beyond the second (2): all dots of one kind
_KINDS = [bytes.maketrans(b"\0\1\2", kept) for kept in (b"\x0f\0\0", b"\0\x0f\0", b"\0\0\x0f")]
_DRAWN = bytes.maketrans(bytes(range(1, 256)), b"\1" * 255)


class _Canvas:
    """Layers of dots, one for every series and threshold; then text, with codes for the meaning of its cells.

    Series drawn later cover earlier ones, beyond a threshold covers them all.
    """

    def __init__(
        self,
        cells: int,
        rows: int,
        values: Scale,
        held: Extent,
        limits: Limits,
        glyphs: GlyphSet,
        roles: Sequence[Role],
        placing: Scrolling,
    ) -> None:
        self._cells, self._rows, self._scale, self._limits, self._glyphs = cells, rows, values, limits, glyphs
        self._roles, self._placing = roles, placing
        self._inside = held.entire and values.low <= held.lowest and held.highest <= values.high
        self._limited = limits.passed_by(held)
        self._layers: list[tuple[int, list[int]]] = []
        self._beyond = {_WATCH: [0] * rows, _BAD: [0] * rows} if self._limited else {}
        self._text = [" " * cells] * rows
        # a number where all that is drawn in a row means the same
        self._codes: list[bytes | int] = [0] * rows

    def draw(
        self, series: SeriesWindow, window: Window, start: float, end: float, index: int | None, *, filled: bool = False
    ) -> None:
        """One series of a window; ``index`` None is dim whatever its values are."""
        code = _CODES[Role.STALE if index is None else self._roles[index % len(self._roles)]]
        across = self._cells * 2 if self._glyphs.braille else self._cells
        place = self._placing.columns
        values = place(series.mean, window.start, window.step_s, start, end, across, above=self._limits.above)
        limits = self._limits if self._limited and index is not None else None
        if self._glyphs.braille:
            self._braille(values, limits, code, filled=filled)
        else:
            self._bars(values, limits or Limits(), code, filled=filled)

    def _braille(self, values: Sequence[float | None], limits: Limits | None, code: int, *, filled: bool) -> None:
        """``limits`` is None where no value is beyond them."""
        rows, steps = self._rows, self._rows * 4
        levels = self._scale.levels(values, steps, inside=self._inside)
        drawn = areas(levels, self._scale.level(0.0, steps) + 1, rows) if filled else strokes(levels, rows)
        if limits is not None:
            within, watch, bad = _by_state(values, limits)
            for state, mask in ((_WATCH, watch), (_BAD, bad)):
                self._beyond[state] = [old | row & mask for old, row in zip(self._beyond[state], drawn, strict=True)]
            drawn = [row & within for row in drawn]
        self._layers.append((code, drawn))

    def _bars(self, values: Sequence[float | None], limits: Limits, normal: int, *, filled: bool) -> None:
        bars = self._glyphs.bars
        full = len(bars) - 1
        sign, watch, bad = limits.turned()
        text, codes = [list(row) for row in self._text], [list(self._codes_of(row)) for row in range(self._rows)]
        for cell, value in enumerate(values):
            if value is None:
                continue
            level = self._scale.level(value, self._rows * full)
            code = _BAD if value * sign > bad else _WATCH if value * sign > watch else normal
            above, height = divmod(level, full)
            top_row = self._rows - 1 - above
            old = codes[top_row][cell]
            text[top_row][cell], codes[top_row][cell] = bars[height + 1], old if old > code and old >= _WATCH else code
            if filled:
                for row in range(top_row + 1, self._rows):
                    text[row][cell], codes[row][cell] = bars[full], code
        self._text, self._codes = ["".join(row) for row in text], [bytes(row) for row in codes]

    def settle(self) -> None:
        """Dots become text; from here on only text is written."""
        layers = [*self._layers, *self._beyond.items()]
        for row in range(self._rows):
            there = [(code, drawn[row]) for code, drawn in layers if drawn[row]]
            if len(there) == 1:
                self._codes[row], dots = there[0]
                self._text[row] = dotted(packed(dots, self._cells))
            elif there:
                self._merge(row, there)

    def _merge(self, row: int, layers: Sequence[tuple[int, int]]) -> None:
        """Layers that share a row, with the code of each, the heaviest last."""
        everything = codes = 0
        for code, dots in layers:
            everything |= dots
            drawn = int.from_bytes(packed(dots, self._cells).translate(_DRAWN), "big")
            codes = codes & ~(drawn * 255) | drawn * code
        self._text[row] = dotted(packed(everything, self._cells))
        self._codes[row] = codes.to_bytes(self._cells, "big")

    def threshold(self, limit: float | None) -> None:
        """A dotted line through the cells that hold nothing."""
        if limit is None or not self._scale.low < limit <= self._scale.high:
            return
        row = self._rows - 1 - self._scale.level(limit, self._rows * 4) // 4
        self._codes[row] = self._codes_of(row).replace(b"\0", bytes((_THRESHOLD,)))
        self._text[row] = self._text[row].replace(" ", self._glyphs.threshold)

    def mark(self, cell: int | None, letter: str) -> None:
        """A line behind the data with its letter on top; in a chart of one row there is no room for the letter."""
        if cell is None:
            return
        for row in range(self._rows):
            if self._rows == 1 or self._codes_of(row)[cell] in (0, _THRESHOLD):
                self._put(row, cell, self._glyphs.mark, _MARK)
        if self._rows > 1 and len(letter) == 1 == text_width(letter):
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
        text, codes = self._text[row], self._codes_of(row)
        self._text[row] = f"{text[:cell]}{char}{text[cell + 1 :]}"
        self._codes[row] = b"%b%c%b" % (codes[:cell], code, codes[cell + 1 :])

    def _codes_of(self, row: int) -> bytes:
        """A code for each cell of the row."""
        codes = self._codes[row]
        if isinstance(codes, int):
            return bytes([0 if char == " " else codes for char in self._text[row]])
        return codes

    def lines(self) -> list[Line]:
        return [
            ((text, _ROLES[codes]),) if isinstance(codes, int) else _spans(text, codes)
            for text, codes in zip(self._text, self._codes, strict=True)
        ]


def _by_state(values: Sequence[float | None], limits: Limits) -> list[int]:
    """Masks of the columns within the thresholds, beyond the first and beyond the second."""
    sign, watch, bad = limits.turned()
    states = bytes(
        [0 if value is None else 2 if value * sign > bad else 1 if value * sign > watch else 0 for value in values]
    )
    return [int.from_bytes(states.translate(kind), "big") for kind in _KINDS]


def _spans(text: str, codes: bytes) -> Line:
    """Neighbouring cells of one meaning become one span; blanks join whatever stands beside them."""
    spans: list[Span] = []
    start = current = 0
    for cell, code in enumerate(codes):
        if code != current and code:
            if current:
                spans.append((text[start:cell], _ROLES[current]))
                start = cell
            current = code
    spans.append((text[start:], _ROLES[current]))
    return tuple(spans)
