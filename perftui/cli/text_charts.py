"""Line charts of text snapshots, drawn by plotext: there are no colours, so curves are told apart by their characters.

plotext is imported with the first chart: it takes 60 ms, and no other command needs it. Scale, thresholds and the ticks
of the time axis are the console's own; times are those of the day, as a text is read later than it was drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit, format_value
from perftui.view.chart import chart
from perftui.view.glyphs import GlyphSet
from perftui.view.scale import Limits, Scale, scale
from perftui.view.sweep import SCROLL, Scrolling
from perftui.view.text import Line, left, text_width
from perftui.view.time_axis import tick_marks

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_ASCII_FRAME = str.maketrans("┤│└┬┴├─", "||+++|-")
_MIN_WIDTH, _MIN_HEIGHT = 12, 3
# below it the time axis would take half of the room
_TIME_MIN_HEIGHT = 6
_TALL = 15
# the first curve has the finest dots that there are
_BRAILLE = "braille"
_UTF8_MARKERS, _ASCII_MARKERS = "⠶•+×o#*%", "*+xo#%@&"


class TextCharts:
    """Draws as ``view.chart.chart`` does; ``markers`` are what the legend shows before the names of series, by role."""

    def __init__(self, glyphs: GlyphSet, clock_text: Callable[[float], str]) -> None:
        self._clock_text = clock_text
        known = _UTF8_MARKERS if glyphs.braille else _ASCII_MARKERS
        self.markers = {role: known[place % len(known)] for place, role in enumerate(SERIES_ROLES)}

    def __call__(
        self,
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
        """Exactly ``height`` lines of ``width`` cells.

        The console's own chart where that is too little for axes, or what only a console asks for is to be drawn.
        """
        if width < _MIN_WIDTH or height < _MIN_HEIGHT or not axis or cursor is not None or behind is not None:
            return chart(
                window, start=start, end=end, width=width, height=height, unit=unit, glyphs=glyphs, watch=watch,
                bad=bad, above=above, top=top, roles=roles, cursor=cursor, marks=marks, axis=axis,
                clock_text=clock_text, behind=behind, placing=placing,
            )  # fmt: skip
        import plotext

        values = scale(window.series, unit, Limits(watch, bad, above), top)
        self._axes(values, unit, start, end, width, height)
        # axes are labelled only where something is drawn; what is drawn later covers what was drawn before it
        plotext.plot([start, end], [values.low, values.low], marker=" ")
        limit = watch if bad is None else bad
        if limit is not None and values.low < limit <= values.high:
            plotext.plot([start, end], [limit, limit], marker=glyphs.threshold)
        for at, _ in marks:
            plotext.plot([at, at], [values.low, values.high], marker=glyphs.mark)
        self._lines_of(window, start, end, values, roles, glyphs)
        for at, letter in marks:
            plotext.text(letter, at, values.high)
        return _lines(plotext.build(), width, height, glyphs)

    def _lines_of(
        self, window: Window, start: float, end: float, values: Scale, roles: Sequence[Role], glyphs: GlyphSet
    ) -> None:
        """The first series last, over the others."""
        import plotext

        for place in reversed(range(len(window.series))):
            role = roles[place % len(roles)] if roles else SERIES_ROLES[0]
            times, heights = _points(window, window.series[place], start, end, values)
            if any(not math.isnan(one) for one in heights):
                plotext.plot(times, heights, marker=self._marker(role, glyphs))

    def _axes(self, values: Scale, unit: Unit, start: float, end: float, width: int, height: int) -> None:
        """An empty chart of that size with values at its left, and times below it where there is room."""
        import plotext

        labels = _value_labels(values, unit, height)
        plotext.clf()
        plotext.limit_size(False, False)
        plotext.plotsize(width, height)
        plotext.theme("clear")
        plotext.xlim(start, end)
        plotext.ylim(values.low, values.high)
        timed = height >= _TIME_MIN_HEIGHT
        plotext.xaxes(timed, False)
        plotext.yaxes(True, False)
        plotext.yticks([value for value, _ in labels], [label for _, label in labels])
        room = max(1, width - 1 - max(text_width(label) for _, label in labels))
        places = self._ticks(start, end, room) if timed else ()
        ticks = [(start + (cell + 0.5) / room * (end - start), text) for cell, text in places]
        plotext.xticks([at for at, _ in ticks], [text for _, text in ticks])

    def _ticks(self, start: float, end: float, room: int) -> tuple[tuple[int, str], ...]:
        return tuple(tick for tick in tick_marks(start, end, room, self._clock_text) if tick[0] < room)

    def _marker(self, role: Role, glyphs: GlyphSet) -> str:
        marker = self.markers.get(role, "+")
        return _BRAILLE if glyphs.braille and marker == _UTF8_MARKERS[0] else marker


def _value_labels(values: Scale, unit: Unit, height: int) -> list[tuple[float, str]]:
    # a scale ends at 1, 2, 2.5 or 5 of a power of ten, or of two
    parts = 2 if height < _TALL else 4 if unit is Unit.BYTES else 5
    steps = [values.low + (values.high - values.low) * part / parts for part in range(parts + 1)]
    return [(value, format_value(value, unit)) for value in steps]


def _points(
    window: Window, series: SeriesWindow, start: float, end: float, values: Scale
) -> tuple[list[float], list[float]]:
    """Middles of buckets with their means; a gap is not a number, what no axis holds stands at its edge."""
    times, heights = [], []
    for place, mean in enumerate(series.mean):
        at = window.start + (place + 0.5) * window.step_s
        if start <= at <= end:
            times.append(at)
            missing = mean is None or math.isnan(mean)
            heights.append(math.nan if missing else min(max(mean or 0.0, values.low), values.high))
    return times, heights


def _lines(built: str, width: int, height: int, glyphs: GlyphSet) -> tuple[Line, ...]:
    rows = [*_ANSI.sub("", built).split("\n"), *[""] * height][:height]
    rows = rows if glyphs.braille else [row.translate(_ASCII_FRAME) for row in rows]
    return tuple(((left(row, width, glyphs.ellipsis), Role.TEXT),) for row in rows)
