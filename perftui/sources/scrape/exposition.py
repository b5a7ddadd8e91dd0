"""Reads expositions, remembering every ``name{labels}`` it has seen: from the second scrape on, a line is one look-up.

Sample names are kept as they are written, which is what PromQL calls them; the official Python parser renames counters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from perftui.domain.text import clean
from perftui.sources.scrape.lines import MAX_LINE, numbers, parse_key, parse_rest
from perftui.sources.scrape.metadata import Families
from perftui.sources.scrape.series import Labels, Series
from perftui.sources.scrape.turns import Steps

# what Prometheus asks for, so that names are those it would have
ACCEPT = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
_PIECE = 65_536
_LINES = 128
_SPARE = 1_024


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
        self._comments: dict[str, None] = {}
        self.families = Families()

    @property
    def remembered(self) -> int:
        """How many keys are remembered."""
        return len(self._keys)

    def read(self, body: bytes, content_type: str = "") -> Steps[Exposition]:
        """Parse a body. Raises ValueError that names the first line that is broken; nothing of it counts then."""
        openmetrics = _openmetrics(body, content_type)
        unended = False
        if body and not body.endswith(b"\n") and not (openmetrics and body.endswith(b"# EOF")):
            body, unended = body[: body.rfind(b"\n") + 1], True
            if not body:
                raise ValueError("the answer ends within its first line: it is cut, or these are no metrics")
        if openmetrics and not _ends(body):
            raise ValueError("the answer is cut: OpenMetrics ends with # EOF, this one does not")
        made = Exposition({}, {}, {}, openmetrics, 0, unended)
        first, duplicates = 1, 0
        for lines in _pieces(body):
            for start in range(0, len(lines), _LINES):
                duplicates += self._take(lines[start : start + _LINES], first + start, made)
                yield
            first += len(lines)
        yield from self._forget(made.values)
        return made._replace(duplicates=duplicates)

    def _take(self, lines: list[str], first: int, made: Exposition) -> int:
        """Add some lines, of which the first has this number; how many samples were duplicates."""
        keys, comments = self._keys, self._comments
        found: list[Series] = []
        texts: list[str] = []
        for index, line in enumerate(lines):
            key, _, text = line.rpartition(" ")
            series = keys.get(key)
            if series is None:
                if not line or line[0] == "#":
                    if line and line not in comments:
                        self._comment(line)
                    continue
                if not line.strip():
                    continue
                try:
                    series, text = self._uncommon(line, made)
                except ValueError as error:
                    raise _broken(first + index, line, error) from None
            found.append(series)
            texts.append(text)
        try:
            values = numbers(texts)
        except ValueError:
            raise self._first_broken(lines, first, made) from None
        return self._keep(found, values, made, first + len(lines) - 1)

    def _keep(self, found: list[Series], values: list[float], made: Exposition, last: int) -> int:
        fresh, held = dict(zip(found, values, strict=True)), made.values
        if len(held) + len(fresh) > self._max_series:
            raise ValueError(f"line {last}: there are more than {self._max_series} series (max_series)")
        if len(fresh) == len(found) and held.keys().isdisjoint(fresh):
            held.update(fresh)
            return 0
        before = len(held)
        for series, value in zip(found, values, strict=True):
            held.setdefault(series, value)
        return before + len(found) - len(held)

    def _uncommon(self, line: str, made: Exposition) -> tuple[Series, str]:
        """A line that is new, or has more than a key, one space and a value."""
        mark = line.find(" # ") if made.openmetrics else -1
        close = line.rfind("}", 0, mark) if mark >= 0 else line.rfind("}")
        raw = line[: close + 1] if close >= 0 else line.split(None, 1)[0]
        series = self._keys.get(raw) if line.startswith(raw) else None
        if series is None:
            name, labels, end = parse_key(line)
            raw = line[:end]
            series = self._intern(name, labels)
            self._keys[raw] = series
        text, at, exemplar = parse_rest(line[len(raw) :], made.openmetrics)
        if at is not None:
            made.times.setdefault(series, at)
        if exemplar:
            made.exemplars.setdefault(series, exemplar)
        return series, text

    def _intern(self, name: str, labels: Labels) -> Series:
        key = (name, labels)
        series = self._series.get(key)
        if series is None:
            pairs = self._pairs
            shared = tuple(pairs.setdefault(pair, pair) for pair in labels)
            series = self._series[(name, shared)] = Series(name, shared)
        return series

    def _comment(self, line: str) -> None:
        self._comments[line] = None
        self.families.add(line)

    def _first_broken(self, lines: list[str], first: int, made: Exposition) -> ValueError:
        """The error of the first line whose value is no number."""
        for index, line in enumerate(lines):
            if line.strip() and not line.startswith("#"):
                try:
                    numbers([self._uncommon(line, made)[1]])
                except ValueError as error:
                    return _broken(first + index, line, error)
        raise AssertionError("a value was broken, and then it was not")

    def _forget(self, values: dict[Series, float]) -> Steps[None]:
        """Labels churn: what the last expositions no longer had is not kept for ever."""
        limit = 2 * len(values) + _SPARE
        if len(self._comments) > limit:
            self._comments.clear()
            self.families = Families()
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


def _openmetrics(body: bytes, content_type: str) -> bool:
    """Which format it is: by the content type, else by how it ends. Raises ValueError for what is neither."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/openmetrics-text":
        return True
    if "protobuf" in kind:
        raise ValueError("it answers in protocol buffers, which nobody asked for")
    head = body[:64].lstrip()
    if head.startswith(b"<"):
        raise ValueError("it answers with a web page, not with metrics: is the URL right?")
    if head.startswith((b"{", b"[")):
        raise ValueError("it answers with JSON, not with metrics: is the URL right?")
    return kind != "text/plain" and _ends(body)


def _ends(body: bytes) -> bool:
    return body[-8:].rstrip(b"\n").endswith(b"# EOF")


def _pieces(body: bytes) -> Iterator[list[str]]:
    """The lines of a body, some 64 KiB at a time."""
    start, line = 0, 1
    while start < len(body):
        end = body.rfind(b"\n", start, start + _PIECE) + 1
        if end == 0:
            end = len(body)
            if end - start > MAX_LINE:
                raise ValueError(f"line {line}: it has more than {MAX_LINE} characters")
        try:
            lines = body[start:end].decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise ValueError(f"line {line + body.count(10, start, start + error.start)}: it is not UTF-8") from None
        if not lines[-1]:
            lines.pop()
        yield lines
        line += len(lines)
        start = end


def _broken(number: int, line: str, error: ValueError) -> ValueError:
    return ValueError(f"line {number}: {error}: {clean(line.strip(), 80)}")
