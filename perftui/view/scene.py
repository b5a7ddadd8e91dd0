"""What a picture is drawn from: the mirrored state, the configuration, and the moment that is shown."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TypeVar

from perftui.config.schema import Config, Panel
from perftui.domain.health import SourceState
from perftui.domain.queries import is_derived
from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import parse_series
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.view.chart import chart
from perftui.view.glyphs import GlyphSet
from perftui.view.kept import Kept
from perftui.view.marks import Mark, marks_of
from perftui.view.sweep import SCROLL, SWEEP, Scrolling
from perftui.view.text import Line

T = TypeVar("T")


class Mode(Enum):
    """``LIVE`` moves with the clock, ``FROZEN`` shows the moment it was frozen, ``PAST`` a window further back."""

    LIVE = "LIVE"
    FROZEN = "FROZEN"
    PAST = "PAST"


@dataclass(frozen=True)
class Scene:
    """Everything a picture may know. Times are epoch seconds; ``end`` is the right edge of every time axis.

    ``clock_text`` writes a time as the user's wall clock shows it; ``cursor`` is the time whose values are read out.
    ``sweep`` has the newest value walk over time axes that stand still, while they are live.
    ``draw_chart`` draws big charts as ``chart`` does, ``bullets`` are what its series are named by in legends.
    ``kept`` holds panels, and what their series are called, from drawing to drawing; without it all is made anew.
    """

    mirror: Mirror
    config: Config
    glyphs: GlyphSet
    now: float
    end: float
    span_s: float
    clock_text: Callable[[float], str]
    offset_text: str = ""
    mode: Mode = Mode.LIVE
    cursor: float | None = None
    banner: str = ""
    sweep: bool = False
    draw_chart: Callable[..., tuple[Line, ...]] = chart
    bullets: Mapping[Role, str] = field(default_factory=dict)
    kept: Kept | None = None

    @property
    def start(self) -> float:
        return self.end - self.span_s

    @property
    def placing(self) -> Scrolling:
        """How times stand on time axes; what is frozen or past does not move, so it stands as usual."""
        return SWEEP if self.sweep and self.mode is Mode.LIVE else SCROLL

    @property
    def axis_clock(self) -> Callable[[float], str] | None:
        """What labels time axes: times of day, or ages where None."""
        return None if self.mode is Mode.LIVE and not self.sweep else self.clock_text

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What was noted in workflows, oldest first."""
        return marks_of(self.mirror)

    @cached_property
    def has_failures(self) -> bool:
        """Whether a source fails."""
        return any(one.state is SourceState.FAILED for one in self.mirror.sources)

    def window(self, name: str) -> Window | None:
        return self.mirror.windows.get(name)

    @cached_property
    def moment(self) -> tuple[object, ...]:
        """All that pictures depend on but the clock: while it is equal, only what shows ages until ``now`` changes."""
        # tables count their changes; windows are looked at panel by panel, as they go without an Update
        tables = tuple((table, table.version) for table in self.mirror.tables.values())
        return (
            (self.mirror, self.mirror.version, self.config, self.glyphs),
            (self.end, self.span_s, self.mode, self.cursor, self.sweep),
            (self.clock_text, self.draw_chart, self.bullets, tables),
        )

    def unit(self, series: str, panel: Panel) -> Unit:
        """The unit the session knows, else what the panel says.

        Of an expression's result the session only guesses it, and a scale may have made another of it.
        """
        info = self.mirror.catalogue.get(series)
        known = Unit.NONE if info is None else info.unit
        guessed = panel.scale != 1.0 or is_derived(parse_series(series).name)
        return panel.unit if known is Unit.NONE or (guessed and panel.unit is not Unit.NONE) else known

    def value_at(self, series: SeriesWindow, window: Window) -> float | None:
        """The value under the cursor when there is one, else the newest; None where nothing was measured."""
        if self.cursor is None:
            return None if self.is_stale(series) else series.last
        index = int((self.cursor - window.start) // window.step_s)
        return series.mean[index] if 0 <= index < len(series.mean) else None

    def age_s(self, series: SeriesWindow) -> float | None:
        """Seconds from the newest sample to the right edge; None when there is no sample."""
        return None if series.last_at is None else max(0.0, self.end - series.last_at)

    def is_stale(self, series: SeriesWindow) -> bool:
        """Whether the newest sample is older than three of its intervals (at least 5 s)."""
        age = self.age_s(series)
        return age is None or age > self.patience_s(series.series)

    def patience_s(self, series: str) -> float:
        """The age from which on a series is stale."""
        info = self.mirror.catalogue.get(series)
        return max(5.0, 3 * (info.interval_s if info else 1.0))

    def keep(self, name: Hashable, made_of: tuple[object, ...], make: Callable[[], T]) -> T:
        """What ``make`` gave for equal parts; made anew where nothing is kept."""
        return make() if self.kept is None else self.kept.get(name, made_of, make)
