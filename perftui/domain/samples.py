"""What sources deliver and what panels show: batches of samples, and windows of buckets."""

from __future__ import annotations

from typing import Any

import msgspec

from perftui.domain.alerts import Alert
from perftui.domain.health import SourceError
from perftui.domain.triage import Silence
from perftui.domain.units import Unit
from perftui.domain.workflow import Event


class Batch(msgspec.Struct, frozen=True):
    """One poll of one source: either values, or the reason why there are none.

    ``values`` maps series ids to values in base units; a value that could not be read is absent, never 0.
    ``tables`` maps a table name to its rows (whole; the session makes diffs of them). ``alerts`` are all that the
    source itself holds, None when it was not asked this time. ``past`` are samples of earlier moments, by series.
    ``silences`` are all that an Alertmanager holds, None when it was not asked this time.
    ``events`` are what happened in workflows since the poll before, in the order in which they were read.
    """

    source: str
    at: float
    took_s: float
    values: dict[str, float] = {}
    tables: dict[str, tuple[Any, ...]] = {}
    error: SourceError | None = None
    alerts: tuple[Alert, ...] | None = None
    past: dict[str, tuple[tuple[float, float], ...]] = {}
    events: tuple[Event, ...] = ()
    silences: tuple[Silence, ...] | None = None


class SeriesInfo(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a series besides its values."""

    series: str
    unit: Unit
    interval_s: float
    help: str = ""


class SeriesWindow(msgspec.Struct, frozen=True, array_like=True):
    """One series cut into equal buckets: mean, lowest and highest per bucket, None where nothing was measured.

    The three tuples have equal length. ``last`` is the newest sample at or before the window's end, with its time.
    """

    series: str
    mean: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    last: float | None = None
    last_at: float | None = None


class Window(msgspec.Struct, frozen=True, array_like=True):
    """Buckets of several series on one time axis; bucket i covers ``[start + i*step_s, start + (i+1)*step_s)``.

    ``start`` is a whole multiple of ``step_s``; times are epoch seconds. The last bucket may still be filling.
    """

    start: float
    step_s: float
    cells: int
    series: tuple[SeriesWindow, ...] = ()

    @property
    def end(self) -> float:
        """The end of the last bucket."""
        return self.start + self.step_s * self.cells
