"""What the last scrape said, and the history of those series that somebody's window needs; everything bounded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from perftui.sources.scrape.exposition import Exposition
from perftui.sources.scrape.promql.tree import Picker
from perftui.sources.scrape.rings import Ring
from perftui.sources.scrape.series import NAME, Labels, Series
from perftui.sources.turns import Steps, finish

MAX_RINGS = 20_000
MAX_SAMPLES = 1_000_000
# Prometheus looks this far back for samples that bring their own time; a little ahead of us is a clock that is off
LOOK_BACK_S = 300.0
AHEAD_S = 60.0
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
        self._gone = self._anew = self._unfinished = False
        self._wanted: tuple[Window, ...] = ()
        self.refused: dict[Window, str] = {}

    @property
    def rings(self) -> int:
        """How many series have a history."""
        return len(self._rings)

    def want(self, windows: Iterable[Window]) -> None:
        """The windows that are cut from the next scrape on; the history of what nobody wants is forgotten then."""
        self._wanted = tuple(dict.fromkeys(windows))

    def forget(self) -> None:
        """Begin a new history with the next scrape: the clock was set, so the times of what is held mean nothing."""
        self._anew = True

    def take(self, at: float, scrape: Exposition) -> Steps[None]:
        """Take a scrape of this moment, which is later than that of the last one. Who gives up in between loses that
        scrape's part in the history, and nothing else.
        """
        values = scrape.values
        changed = self._unfinished or values.keys() != self.values.keys()
        self._unfinished = True
        self.at, self.values, self.times = at, values, scrape.times
        if changed:
            yield from self._index()
        rearranged = self._rearrange()
        if changed or rearranged or self._gone:
            yield from self._retouch()
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
        self._unfinished = False

    def _rearrange(self) -> bool:
        """Do what was asked for since the last scrape; false when that was nothing."""
        wanted = self._wanted
        if not self._anew and wanted == tuple(self._windows):
            return False
        if self._anew:
            self._anew = False
            self._rings, self._windows, self._since = {}, {}, {}
            self._scrapes = Ring(0.0)
        self._since = {window: self._since.get(window) for window in wanted}
        self._windows = {window: self._windows.get(window, {}) for window in wanted}
        self._scrapes.keep_s = max((length for _, length in wanted), default=0.0) + 2 * self._interval_s
        return True

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
        return finish(self.pick(picker)) if found is None else found

    def pick(self, picker: Picker) -> Steps[Sequence[Series]]:
        """As ``picked``, in turns."""
        found = self._picked.get(picker)
        if found is None:
            found = self.names.get(picker.name, ()) if picker.name and not picker.matchers else None
            if found is None:
                found = yield from self._matching(picker)
            self._picked[picker] = found
        return found

    def _matching(self, picker: Picker) -> Steps[Sequence[Series]]:
        by_name = [matcher for matcher in picker.matchers if matcher.label == NAME]
        others = [matcher for matcher in picker.matchers if matcher.label != NAME]
        names = (picker.name,) if picker.name else self.names
        found: list[Series] = []
        seen = 0
        for name in names:
            if not all(matcher.matches(name) for matcher in by_name):
                continue
            for series in self.names.get(name, ()):
                if seen % _TURN == 0:
                    yield
                seen += 1
                if all(matcher.matches(series.label(matcher.label)) for matcher in others):
                    found.append(series)
        return found

    def newest(self, picker: Picker) -> Sequence[Series]:
        """The series that a selector picks and that have a value now: own times that are too old are none."""
        found = self.picked(picker)
        times = self.times
        if not times:
            return found
        oldest, youngest = self.at - LOOK_BACK_S, self.at + AHEAD_S
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

    def _retouch(self) -> Steps[None]:
        """See to it that what windows pick has rings, as long as there is room; rings that nothing fills go."""
        self.refused.clear()
        samples = self._max_samples
        live: dict[tuple[str, Labels], Ring] = {}
        self._gone = False
        for window, held in self._windows.items():
            picker, length = window
            picked = yield from self.pick(picker)
            samples -= round(len(picked) * (length / self._interval_s + 1))
            if samples < 0 or len(live) + len(picked) > self._max_rings:
                self.refused[window] = self._no_room(len(picked), length)
                held.clear()
                continue
            yield from self._revive(picked, length, held, live)
        self._rings = live

    def _revive(
        self,
        picked: Sequence[Series],
        length: float,
        held: dict[tuple[str, Labels], tuple[Series, Ring]],
        live: dict[tuple[str, Labels], Ring],
    ) -> Steps[None]:
        current: set[tuple[str, Labels]] = set()
        for index, series in enumerate(picked):
            if index % _TURN == 0:
                yield
            key = (series.name, series.labels)
            current.add(key)
            ring = live.get(key)
            if ring is None:
                ring = live[key] = self._rings.get(key) or Ring(length)
                ring.keep_s = length
            ring.keep_s = max(length, ring.keep_s)
            held[key] = (series, ring)
        for index, (key, (_, ring)) in enumerate(list(held.items())):
            if index % _TURN == 0:
                yield
            if key in current:
                continue
            if not ring.times or ring.times[-1] <= self.at - length:
                del held[key]
            else:
                live.setdefault(key, ring)
                self._gone = True

    def _no_room(self, series: int, length: float) -> str:
        return (
            f"it needs the last {length:g} s of {series} series, more than is kept "
            f"({self._max_rings} series, {self._max_samples} samples): choose fewer series or a shorter window"
        )


def first_sample(ring: Ring, start: float, inclusive: bool) -> int:
    """The index of a window's first sample."""
    return bisect_left(ring.times, start) if inclusive else ring.since(start)
