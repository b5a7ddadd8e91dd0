"""Reads expositions, remembering every ``name{labels}`` it has seen: from the second scrape on, a line is one look-up.

Sample names are kept as they are written, which is what PromQL calls them; the official Python parser renames counters.
"""

from __future__ import annotations

from typing import NamedTuple

from perftui.domain.text import clean
from perftui.sources.scrape.bodies import ends, is_openmetrics, pieces
from perftui.sources.scrape.lines import check_exemplar, numbers, parse_key, parse_rest, timestamps
from perftui.sources.scrape.metadata import MAX_FAMILIES, Families
from perftui.sources.scrape.series import Labels, Series
from perftui.sources.turns import Steps

# what Prometheus asks for, so that names are those it would have
ACCEPT = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
_LINES = 128
_SPARE = 1_024
_MOST_COMMENTS = 3 * MAX_FAMILIES


class Exposition(NamedTuple):
    """One scrape: values by series, in the order of the text.

    ``times`` are the epoch seconds of samples that bring their own, ``exemplars`` their texts. ``duplicates`` counts
    samples of a series that came before (the first one counts); ``unended`` tells that the last line had no line feed
    and was left out, as it may be cut.
    """

    values: dict[Series, float]
    times: dict[Series, float]
    exemplars: dict[Series, str]
    openmetrics: bool
    duplicates: int
    unended: bool


