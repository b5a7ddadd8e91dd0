"""What the last scrape said, and the history of those series that somebody's window needs; everything bounded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from perftui.sources.scrape.exposition import Exposition
from perftui.sources.scrape.promql.tree import Picker
from perftui.sources.scrape.rings import Ring
from perftui.sources.scrape.series import NAME, Labels, Series
from perftui.sources.scrape.turns import Steps

MAX_RINGS = 20_000
MAX_SAMPLES = 1_000_000
# Prometheus looks this far back for samples that bring their own time; a little ahead of us is a clock that is off
_LOOK_BACK_S = 300.0
_AHEAD_S = 60.0
_TURN = 512
_MISSED = 1.5

Window = tuple[Picker, float]


class Samples:
    """``interval_s`` is the time between scrapes. Times are handed in, and only go forward."""

    def __init__(self, interval_s: float, max_rings: int = MAX_RINGS, max_samples: int = MAX_SAMPLES) -> None:
        self._interval_s, self._max_rings, self._max_samples = interval_s, max_rings, max_samples
        self.at = 0.0
        self.values: dict[Series, float] = {}
        self.times: dict[Series, float] = {}
        self.names: dict[str, list[Series]] = {}
        self.names_version = 0
        self._picked: dict[Picker, Sequence[Series]] = {}
        self._rings: dict[tuple[str, Labels], Ring] = {}
        self._windows: dict[Window, dict[tuple[str, Labels], tuple[Series, Ring]]] = {}
        self._since: dict[Window, float | None] = {}
        self._scrapes = Ring(0.0)
        self._gone = False
        self.refused: dict[Window, str] = {}

    @property
    def rings(self) -> int:
        """How many series have a history."""
        return len(self._rings)

    def want(self, windows: Iterable[Window]) -> None:
        """The windows that are cut from now on; the history of what nobody wants is forgotten."""
        wanted = dict.fromkeys(windows)
        self._since = {window: self._since.get(window) for window in wanted}
        self._windows = {window: self._windows.get(window, {}) for window in wanted}
        self._scrapes.keep_s = max((length for _, length in wanted), default=0.0) + 2 * self._interval_s
        self._retouch()

    def forget(self) -> None:
        """Begin a new history: the clock was set, so the times of what is held mean nothing."""
        self._rings.clear()
        self._windows = {window: {} for window in self._windows}
        self._since = dict.fromkeys(self._since)
        self._scrapes = Ring(self._scrapes.keep_s)
        self._retouch()

    def take(self, at: float, scrape: Exposition) -> Steps[None]:
        """Take a scrape of this moment; one that is not newer than the last one changes no history."""
        values = scrape.values
        changed = values.keys() != self.values.keys()
        self.at, self.values, self.times = at, values, scrape.times
        if changed:
            yield from self._index()
        if changed or self._gone:
            self._retouch()
        yield
        self._scrapes.add(at, 1.0)
        times = scrape.times
        for window, rings in self._windows.items():
            if self._since[window] is None:
                self._since[window] = at
            for index, (series, ring) in enumerate(rings.values()):
                if index % _TURN == 0:
                    yield
                value = values.get(series)
                if value is not None:
                    # nothing is from the future, whatever clock an endpoint goes by
                    ring.add(min(times.get(series, at), at) if times else at, value)

    def _index(self) -> Steps[None]:
        names: dict[str, list[Series]] = {}
        for index, series in enumerate(self.values):
            if index % _TURN == 0:
                yield
            held = names.get(series.name)
            if held is None:
                names[series.name] = [series]
            else:
                held.append(series)
        if names.keys() != self.names.keys():
            self.names_version += 1
        self.names = names
        self._picked.clear()

    def picked(self, picker: Picker) -> Sequence[Series]:
        """The series of the last scrape that a selector picks."""
        found = self._picked.get(picker)
        if found is None:
            found = self._pick(picker)
            self._picked[picker] = found
        return found

    def _pick(self, picker: Picker) -> Sequence[Series]:
        if picker.name:
            candidates: Sequence[Series] = self.names.get(picker.name, ())
        else:
            by_name = [matcher for matcher in picker.matchers if matcher.label == NAME]
            candidates = [
                series
                for name, held in self.names.items()
                if all(matcher.matches(name) for matcher in by_name)
                for series in held
            ]
        if not picker.matchers:
            return candidates
        return [series for series in candidates if all(m.matches(series.label(m.label)) for m in picker.matchers)]

    def newest(self, picker: Picker) -> Sequence[Series]:
        """The series that a selector picks and that have a value now: own times that are too old are none."""
        found = self.picked(picker)
        times = self.times
        if not times:
            return found
        oldest, youngest = self.at - _LOOK_BACK_S, self.at + _AHEAD_S
        return [series for series in found if oldest < times.get(series, self.at) <= youngest]

    def window(self, window: Window) -> Iterable[tuple[Series, Ring]]:
        """Series and rings that a window is cut from; the rings may be empty, or hold less than the window."""
        return self._windows.get(window, {}).values()

    def start(self, window: Window) -> tuple[float, bool]:
        """Where a window begins, and whether a sample at that very moment is part of it.

        A window ends now. It begins when perftui began to look, if that was later than its length says: a rate over
        time that nobody watched would be too low.
        """
        horizon = self.at - window[1]
        since = self._since.get(window)
        scrapes = self._scrapes.times
        first = self._scrapes.since(horizon)
        seen = scrapes[first] if first < len(scrapes) else self.at
        if since is not None and since > seen:
            seen = since
        missed = seen - horizon > _MISSED * self._interval_s
        return (seen, True) if missed else (horizon, False)

    def _retouch(self) -> None:
        """See to it that what windows pick has rings, as long as there is room; rings that nothing fills go."""
        self.refused.clear()
        room, samples = self._max_rings, self._max_samples
        live: dict[tuple[str, Labels], Ring] = {}
        self._gone = False
        for window, held in self._windows.items():
            picker, length = window
            picked = self.picked(picker)
            samples -= round(len(picked) * (length / self._interval_s + 1))
            if samples < 0 or len(live) + len(picked) > room:
                self.refused[window] = self._no_room(len(picked), length)
                held.clear()
                continue
            current = {(series.name, series.labels): series for series in picked}
            for key, (_, ring) in list(held.items()):
                if key not in current:
                    if not ring.times or ring.times[-1] <= self.at - length:
                        del held[key]
                    else:
                        live[key] = ring
                        self._gone = True
            for key, series in current.items():
                ring = live.get(key) or self._rings.get(key) or Ring(length)
                ring.keep_s = max(length, ring.keep_s) if key in live else length
                live[key] = ring
                held[key] = (series, ring)
        self._rings = live

    def _no_room(self, series: int, length: float) -> str:
        return (
            f"it needs the last {length:g} s of {series} series, more than is kept "
            f"({self._max_rings} series, {self._max_samples} samples): choose fewer series or a shorter window"
        )


def first_sample(ring: Ring, start: float, inclusive: bool) -> int:
    """The index of a window's first sample."""
    return bisect_left(ring.times, start) if inclusive else ring.since(start)