class Parser:
    """Reads the expositions of one endpoint. What it remembers is bounded by twice what the last one held."""

    def __init__(self, max_series: int) -> None:
        self._max_series = max_series
        self._keys: dict[str, Series] = {}
        self._series: dict[tuple[str, Labels], Series] = {}
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        # the same series may be spelt in many ways: hostile ones are not all remembered
        self._most_keys = 2 * max_series + _SPARE
        self._comments: dict[str, None] = {}
        self._commented = 0
        self.families = Families()

    @property
    def remembered(self) -> int:
        """How many keys are remembered."""
        return len(self._keys)

    def read(self, body: bytes, content_type: str = "") -> Steps[Exposition]:
        """Parse a body. Raises ValueError that names the first line that is broken; nothing of it counts then."""
        openmetrics = is_openmetrics(body, content_type)
        unended = False
        if body and not body.endswith(b"\n") and not (openmetrics and body.endswith(b"# EOF")):
            body, unended = body[: body.rfind(b"\n") + 1], True
            if not body:
                raise ValueError("the answer ends within its first line: it is cut, or these are no metrics")
        if openmetrics and not ends(body):
            raise ValueError("the answer is cut: OpenMetrics ends with # EOF, this one does not")
        made = Exposition({}, {}, {}, openmetrics, 0, unended)
        if len(self._comments) > 2 * self._commented + _SPARE:
            self._comments.clear()
            self.families = Families()
        self._commented = 0
        first, duplicates = 1, 0
        for lines in pieces(body):
            for start in range(0, len(lines), _LINES):
                duplicates += self._take(lines[start : start + _LINES], first + start, made)
                yield
            first += len(lines)
        yield from self._forget(made.values)
        return made._replace(duplicates=duplicates)

    def _take(self, lines: list[str], first: int, made: Exposition) -> int:
        """Add some lines, of which the first has this number; how many samples were duplicates.

        A key that is remembered is a whole key, so a line that begins with it has no other.
        """
        keys = self._keys
        found: list[Series] = []
        texts: list[str] = []
        stamped: list[Series] = []
        stamps: list[str] = []
        for index, line in enumerate(lines):
            key, _, text = line.rpartition(" ")
            series = keys.get(key)
            if series is None:
                key, _, value = key.rpartition(" ")
                series = keys.get(key)
                if series is not None:
                    stamped.append(series)
                    stamps.append(text)
                    text = value
                elif self._is_comment(line):
                    continue
                else:
                    try:
                        series, text, stamp = self._uncommon(line, made)
                    except ValueError as error:
                        raise _broken(first + index, line, error) from None
                    if stamp:
                        stamped.append(series)
                        stamps.append(stamp)
            found.append(series)
            texts.append(text)
        try:
            values, times = numbers(texts), timestamps(stamps, made.openmetrics)
        except ValueError:
            found, values = self._carefully(lines, first, made)
            stamped, times = [], []
        for series, at in zip(stamped, times, strict=True):
            made.times.setdefault(series, at)
        return self._keep(found, values, made, first + len(lines) - 1)

    def _keep(self, found: list[Series], values: list[float], made: Exposition, last: int) -> int:
        fresh, held = dict(zip(found, values, strict=True)), made.values
        before = len(held)
        if len(fresh) == len(found) and held.keys().isdisjoint(fresh):
            held.update(fresh)
        else:
            for series, value in zip(found, values, strict=True):
                held.setdefault(series, value)
        if len(held) > self._max_series:
            raise ValueError(f"line {last}: there are more than {self._max_series} series (max_series)")
        return before + len(found) - len(held)

    def _uncommon(self, line: str, made: Exposition) -> tuple[Series, str, str]:
        """The series, the value's text and the time's (or nothing) of a line that is new, or has an exemplar."""
        if made.openmetrics:
            sample, _, exemplar = line.partition(" # ")
            key, _, text = sample.rpartition(" ")
            series = self._keys.get(key)
            if series is not None and exemplar:
                check_exemplar(exemplar)
                made.exemplars.setdefault(series, exemplar)
                return series, text, ""
        return self._unknown(line, made)

    def _unknown(self, line: str, made: Exposition) -> tuple[Series, str, str]:
        """A line of any shape, from its first character on."""
        name, labels, end = parse_key(line)
        series = self._intern(name, labels)
        if len(self._keys) < self._most_keys:
            self._keys[line[:end]] = series
        text, at, exemplar = parse_rest(line[end:], made.openmetrics)
        if exemplar:
            made.exemplars.setdefault(series, exemplar)
        return series, text, at

    def _is_comment(self, line: str) -> bool:
        """Whether a line is empty or begins with ``#``; what it tells of a metric is kept."""
        text = line.lstrip(" \t")
        if text and text[0] != "#":
            return False
        self._commented += 1
        if text and text not in self._comments:
            self._comment(text)
        return True

    def _intern(self, name: str, labels: Labels) -> Series:
        key = (name, labels)
        series = self._series.get(key)
        if series is None:
            pairs = self._pairs
            shared = tuple(pairs.setdefault(pair, pair) for pair in labels)
            series = self._series[(name, shared)] = Series(name, shared)
        return series

    def _comment(self, line: str) -> None:
        if len(self._comments) < _MOST_COMMENTS and self.families.add(line):
            self._comments[line] = None

    def _carefully(self, lines: list[str], first: int, made: Exposition) -> tuple[list[Series], list[float]]:
        """Read every line anew: one of them is broken, or has a tab where others have a space."""
        found: list[Series] = []
        values: list[float] = []
        for index, line in enumerate(lines):
            if self._is_comment(line):
                continue
            try:
                series, text, at = self._unknown(line, made)
                values += numbers([text])
                if at:
                    made.times.setdefault(series, timestamps([at], made.openmetrics)[0])
            except ValueError as error:
                raise _broken(first + index, line, error) from None
            found.append(series)
        return found, values

    def _forget(self, values: dict[Series, float]) -> Steps[None]:
        """Labels churn: what the last expositions no longer had is not kept for ever."""
        limit = 2 * len(values) + _SPARE
        if len(self._keys) <= limit and len(self._series) <= limit:
            return
        kept: dict[str, Series] = {}
        for index, (raw, series) in enumerate(self._keys.items()):
            if index % _SPARE == 0:
                yield
            if series in values and len(kept) < limit:
                kept[raw] = series
        known: dict[tuple[str, Labels], Series] = {}
        pairs: dict[tuple[str, str], tuple[str, str]] = {}
        for index, series in enumerate(values):
            if index % _SPARE == 0:
                yield
            known[(series.name, series.labels)] = series
            pairs.update((pair, pair) for pair in series.labels)
        # all at once: who gives up in between leaves everything as it was
        self._keys, self._series, self._pairs = kept, known, pairs


def _broken(number: int, line: str, error: ValueError) -> ValueError:
    return ValueError(f"line {number}: {error}: {clean(line.strip(), 80)}")
